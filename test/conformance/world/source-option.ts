import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { insertsForCopies } from './copy-data.ts'
import { onServer } from './server-databases.ts'

/** A business database that the caller of the suite names: where it is, or the script that makes it. */
export type GivenSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'script'; readonly sql: string }

// Dumps and published scripts are written for psql, and for a database that they name; here it is made beforehand.
const FOR_PSQL = /^\\.*$/gm
const OTHER_DATABASE = /^(drop|create) database\b[^;]*;/gim

/**
 * Reads `--source`: a connection URL, or a file of SQL, plain or gzipped.
 * @throws {Error} when the file is not there
 */
export async function readSourceOption(given: string): Promise<GivenSource> {
  if (/^postgres(ql)?:\/\//.test(given)) return { kind: 'url', url: given }
  const bytes = await readFile(given)
  const sql = (given.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return { kind: 'script', sql: insertsForCopies(sql).replaceAll(FOR_PSQL, '').replaceAll(OTHER_DATABASE, '') }
}

/** Runs a script on a server's database, which has none of its tables yet. */
export async function loadScript(url: string, sql: string): Promise<void> {
  await onServer(url, async (client) => {
    await client.query(sql)
    await client.query('analyze')
  })
}

/** Runs a script on a new embedded database in a directory. */
export async function loadScriptEmbedded(directory: string, sql: string): Promise<void> {
  const database = await PGlite.create({ dataDir: directory })
  await database.exec(sql)
  await database.exec('analyze')
  await database.close()
}
