import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite, protocol } from '@electric-sql/pglite'
import pg from 'pg'
import type { QueryAnswer } from '../../shared/platform/store.ts'
import { readWire, type WireAnswer } from './wire.ts'

const EXECUTE = protocol.serialize.execute({})
const SYNC = protocol.serialize.sync()

/** What the server said against a statement, as `pg` would throw it. */
export class StatementError extends Error {
  override readonly name = 'error'
  readonly code: string
  readonly constraint: string
  readonly detail: string

  constructor({ message, code, constraint, detail }: NonNullable<WireAnswer['error']>) {
    super(message)
    this.code = code
    this.constraint = constraint
    this.detail = detail
  }
}

interface Prepared {
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly parse: (text: string) => unknown }[]
}

/** The part of the embedded database that computes in this very thread. */
interface Computing {
  execProtocolRawSync(message: Uint8Array): Uint8Array
}

const SETTINGS = [
  "timezone = 'UTC'",
  'plan_cache_mode = force_generic_plan', // plans must not depend on how often something was done before
  'client_min_messages = notice', // triggers speak through notices
  'synchronous_commit = off',
  'jit = off',
]

// As the store's own driver reads values; see shared/platform/postgres-store.ts.
const PARSERS = new Map<number, (text: string) => unknown>([
  [20, Number],
  [1016, pg.types.getTypeParser(1007 as 1082)],
  [1082, (text) => text],
  [1182, pg.types.getTypeParser(1009 as 1082)],
])

/**
 * A Postgres in memory that answers before its call returns: no promise, no thread, so that whoever drives it decides
 * alone what happens next. One connection; statements are prepared once.
 */
export class SyncPostgres {
  readonly #database: PGlite
  readonly #raw: (message: Uint8Array) => Uint8Array
  readonly #prepared = new Map<string, Prepared>()
  #notices: string[] = []
  #heard: Uint8Array[] = []

  private constructor(database: PGlite) {
    this.#database = database
    const computing = database as unknown as Computing
    this.#raw = computing.execProtocolRawSync.bind(database)
  }

  /** Takes some seconds: once per process. */
  static async open(): Promise<SyncPostgres> {
    const database = await PGlite.create()
    const postgres = new SyncPostgres(database)
    // From now on the driver hands over what it hears, instead of reading it as well and keeping it.
    const onRawData = (part: Uint8Array) => postgres.#heard.push(part.slice())
    await database.execProtocolRawStream(protocol.serialize.query('select 1'), { onRawData })
    postgres.reset()
    return postgres
  }

  /** Empty again, as if it had just been opened. */
  reset(): void {
    this.script('drop schema if exists public, shop cascade; create schema public; deallocate all')
    this.#prepared.clear()
    for (const setting of SETTINGS) this.script(`set ${setting}`)
    this.takeNotices()
  }

  /** Lets go of the files of emptied tables: megabytes after a few worlds. */
  forget(): void {
    this.script('checkpoint')
  }

  async close(): Promise<void> {
    await this.#database.close()
  }

  /** Several statements without values. @returns the last one's command, such as `COMMIT` */
  script(text: string): string {
    return this.#send([protocol.serialize.query(text)]).command
  }

  /** @throws {StatementError} */
  query<Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []): QueryAnswer<Row> {
    const { name, fields } = this.#prepared.get(text) ?? this.#prepare(text)
    const bound = protocol.serialize.bind({ portal: '', statement: name, values: values.map(toText) })
    const { rows, command } = this.#send([bound, EXECUTE, SYNC])
    const count = /\d+$/.exec(command)?.[0]
    return { rows: rows.map((row) => rowOf(row, fields)) as Row[], rowCount: count === undefined ? 0 : Number(count) }
  }

  /** What triggers have raised since it was last asked. */
  takeNotices(): string[] {
    const taken = this.#notices
    this.#notices = []
    return taken
  }

  #prepare(text: string): Prepared {
    const { serialize } = protocol
    const name = `s${this.#prepared.size}`
    const described = this.#send([serialize.parse({ name, text }), serialize.describe({ type: 'S', name }), SYNC])
    const fields = described.fields.map((field) => ({
      name: field.name,
      parse: PARSERS.get(field.type) ?? pg.types.getTypeParser(field.type, 'text'),
    }))
    const prepared = { name, fields }
    this.#prepared.set(text, prepared)
    return prepared
  }

  /** @throws {StatementError} */
  #send(parts: readonly Uint8Array[]): WireAnswer {
    this.#heard = []
    this.#raw(Buffer.concat(parts))
    const answer = readWire(Buffer.concat(this.#heard), (text) => this.#notices.push(text))
    if (answer.error !== null) throw new StatementError(answer.error)
    return answer
  }
}

/** Applies migrations in the order of their names. @param change what is made of a migration's text before */
export function migrateSync(postgres: SyncPostgres, dir: string, change: (text: string, path: string) => string): void {
  const paths = readdirSync(dir).filter((name) => name.endsWith('.sql'))
  for (const path of paths.toSorted().map((name) => join(dir, name)))
    postgres.script(change(readFileSync(path, 'utf8'), path))
}

function rowOf(values: readonly (string | null)[], fields: Prepared['fields']): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (const [index, { name, parse }] of fields.entries()) {
    const value = values[index] ?? null
    row[name] = value === null ? null : parse(value)
  }
  return row
}

/** As `pg` writes parameters. */
function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return arrayText(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function arrayText(values: readonly unknown[]): string {
  const parts = values.map((value) => {
    if (value === null || value === undefined) return 'NULL'
    if (Array.isArray(value)) return arrayText(value)
    return `"${(toText(value) ?? '').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  })
  return `{${parts.join(',')}}`
}
