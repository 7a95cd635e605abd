import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { migrate } from '../../local/drivers/migrate.ts'

export interface ScratchStore extends AsyncDisposable {
  readonly url: string
  readonly database: string
  /** A connection beside the measured ones. */
  readonly admin: pg.Client
}

/** A database of our own on a server, migrated, and dropped when disposed of. @param serverUrl any database of that server */
export async function scratchStore(serverUrl: string): Promise<ScratchStore> {
  const database = `helix_bench_${randomUUID().replaceAll('-', '').slice(0, 12)}`
  await onServer(serverUrl, `create database ${database}`)
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  const pool = new pg.Pool({ connectionString: url.href, max: 1 })
  await migrate(pool).finally(() => pool.end())
  const admin = new pg.Client({ connectionString: url.href })
  await admin.connect()
  return {
    url: url.href,
    database,
    admin,
    async [Symbol.asyncDispose]() {
      await admin.end()
      await onServer(serverUrl, `drop database if exists ${database} with (force)`)
    },
  }
}

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

/** Time that a process on this machine has computed, in ms; 0 where that can't be seen. What else runs beside it doesn't count. */
export function cpuMsOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  } catch {
    return 0
  }
}

/** `--name value` pairs and `--flag`s of a bench program. */
export function optionsOf(argv: readonly string[]): Map<string, string> {
  const options = new Map<string, string>()
  for (const [index, argument] of argv.entries()) {
    if (!argument.startsWith('--')) continue
    const next = argv[index + 1]
    options.set(argument.slice(2), next === undefined || next.startsWith('--') ? 'true' : next)
  }
  return options
}
