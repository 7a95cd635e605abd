import type { Clock } from '../../shared/platform/clock.ts'
import type { FileInfo, Files } from '../../shared/platform/files.ts'
import type { Queryable, Store } from '../../shared/platform/store.ts'
import { type ArchiveWriter, writeArchive } from './archive-writer.ts'
import { BACKUP_FORMAT, fileName, MANIFEST_NAME, type Manifest, pageName } from './manifest.ts'
import { FAITHFUL, type RowsDigest, readRows } from './store-rows.ts'
import { readMigrations, readSequences, readTables } from './store-tables.ts'

export interface BackupWorld {
  readonly store: Store
  readonly files: Files
  readonly clock: Clock
}

const SNAPSHOTS_MAX = 5 // each means that a file was replaced between two looks, a few milliseconds apart

// One state of the store for all tables, which nothing is waited for and nobody waits for. The pause between two
// statements of it is as long as a slow disk needs; the limit that every other transaction has would end it.
const SNAPSHOT = [
  'set transaction isolation level repeatable read, read only',
  `set local idle_in_transaction_session_timeout = '10min'`,
  ...FAITHFUL,
]

const READ_HASHES = `
  select task_id, file_name, content_hash
    from data_pipeline_task_outputs
   where content_hash is not null
   order by id`

const READ_HASH = `
  select content_hash
    from data_pipeline_task_outputs
   where task_id = $1
     and file_name = $2`

interface OutputHash {
  task_id: string
  file_name: string
  content_hash: string
}

type CopiedFile = Manifest['files'][number]
type Differing = Manifest['differing'][number]

/**
 * Writes the store and the files into one archive at `path`, while everything may go on. The rows are those of one
 * moment, and each file that a row names by its hash is of that moment too: one that was replaced meanwhile is copied
 * again, or the moment is chosen anew.
 * @throws {Problem} `store_unavailable`, `files_unavailable`
 */
export async function takeBackup(world: BackupWorld, path: string): Promise<Manifest> {
  const archive = await writeArchive(path)
  try {
    const copied = await copyFiles(world.files, archive)
    const manifest = await copyStore(world, archive, copied)
    await archive.add(MANIFEST_NAME, `${JSON.stringify(manifest, null, 2)}\n`)
    await archive.finish()
    return manifest
  } catch (error) {
    await archive.discard()
    throw error
  }
}

async function copyFiles(files: Files, archive: ArchiveWriter): Promise<Map<string, CopiedFile>> {
  const copied = new Map<string, CopiedFile>()
  let cursor: string | null = null
  do {
    const page: { files: readonly FileInfo[]; cursor: string | null } = await files.list(
      '',
      cursor === null ? {} : { cursor },
    )
    for (const { key } of page.files) {
      const file = await copyFile(files, archive, key)
      if (file !== null) copied.set(key, file)
    }
    cursor = page.cursor
  } while (cursor !== null)
  return copied
}

/** @returns null where it is gone */
async function copyFile(files: Files, archive: ArchiveWriter, key: string): Promise<CopiedFile | null> {
  const found = await files.get(key)
  if (found === null) return null
  const sha256 = await archive.addStream(fileName(key), found.size, found.body)
  return { key, size: found.size, sha256 }
}

async function copyStore(
  { store, files, clock }: BackupWorld,
  archive: ArchiveWriter,
  copied: Map<string, CopiedFile>,
): Promise<Manifest> {
  for (let snapshot = 1; ; snapshot++) {
    const manifest = await store.transaction(async (tx) => {
      for (const statement of SNAPSHOT) await tx.query(statement)
      const createdAt = clock.now()
      const { rows } = await tx.query<OutputHash>(READ_HASHES)
      const differing = await copyAgain(rows, files, archive, copied)
      // Of a second store's connection, so that it sees what has been committed since; the embedded one has none.
      const isOld = store.kind === 'server' && snapshot < SNAPSHOTS_MAX && (await haveMoved(store, differing))
      if (isOld) return null
      return { ...(await copyTables(tx, archive)), createdAt, differing }
    })
    if (manifest === null) continue
    const { createdAt, ...rest } = manifest
    return {
      format: BACKUP_FORMAT,
      created_at: createdAt.toISOString(),
      store: store.kind,
      ...rest,
      files: [...copied.values()].toSorted((one, other) => (one.key < other.key ? -1 : 1)),
    }
  }
}

/** Copies what the rows know by another hash once more. @returns what is still another */
async function copyAgain(
  rows: readonly OutputHash[],
  files: Files,
  archive: ArchiveWriter,
  copied: Map<string, CopiedFile>,
): Promise<Differing[]> {
  const differing: Differing[] = []
  for (const { task_id: taskId, file_name: name, content_hash: expected } of rows) {
    const key = `${taskId}/${name}`
    if (copied.get(key)?.sha256 === expected) continue
    const again = await copyFile(files, archive, key)
    if (again !== null) copied.set(key, again)
    const found = copied.get(key)?.sha256 ?? null
    if (found !== expected) differing.push({ key, expected, found })
  }
  return differing
}

/** Whether a file differs only since its row has changed after the snapshot. */
async function haveMoved(store: Queryable, differing: readonly Differing[]): Promise<boolean> {
  for (const { key, expected } of differing) {
    const [taskId, ...name] = key.split('/')
    const { rows } = await store.query<{ content_hash: string }>(READ_HASH, [taskId, name.join('/')])
    if (rows[0]?.content_hash !== expected) return true
  }
  return false
}

async function copyTables(tx: Queryable, archive: ArchiveWriter) {
  const tables: Manifest['tables'] = []
  const found = await readTables(tx)
  for (const table of found) {
    const digest: RowsDigest = await readRows(tx, table, (text, page) => archive.add(pageName(table.name, page), text))
    tables.push({ name: table.name, columns: table.columns.map(({ name }) => name), ...digest })
  }
  return { migrations: await readMigrations(tx), tables, sequences: await readSequences(tx, found) }
}
