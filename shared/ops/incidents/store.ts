import { decodeCursor, encodeCursor } from '../../platform/cursor.ts'
import { jsonbText } from '../../platform/jsonb-text.ts'
import { Problem } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Diagnosis, FaultClass, FaultTarget } from './fault.ts'
import { INCIDENT_COLUMNS, type Incident, type IncidentRow, type IncidentStatus, incidentOf } from './incident.ts'

/*
 * One incident a fault and target, however many look. While its repair is under way the facts stay those it goes by. What
 * waits for a person explains what shows no other sign than it did: a sign that none of them has is a new fault.
 */
const OPEN = `
  with n as (
    select *, coalesce(facts -> 'signs', '[]') as signs
      from jsonb_to_recordset($1::jsonb) as found
           (fault text, target text, kind text, severity text, layer text, facts jsonb, occurred_at timestamptz)
  ), waiting as (
    update incidents e
       set seen_at = greatest(e.seen_at, $2), details = case when e.details ? 'signs' then e.details else n.facts end
      from n
     where e.status = 'escalated' and e.fault = n.fault and e.target = n.target
       and (not e.details ? 'signs' or e.details -> 'signs' ?| array(select jsonb_array_elements_text(n.signs)))
  )
  insert into incidents as i (fault, target, kind, severity, layer, status, details, occurred_at, detected_at, seen_at)
  select n.fault, n.target, n.kind, n.severity, n.layer, 'detected', n.facts, least(n.occurred_at, $2), $2, $2
    from n
   where not exists (select from incidents e
                      where e.status = 'escalated' and e.fault = n.fault and e.target = n.target
                        and (not e.details ? 'signs' or n.signs = '[]'))
     and (n.signs = '[]'
          or exists (select from jsonb_array_elements_text(n.signs) as s (sign)
                      where not exists (select from incidents e
                                         where e.status = 'escalated' and e.fault = n.fault and e.target = n.target
                                           and e.details -> 'signs' ? s.sign)))
   order by n.fault, n.target
      on conflict (fault, target) where status in ('detected', 'diagnosed', 'repairing') do update
     set seen_at = greatest(i.seen_at, excluded.seen_at),
         details = case when i.status = 'repairing' then i.details else excluded.details end
  returning id, (xmax = 0) as is_new`

// By the partial index of what is open.
const LIST_DETECTED = `
  select ${INCIDENT_COLUMNS},
         (select count(*) from incidents past
           where past.fault = i.fault and past.target = i.target and past.status = 'verified' and past.verified_at > $2) as times
    from incidents i
   where status = 'detected'
   order by severity, id
   limit $1`

const DIAGNOSED = `
  update incidents
     set status = case when $4::text is null or $6 then 'escalated' else 'diagnosed' end,
         escalated_at = case when $4::text is null or $6 then $5::timestamptz else null end,
         diagnosis = $2, explanation = $3, repair = $4, next_try_at = $5
   where id = $1 and status = 'detected'
  returning id`

// What only one process can repair waits for it, unless it has long been silent. The guard: of two checks at once each takes others. What only a verification is due for goes on under the brake.
const TAKE_DUE = `
  update incidents
     set status = case when status = 'diagnosed' then 'repairing' else status end, next_try_at = $2
   where id = any (array(
     select id
       from incidents
      where status in ('diagnosed', 'repairing', 'escalated') and repair is not null and next_try_at <= $1
        and (lease_expires_at is null or lease_expires_at <= $1)
        and (not $3 or repaired_at is not null or status = 'escalated' or asked_by is not null)
        and case when details ->> 'instance' is null then not $7 else details ->> 'instance' = $5 or (not $7 and seen_at <= $6) end
      order by severity, id
      limit $4
        for update skip locked))
  returning id, claim`

// What no repair is for ends when the checks that found it have stopped finding it.
const END_UNSEEN = `
  update incidents
     set status = 'verified', verified_at = $1, repaired_at = coalesce(repaired_at, $1), verdict = 'fixed'
   where status = 'escalated' and repair is null and seen_at < $2 and fault <> all ($3)
  returning id`

const FORGET_OLD = `
  delete from incidents
   where id = any (array(select id from incidents where status = 'verified' and verified_at < $1 order by id limit $2))`

const LIST = `
  select ${INCIDENT_COLUMNS}
    from incidents
   where ($1::text is null or status = $1) and ($2::text is null or fault = $2) and ($3::text is null or severity = $3)
     and ($4::boolean is null or (status <> 'verified') = $4) and ($5::bigint is null or id < $5)
   order by id desc
   limit $6`

const FIND = `
  select ${INCIDENT_COLUMNS}
    from incidents
   where id = $1`

// A person asks: whatever was tried before counts no more. One under way is left alone, also that of a newer fault.
const ASK = `
  update incidents i
     set status = case when repair is null then 'detected' else 'repairing' end, asked_by = $2, attempts = 0, unknowns = 0,
         repaired_at = null, escalated_at = null, verdict = null, next_try_at = $3
   where id = $1 and status <> 'verified' and (lease_expires_at is null or lease_expires_at <= $3)
     and not exists (select from incidents other
                      where other.fault = i.fault and other.target = i.target and other.id <> i.id
                        and other.status in ('detected', 'diagnosed', 'repairing'))
  returning ${INCIDENT_COLUMNS}`

const TARGET_CHARACTERS_MAX = 300 // the column's

export interface Found {
  readonly fault: Pick<FaultClass, 'name' | 'kind' | 'severity' | 'layer'>
  readonly target: FaultTarget
}

/** Opens an incident for each that has none. @returns how many are new */
export async function openIncidents(store: Queryable, found: readonly Found[], now: Date): Promise<number> {
  if (found.length === 0) return 0
  const records = found.map(({ fault: { name, ...fault }, target: { id, facts, occurredAt } }) => {
    const target = id.slice(0, TARGET_CHARACTERS_MAX)
    return {
      fault: name,
      target,
      kind: fault.kind,
      severity: fault.severity,
      layer: fault.layer,
      facts,
      occurred_at: occurredAt,
    }
  })
  // A statement can't meet the same row twice.
  const once = new Map(records.map((record) => [JSON.stringify([record.fault, record.target]), record]))
  const { rows } = await store.query<{ is_new: boolean }>(OPEN, [jsonbText([...once.values()]), now])
  return rows.filter((row) => row.is_new).length
}

/** Those that wait for a diagnosis, gravest first, with how often the same was well again since a time. */
export async function listDetected(
  store: Queryable,
  limit: number,
  since: Date,
): Promise<readonly { readonly incident: Incident; readonly times: number }[]> {
  const { rows } = await store.query<IncidentRow & { times: string }>(LIST_DETECTED, [limit, since])
  return rows.map((row) => ({ incident: incidentOf(row), times: Number(row.times) }))
}

/** @param escalate although there is a repair: it has not helped for long */
export async function saveDiagnosis(
  store: Queryable,
  id: number,
  diagnosis: Diagnosis,
  now: Date,
  escalate: boolean,
): Promise<boolean> {
  const { rule, explanation, repair } = diagnosis
  const values = [id, rule, jsonbText(explanation), repair, now, escalate]
  return (await store.query(DIAGNOSED, values)).rowCount > 0
}

export interface DueQuery {
  readonly now: Date
  readonly again: Date
  readonly braked: boolean
  readonly limit: number
  /** Of the process that asks: some incidents are for one to repair, those with an `instance` among their facts. */
  readonly instance: string
  /** No others than those. */
  readonly ownOnly: boolean
}

const SILENT_MS = 180_000 // a process that has told nothing in three checks leaves its incidents to the others

/** Those whose repair or verification is due: each is then left alone until `again`. */
export async function takeDue(
  store: Queryable,
  { now, again, braked, limit, instance, ownOnly }: DueQuery,
): Promise<readonly { readonly id: number; readonly claim: number }[]> {
  const silentSince = new Date(now.getTime() - SILENT_MS)
  const values = [now, again, braked, limit, instance, silentSince, ownOnly]
  const { rows } = await store.query<{ id: string; claim: number }>(TAKE_DUE, values)
  return rows.map(({ id, claim }) => ({ id: Number(id), claim }))
}

/** Ends those without a repair that were last seen before `unseenSince`. @param blind faults that nobody could look for */
export async function endUnseen(store: Queryable, now: Date, unseenSince: Date, blind: readonly string[]) {
  return (await store.query(END_UNSEEN, [now, unseenSince, blind])).rowCount
}

export async function forgetOldIncidents(store: Queryable, before: Date, limit: number): Promise<number> {
  return (await store.query(FORGET_OLD, [before, limit])).rowCount
}

export interface IncidentFilter {
  readonly status?: IncidentStatus | undefined
  readonly fault?: string | undefined
  readonly severity?: string | undefined
  /** True for those that are not over, false for those that are. */
  readonly open?: boolean | undefined
}

/** Newest first. @throws {Problem} `invalid_request` for a cursor that is not one of ours */
export async function listIncidents(
  store: Queryable,
  { status, fault, severity, open }: IncidentFilter,
  limit: number,
  cursor: string | null,
): Promise<{ readonly incidents: readonly Incident[]; readonly cursor: string | null }> {
  const [before] = cursor === null ? [null] : decodeCursor(cursor, 1)
  const values = [status ?? null, fault ?? null, severity ?? null, open ?? null, before, limit + 1]
  const { rows } = await store.query<IncidentRow>(LIST, values)
  const incidents = rows.slice(0, limit).map(incidentOf)
  const last = incidents.at(-1)
  return { incidents, cursor: rows.length > limit && last !== undefined ? encodeCursor([String(last.id)]) : null }
}

/** @throws {Problem} `incident_not_found` */
export async function readIncident(store: Queryable, id: number): Promise<Incident> {
  const { rows } = await store.query<IncidentRow>(FIND, [id])
  if (rows[0] !== undefined) return incidentOf(rows[0])
  throw new Problem('incident_not_found', `Cannot find the incident ${id}`, {
    hint: 'List them with GET /api/v1/ops/incidents',
  })
}

/**
 * Makes the repair due now, on behalf of a person; one that is under way is left as it is.
 * @throws {Problem} `incident_not_found`, `incident_closed`
 */
export async function askForRepair(store: Queryable, id: number, by: string, now: Date): Promise<Incident> {
  const { rows } = await store.query<IncidentRow>(ASK, [id, by, now])
  if (rows[0] !== undefined) return incidentOf(rows[0])
  const found = await readIncident(store, id)
  if (found.status !== 'verified') return found
  throw new Problem('incident_closed', `Cannot repair the incident ${id}: ${found.target} is well again`)
}
