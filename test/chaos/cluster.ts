import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

export type StopMode = 'fast' | 'immediate'

/** A Postgres server of this run's own, as durable as a real one. */
export interface Cluster {
  readonly port: number
  readonly url: string
  restart(mode: StopMode): Promise<void>
  /** A statement on a connection of its own, tried again while the server restarts. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  stop(): Promise<void>
}

export interface ClusterOptions {
  /** Where `initdb` and `pg_ctl` are. */
  readonly binaries: string
  readonly user: { readonly uid?: number; readonly gid?: number }
  readonly directory: string
  readonly port: number
}

const TRIES_MAX = 40 // a restart takes a second or two, a recovery a few
const BETWEEN_MS = 500
const STATEMENT_MS_MAX = 60_000
const CONNECT_MS_MAX = 3_000

/** Where a cluster's data is, inside its run's directory: for whoever must end it without asking it. */
export function dataOf(directory: string): string {
  return join(directory, 'postgres', 'data')
}

/** Makes a cluster and starts it. */
export async function openCluster({ binaries, user, directory, port }: ClusterOptions): Promise<Cluster> {
  const home = join(directory, 'postgres')
  const data = dataOf(directory)
  await mkdir(home, { mode: 0o700 })
  if (user.uid !== undefined) await chown(home, user.uid, user.gid ?? user.uid)
  const run = async (name: string, ...given: string[]) => {
    const child = spawn(join(binaries, name), given, { ...user, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk
    })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`${name} ${given.join(' ')} ended with ${String(code)}: ${errors}`)
  }
  const control = (...given: string[]) => run('pg_ctl', '-D', data, '-w', '-t', '60', '-l', join(home, 'log'), ...given)
  await run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync')
  await appendFile(join(data, 'postgresql.conf'), settings(home, port))
  await control('start')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  return {
    port,
    url,
    restart: (mode) => control('-m', mode, 'restart'),
    query: (text, values = []) => persistently(url, text, values),
    stop: () => control('-m', 'immediate', 'stop'),
  }
}

function settings(home: string, port: number): string {
  return [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${home}'`,
    'fsync = on',
    'synchronous_commit = on',
    'full_page_writes = on',
    'max_connections = 300', // those of killed runners and of half-open connections live on for a while
    'shared_buffers = 128MB',
    '',
  ].join('\n')
}

async function persistently<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  for (let tries = 1; ; tries++) {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'chaos',
      connectionTimeoutMillis: CONNECT_MS_MAX,
      query_timeout: STATEMENT_MS_MAX,
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return (await client.query<Row>(text, [...values])).rows
    } catch (error) {
      if (tries === TRIES_MAX || !isPassing(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

/** Errors of a connection; the server's verdicts on a statement do not pass. */
function isPassing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code === '' || /^(08|53|57P0|E[A-Z]+)/.test(code)
}
