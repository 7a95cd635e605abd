import type { Platform } from '../../../shared/platform/platform.ts'
import type { Queryable, Store } from '../../../shared/platform/store.ts'

/** One call of a probe, as it wrote it down. */
export interface Delivery {
  /** Whose deliveries these are: the `execution_id` of a message, a name of a tick or of deferred work. */
  readonly probe: string
  /** Which of several messages with one `execution_id`. */
  readonly claim: number
  /** What it was about to answer. */
  readonly answer: unknown
  /** Whose platform it was: a process or, where there are none, an invocation. */
  readonly worker: string
  readonly at: Date
  /** When its platform will end the invocation. */
  readonly deadline: Date | null
}

const TABLES = `
  create table if not exists conformance_deliveries (
    id bigint generated always as identity primary key, probe text not null, claim int not null,
    answer jsonb, worker text not null, at timestamptz not null, deadline timestamptz);
  create table if not exists conformance_items (name text primary key, value text)`

const MISSING = '42P01' // undefined_table
const ALREADY_MADE = new Set(['42P07', '23505']) // by another invocation at the same moment

/** Runs `work`, making the probes' own tables first where they are missing. */
export async function withTables<T>(store: Store, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (codeOf(error) !== MISSING) throw error
  }
  try {
    for (const statement of TABLES.split(';')) await store.query(statement)
  } catch (error) {
    if (!ALREADY_MADE.has(codeOf(error))) throw error
  }
  return await work()
}

/** How many deliveries of this message there had been before. */
export async function earlierDeliveries(store: Store, probe: string, claim: number): Promise<number> {
  const { rows } = await withTables(store, () =>
    store.query<{ count: number }>(
      'select count(*) as count from conformance_deliveries where probe = $1 and claim = $2',
      [probe, claim],
    ),
  )
  return rows[0]?.count ?? 0
}

/** Writes a call down, durably, before it is answered. */
export async function recordDelivery(platform: Platform, probe: string, claim: number, answer: unknown): Promise<void> {
  const { store, clock, deadline, workerId } = platform
  await withTables(store, () =>
    store.query(
      `insert into conformance_deliveries (probe, claim, answer, worker, at, deadline)
       values ($1, $2, $3::jsonb, $4, $5, $6)`,
      [probe, claim, JSON.stringify(answer), workerId, clock.now(), deadline],
    ),
  )
}

/** Every call of a probe, in the order in which they were written down. */
export async function deliveriesOf(store: Store, probe: string): Promise<Delivery[]> {
  const { rows } = await withTables(store, () =>
    store.query<Delivery>(
      'select probe, claim, answer, worker, at, deadline from conformance_deliveries where probe = $1 order by id',
      [probe],
    ),
  )
  return rows
}

/** Remembers a text under a name. */
export async function setItem(store: Store, name: string, value: string): Promise<void> {
  await withTables(store, () => writeItem(store, name, value))
}

/** The text under a name, or null. */
export async function getItem(store: Store, name: string): Promise<string | null> {
  return await withTables(store, () => readItem(store, name))
}

/** Sets a text, also within a transaction. The tables must be there. */
export async function writeItem(on: Queryable, name: string, value: string): Promise<void> {
  const upsert = `insert into conformance_items (name, value) values ($1, $2)
                  on conflict (name) do update set value = excluded.value`
  await on.query(upsert, [name, value])
}

/** Reads a text, also within a transaction. The tables must be there. */
export async function readItem(on: Queryable, name: string): Promise<string | null> {
  const { rows } = await on.query<{ value: string }>('select value from conformance_items where name = $1', [name])
  return rows[0]?.value ?? null
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
