import pg from 'pg'
import { highwayScript } from '../../../local/samples/highway/script.ts'

/** A server of the suite's surroundings, where databases can be made. */
export interface Server {
  readonly url: string
  /** Whether a store there can hold vectors as vectors. */
  readonly pgvector: boolean
  readonly databases: ReadonlySet<string>
}

const HERE = ['postgres', 'root'].map((user) => `postgres://${user}@127.0.0.1:5432/postgres`)
const CONNECT_MS_MAX = 2_000

/** The server of `HELIX_TEST_DATABASE_URL`, else one on this machine that lets us in; null when there is none. */
export async function findServer(): Promise<Server | null> {
  const named = process.env.HELIX_TEST_DATABASE_URL ?? ''
  for (const url of named === '' ? HERE : [named]) {
    const found = await look(url).catch(() => null)
    if (found !== null) return found
  }
  return null
}

async function look(url: string): Promise<Server | null> {
  return await onServer(url, async (client) => {
    const { rows } = await client.query<{ makes: boolean; vector: boolean; databases: string[] }>(`
      select rolcreatedb or rolsuper as makes,
             exists (select from pg_available_extensions where name = 'vector') as vector,
             array(select datname::text from pg_database where datallowconn) as databases
        from pg_roles where rolname = current_user`)
    const [row] = rows
    if (row?.makes !== true) return null
    return { url, pgvector: row.vector, databases: new Set(row.databases) }
  })
}

/** A database of the suite's own, dropped in the end. */
export interface OwnDatabase extends AsyncDisposable {
  readonly url: string
}

/** Makes an empty database. @param password planted where the server asks for none */
export async function makeDatabase(server: Server, name: string, password: string): Promise<OwnDatabase> {
  await onServer(server.url, (client) => client.query(`create database ${name}`))
  return {
    url: databaseUrl(server, name, password),
    [Symbol.asyncDispose]: async () => {
      await onServer(server.url, (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** The URL of a database on the server. A server that asks for no password takes any. */
export function databaseUrl(server: Server, name: string, password: string): string {
  const url = new URL(server.url)
  url.pathname = `/${name}`
  if (url.password === '') url.password = password
  return url.href
}

/** Fills an empty database with the bundled sample. */
export async function loadSample(url: string): Promise<void> {
  await onServer(url, async (client) => {
    await client.query('begin')
    for (const statements of highwayScript()) await client.query(statements)
    await client.query('commit')
    await client.query('analyze')
  })
}

/** Lends a connection. */
export async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
