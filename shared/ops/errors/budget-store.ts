import type { Queryable } from '../../platform/store.ts'

export type BudgetState = 'closed' | 'degraded' | 'restart_asked'

/** How an operation does that has failed and not succeeded since. */
export interface Budget {
  readonly failures: number
  readonly state: BudgetState
  /** When the next call may try; null while nothing is held back. */
  readonly probeAt: Date | null
}

export const DEGRADE_AFTER = 3
export const RESTART_AFTER = 10
const SUBJECTS_MIN = 2

// Those that do well have no row, or one with no failures: the list is as short as the trouble.
const LIST_FAILING = `
  select operation, consecutive_failures as failures, state, probe_at
    from error_budgets
   where consecutive_failures > 0`

// Degraded ones, with since when.
const LIST_DEGRADED = `
  select operation, consecutive_failures as failures, last_error_code as code, failing_since as since
    from error_budgets
   where state <> 'closed'
   order by operation`

const MAKE_PROBE_DUE = `
  update error_budgets
     set probe_at = $2
   where operation = $1 and state <> 'closed'
  returning operation`

const COUNT_FAILURE = `
  select failures, state, probe as probe_at, turned
    from helix_count_failure($1, $2, $3, $4, $5, $6, ${DEGRADE_AFTER}, ${RESTART_AFTER}, $7, $8)`

// One probe at a time: who takes it holds it until it is over, or lapses.
const TAKE_PROBE = `
  update error_budgets
     set probe_at = $3, probe_owner = $4
   where operation = $1 and state <> 'closed' and probe_at <= $2
  returning operation`

const GIVE_BACK_PROBE = `
  update error_budgets
     set probe_at = $3, probe_owner = null
   where operation = $1 and probe_owner = $2`

const CLOSE = `
  update error_budgets
     set consecutive_failures = 0, state = 'closed', probe_at = null, probe_owner = null, subjects = 0, last_subject = null,
         degraded_at = null, failing_since = null, updated_at = $2
   where operation = $1 and consecutive_failures > 0
  returning operation`

interface BudgetRow {
  readonly operation: string
  readonly failures: number
  readonly state: BudgetState
  readonly probe_at: Date | null
}

export async function listFailing(store: Queryable): Promise<ReadonlyMap<string, Budget>> {
  const { rows } = await store.query<BudgetRow>(LIST_FAILING)
  return new Map(rows.map((row) => [row.operation, budgetOf(row)]))
}

export interface Degraded {
  readonly operation: string
  readonly failures: number
  readonly code: string | null
  readonly since: Date | null
}

/** What is not called for now. */
export async function listDegraded(store: Queryable): Promise<readonly Degraded[]> {
  return (await store.query<Degraded>(LIST_DEGRADED)).rows
}

/** Lets the next call try at once. @returns whether the operation is degraded at all */
export async function makeProbeDue(store: Queryable, operation: string, now: Date): Promise<boolean> {
  return (await store.query(MAKE_PROBE_DUE, [operation, now])).rowCount > 0
}

export interface Failure {
  readonly operation: string
  readonly code: string
  /** What it failed on, where one bad thing alone must not stop the others; null where it speaks for all. */
  readonly subject: string | null
  /** When this process last saw the operation succeed. */
  readonly succeededAt: Date | null
  readonly at: Date
  /** When the next call may try, should the operation be degraded by now. */
  readonly probeAt: Date
  readonly mayRestart: boolean
}

/** Counts one failure. @returns `turned` for the one whose failure changed the state, under any number of processes */
export async function countFailure(store: Queryable, failure: Failure): Promise<Budget & { readonly turned: boolean }> {
  const { operation, code, subject, succeededAt, at, probeAt, mayRestart } = failure
  const subjectsMin = subject === null ? 1 : SUBJECTS_MIN
  const values = [operation, code, subject, succeededAt, at, probeAt, subjectsMin, mayRestart]
  const { rows } = await store.query<BudgetRow & { turned: boolean }>(COUNT_FAILURE, values)
  const [row] = rows
  if (row === undefined) throw new Error('The function answers one row')
  return { ...budgetOf(row), turned: row.turned }
}

export async function takeProbe(store: Queryable, operation: string, now: Date, until: Date, owner: string) {
  return (await store.query(TAKE_PROBE, [operation, now, until, owner])).rowCount > 0
}

/** Lets the next one try: this probe said nothing. */
export async function giveBackProbe(store: Queryable, operation: string, owner: string, now: Date): Promise<void> {
  await store.query(GIVE_BACK_PROBE, [operation, owner, now])
}

/** @returns whether it had failed before */
export async function closeBudget(store: Queryable, operation: string, at: Date): Promise<boolean> {
  return (await store.query(CLOSE, [operation, at])).rowCount > 0
}

function budgetOf({ failures, state, probe_at: probeAt }: BudgetRow): Budget {
  return { failures, state, probeAt }
}
