import { jsonbText } from '../../platform/jsonb-text.ts'
import type { Queryable } from '../../platform/store.ts'
import { INCIDENT_COLUMNS, type Incident, type IncidentRow, type IncidentStatus, incidentOf } from './incident.ts'
import type { RepairOutcome, Verdict } from './repair.ts'

// The guard is in the WHERE clause: of any number of workers with the same message, one takes the repair. What is
// `diagnosed` was tried before, and its message comes after the backoff.
const TAKE = `
  update incidents
     set claim = claim + 1, lease_owner = $3, lease_expires_at = $5,
         status = case when status = 'diagnosed' then 'repairing' else status end
   where id = $1 and claim = $2 and repair is not null
     and (status in ('repairing', 'escalated') or (status = 'diagnosed' and next_try_at <= $4))
     and (lease_expires_at is null or lease_expires_at <= $4)
  returning ${INCIDENT_COLUMNS}`

const RELEASE = `
  update incidents
     set lease_owner = null, lease_expires_at = null, next_try_at = $3
   where id = $1 and claim = $2`

const EXTEND = `
  update incidents
     set lease_expires_at = $4
   where id = $1 and claim = $2 and lease_owner = $3 and status = 'repairing'
  returning id`

const REPAIRED = `
  update incidents
     set repaired_at = $3, outcome = $4
   where id = $1 and claim = $2
  returning id`

// What did not help is to be repaired anew, so that it counts as not repaired; what waits for a person stays as it is.
const SAVE_VERDICT = `
  update incidents
     set status = $3::text, verdict = $4, attempts = $5, unknowns = $6, next_try_at = $7, lease_owner = null,
         lease_expires_at = null,
         repaired_at = case $3::text when 'diagnosed' then null when 'verified' then coalesce(repaired_at, $8) else repaired_at end,
         verified_at = case when $3::text = 'verified' then $8::timestamptz end,
         escalated_at = case when $3::text = 'escalated' then coalesce(escalated_at, $8) else escalated_at end
   where id = $1 and claim = $2
  returning id`

/** Takes a repair for a worker, with a new fencing token; null when another one has it, or nothing is to be done. */
export async function takeRepair(
  store: Queryable,
  { incident_id: id, claim }: { incident_id: number; claim: number },
  workerId: string,
  { now, until }: { now: Date; until: Date },
): Promise<Incident | null> {
  const { rows } = await store.query<IncidentRow>(TAKE, [id, claim, workerId, now, until])
  return rows[0] === undefined ? null : incidentOf(rows[0])
}

/** Gives it back, unworked, until a time. */
export async function releaseRepair(store: Queryable, { id, claim }: Incident, nextTryAt: Date): Promise<void> {
  await store.query(RELEASE, [id, claim, nextTryAt])
}

/** Holds it on. @returns whether it is still this worker's */
export async function extendRepair(tx: Queryable, { id, claim }: Incident, workerId: string, until: Date) {
  return (await tx.query(EXTEND, [id, claim, workerId, until])).rowCount > 0
}

export async function saveRepaired(store: Queryable, { id, claim }: Incident, outcome: RepairOutcome, at: Date) {
  await store.query(REPAIRED, [id, claim, at, jsonbText(outcome)])
}

export interface Settled {
  readonly status: Exclude<IncidentStatus, 'detected'>
  readonly verdict: Verdict
  readonly attempts: number
  readonly unknowns: number
  readonly at: Date
  readonly nextTryAt: Date
}

/** Ends the claim. @returns whether it was still this worker's */
export async function saveVerdict(store: Queryable, { id, claim }: Incident, settled: Settled): Promise<boolean> {
  const { status, verdict, attempts, unknowns, at, nextTryAt } = settled
  const values = [id, claim, status, verdict, attempts, unknowns, nextTryAt, at]
  return (await store.query(SAVE_VERDICT, values)).rowCount > 0
}
