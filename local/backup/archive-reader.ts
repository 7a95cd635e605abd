import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { Problem } from '../../shared/platform/problems.ts'
import { entryOf, Manifest } from './manifest.ts'
import { RowsHash } from './store-rows.ts'
import { readTar, type TarEntry } from './tar.ts'

const MANIFEST_BYTES_MAX = 256 << 20 // a line a file

/** What an archive holds, in its order. The manifest comes last. */
export async function* readArchive(path: string): AsyncGenerator<TarEntry> {
  const file = createReadStream(path)
  const unpacked = file.pipe(createGunzip())
  file.on('error', (error) => unpacked.destroy(error))
  try {
    yield* readTar(unpacked)
  } finally {
    file.destroy()
    unpacked.destroy()
  }
}

/**
 * Reads a whole archive and compares everything in it with its manifest.
 * @throws {Problem} `backup_invalid` when anything is missing, damaged or not written by a backup
 */
export async function checkArchive(path: string): Promise<Manifest> {
  const tables = new Map<string, RowsHash>()
  const files = new Map<string, string>()
  let manifest: Manifest | null = null
  try {
    for await (const entry of readArchive(path)) {
      const kind = entryOf(entry.name)
      if (kind === null || manifest !== null) throw new Error(`It holds ${entry.name}, which no backup writes there`)
      if (kind === 'manifest') manifest = Manifest.parse(JSON.parse(await textOf(entry)))
      else if ('key' in kind) files.set(kind.key, await hashOf(entry))
      else {
        const hash = tables.get(kind.table) ?? new RowsHash()
        hash.add(await textOf(entry))
        tables.set(kind.table, hash)
      }
    }
    if (manifest === null) throw new Error('Its manifest is missing: it was never finished')
    compare(manifest, tables, files)
    return manifest
  } catch (cause) {
    throw invalid(path, cause)
  }
}

/** An entry that fits into memory: a page of rows, the manifest. */
export async function textOf(entry: TarEntry): Promise<string> {
  if (entry.size > MANIFEST_BYTES_MAX) throw new Error(`${entry.name} is too large`)
  const parts: Uint8Array[] = []
  for await (const part of entry.body) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

async function hashOf(entry: TarEntry): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of entry.body) hash.update(part)
  return hash.digest('hex')
}

function compare(manifest: Manifest, tables: Map<string, RowsHash>, files: Map<string, string>): void {
  for (const { name, rows, sha256 } of manifest.tables) {
    const found = (tables.get(name) ?? new RowsHash()).digest()
    if (found.rows !== rows || found.sha256 !== sha256) {
      throw new Error(
        `Table ${name} should have ${rows} rows of hash ${sha256}, but has ${found.rows} of ${found.sha256}`,
      )
    }
  }
  for (const { key, sha256 } of manifest.files) {
    const found = files.get(key)
    if (found !== sha256) throw new Error(`File ${key} should have the hash ${sha256}, but has ${found ?? 'none'}`)
  }
}

// What the unpacker says of an archive is no help at night.
const REASONS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'It ends half-way: the backup was cut off, or not copied whole',
  Z_DATA_ERROR: 'It is damaged, or nothing that `helix backup` has written',
  ENOENT: 'There is no such file',
  EISDIR: 'It is a folder: name one of the archives in it',
}

function invalid(path: string, cause: unknown): Problem {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause))
  return new Problem('backup_invalid', `${path} can not be restored: ${reason}`, {
    hint: 'Nothing was changed. Take another backup, or copy this one again from where it was kept',
    cause,
  })
}
