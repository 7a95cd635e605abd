import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { openEmbeddedStore } from '../../../local/drivers/embedded-store.ts'
import { migrate } from '../../../local/drivers/migrate.ts'
import { templateCacheDir } from '../../../local/drivers/template-cache.ts'
import { openSample } from '../../../local/samples/highway/sample.ts'
import type { Closing } from './closing.ts'
import { serveDirectory } from './serve-directory.ts'
import { databaseUrl, loadSample, makeDatabase, type Server } from './server-databases.ts'
import { type GivenSource, loadScript, loadScriptEmbedded } from './source-option.ts'

/** Where the databases of the suite are made, and what is planted in their URLs. */
export interface Place {
  readonly server: Server | null
  readonly scratch: string
  /** Collects what is to be taken away in the end. */
  readonly closing: Closing
}

/** A migrated store with pgvector: on the server if that has it, else an embedded one behind a socket. */
export async function makeStore({ server, scratch, closing }: Place, password: string): Promise<string> {
  if (server?.pgvector === true) {
    const { url } = closing.use(await makeDatabase(server, freshName('store'), password))
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    await migrate(pool).finally(() => pool.end())
    return url
  }
  const directory = join(scratch, 'store')
  const { store } = await openEmbeddedStore(directory, await templateCacheDir(scratch))
  await store.close()
  return closing.use(await serveDirectory(directory, password)).url
}

/** The bundled sample, as a business database with a URL. */
export async function makeSample({ server, scratch, closing }: Place, password: string): Promise<string> {
  if (server !== null) {
    const { url } = closing.use(await makeDatabase(server, freshName('sample'), password))
    await loadSample(url)
    return url
  }
  const sample = await openSample(scratch)
  await sample[Symbol.asyncDispose]()
  const [made = ''] = await readdir(join(scratch, 'sample'))
  return closing.use(await serveDirectory(join(scratch, 'sample', made), password)).url
}

// A view takes two seconds to be profiled, four are read at once: some ten seconds in all, whatever the machine.
const SLOW_VIEWS = 20
const SLOW = Array.from(
  { length: SLOW_VIEWS },
  (_, n) =>
    `create view slow_${n + 1} as select n as id, 'value ' || n as name from pg_sleep(1), generate_series(1, 3) n;`,
).join('\n')

/** A business database that takes its time, so that a step on it does not fit into a slice. */
export async function makeSlow(place: Place, password: string): Promise<string> {
  return await makeFromScript(place, 'slow', SLOW, password)
}

/** The database that the caller names, else the server's `chinook`; null when there is neither. */
export async function makeGiven(place: Place, given: GivenSource | null, password: string): Promise<string | null> {
  const { server } = place
  if (given === null) return server?.databases.has('chinook') === true ? databaseUrl(server, 'chinook', password) : null
  if (given.kind === 'url') return given.url
  return await makeFromScript(place, 'given', given.sql, password)
}

async function makeFromScript(place: Place, name: string, sql: string, password: string): Promise<string> {
  const { server, scratch, closing } = place
  if (server !== null) {
    const { url } = closing.use(await makeDatabase(server, freshName(name), password))
    await loadScript(url, sql)
    return url
  }
  const directory = join(scratch, name)
  await loadScriptEmbedded(directory, sql)
  return closing.use(await serveDirectory(directory, password)).url
}

function freshName(what: string): string {
  return `helix_conformance_${what}_${randomUUID().slice(0, 8)}`
}
