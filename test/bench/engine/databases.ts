import { randomUUID } from 'node:crypto'
import pg from 'pg'

export interface Databases extends AsyncDisposable {
  /** A new empty database. @returns its URL */
  create(): Promise<string>
  /** A connection to the server itself. */
  readonly admin: pg.Client
}

/** Databases of this run on a server, dropped when disposed of. */
export async function openDatabases(serverUrl: string): Promise<Databases> {
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  const names: string[] = []
  return {
    admin,
    async create() {
      const name = `helix_bench_${randomUUID().replaceAll('-', '').slice(0, 12)}`
      await admin.query(`create database ${name}`)
      names.push(name)
      const url = new URL(serverUrl)
      url.pathname = `/${name}`
      return url.href
    },
    async [Symbol.asyncDispose]() {
      for (const name of names) await admin.query(`drop database if exists ${name} with (force)`)
      await admin.end()
    },
  }
}

const SETTINGS = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
  'commit_delay',
] as const

/** What makes a commit durable, and dear: the same for all contenders. */
export async function serverSettings(admin: pg.Client): Promise<Record<string, string>> {
  const { rows } = await admin.query<{ name: string; value: string }>(
    'select name, current_setting(name) as value from unnest($1::text[]) name',
    [SETTINGS],
  )
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}
