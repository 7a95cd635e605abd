import * as z from 'zod'

export const BACKUP_FORMAT = 1
export const MANIFEST_NAME = 'manifest.json'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** The last file of an archive: an archive without it was never finished. */
export const Manifest = z.object({
  format: z.literal(BACKUP_FORMAT),
  created_at: z.iso.datetime(),
  store: z.enum(['embedded', 'server']),
  /** The shape of the tables: a restore makes the same before it fills them. */
  migrations: z.array(z.string()).min(1),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()), rows: z.number().int(), sha256: Sha256 })),
  sequences: z.array(z.object({ table: z.string(), column: z.string(), last: z.number().int() })),
  files: z.array(z.object({ key: z.string(), size: z.number().int(), sha256: Sha256 })),
  /** Files that were not what their rows say already before the backup: kept as they are. */
  differing: z.array(z.object({ key: z.string(), expected: z.string(), found: z.string().nullable() })),
})

export type Manifest = z.infer<typeof Manifest>

/** `store/data_pipeline_tasks/000001.jsonl`: a page of a table's rows. */
export function pageName(table: string, page: number): string {
  return `store/${table}/${String(page).padStart(6, '0')}.jsonl`
}

/** Where in an archive a file of the tasks lies. */
export function fileName(key: string): string {
  return `files/${key}`
}

/** What an entry of an archive is; null for one that no backup writes. */
export function entryOf(name: string): { readonly table: string } | { readonly key: string } | 'manifest' | null {
  if (name === MANIFEST_NAME) return 'manifest'
  const page = /^store\/([a-z0-9_]+)\/\d{6,}\.jsonl$/.exec(name)
  if (page !== null) return { table: page[1] ?? '' }
  const file = /^files\/(.+)$/s.exec(name)
  return file === null ? null : { key: file[1] ?? '' }
}
