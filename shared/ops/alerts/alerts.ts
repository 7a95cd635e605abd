import { decodeCursor, encodeCursor } from '../../platform/cursor.ts'
import { Problem, type Severity } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'

export const ALERT_STATUSES = ['firing', 'acknowledged', 'silenced', 'resolved'] as const
export type AlertStatus = (typeof ALERT_STATUSES)[number]

/** A rule that was broken, from the first time it was seen until it is over. */
export interface Alert {
  readonly id: number
  readonly rule: string
  readonly severity: Severity
  readonly status: AlertStatus
  readonly message: string
  readonly value: number | null
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly acknowledgedBy: string | null
  readonly silencedUntil: Date | null
  readonly resolvedAt: Date | null
}

const COLUMNS =
  'id, rule, severity, status, message, value, first_seen_at, last_seen_at, acknowledged_by, silenced_until, resolved_at'

// One open alert a rule, however many runners look: whoever comes second only says that it is still so.
const RAISE = `
  insert into alerts (rule, fingerprint, severity, status, message, value, first_seen_at, last_seen_at)
  values ($1, $1, $2, 'firing', $3, $4, $5, $5)
      on conflict (fingerprint) where status <> 'resolved' do update
     set message = excluded.message, value = excluded.value, severity = excluded.severity,
         last_seen_at = greatest(alerts.last_seen_at, excluded.last_seen_at),
         status = case when alerts.status = 'silenced' and alerts.silenced_until <= $5 then 'firing' else alerts.status end
  returning (xmax = 0) as is_new`

const RESOLVE = `
  update alerts
     set status = 'resolved', resolved_at = $2
   where fingerprint = $1 and status <> 'resolved'
  returning id`

const LIST = `
  select ${COLUMNS}
    from alerts
   where ($1::text is null or status = $1) and ($2::bigint is null or id < $2)
   order by id desc
   limit $3`

const CLEAR = `
  delete from alerts
  returning id`

const ACKNOWLEDGE = `
  update alerts
     set status = 'acknowledged', acknowledged_by = $2
   where id = $1 and status <> 'resolved'
  returning ${COLUMNS}`

const SILENCE = `
  update alerts
     set status = 'silenced', silenced_until = $2
   where id = $1 and status <> 'resolved'
  returning ${COLUMNS}`

/** @returns whether nobody had seen it before */
export async function raiseAlert(
  store: Queryable,
  alert: { rule: string; severity: Severity; message: string; value: number },
  at: Date,
): Promise<boolean> {
  const { rows } = await store.query<{ is_new: boolean }>(RAISE, [
    alert.rule,
    alert.severity,
    alert.message,
    alert.value,
    at,
  ])
  return rows[0]?.is_new === true
}

/** @returns whether there was one */
export async function resolveAlert(store: Queryable, rule: string, at: Date): Promise<boolean> {
  return (await store.query(RESOLVE, [rule, at])).rowCount > 0
}

/** Newest first. @throws {Problem} `invalid_request` for a cursor that is not one of ours */
export async function listAlerts(
  store: Queryable,
  status: AlertStatus | undefined,
  limit: number,
  cursor: string | null,
): Promise<{ alerts: readonly Alert[]; cursor: string | null }> {
  const [before] = cursor === null ? [null] : decodeCursor(cursor, 1)
  const { rows } = await store.query<AlertRow>(LIST, [status ?? null, before, limit + 1])
  const alerts = rows.slice(0, limit).map(alertOf)
  const last = alerts.at(-1)
  return { alerts, cursor: rows.length > limit && last !== undefined ? encodeCursor([String(last.id)]) : null }
}

/** Forgets all alerts; what is still so is raised anew by the next check. @returns how many there were */
export async function clearAlerts(store: Queryable): Promise<number> {
  return (await store.query(CLEAR)).rowCount
}

/** @throws {Problem} `alert_not_found` also for one that is over */
export async function acknowledgeAlert(store: Queryable, id: number, by: string): Promise<Alert> {
  return found((await store.query<AlertRow>(ACKNOWLEDGE, [id, by])).rows[0], id)
}

/** @throws {Problem} `alert_not_found` also for one that is over */
export async function silenceAlert(store: Queryable, id: number, until: Date): Promise<Alert> {
  return found((await store.query<AlertRow>(SILENCE, [id, until])).rows[0], id)
}

function found(row: AlertRow | undefined, id: number): Alert {
  if (row === undefined) {
    throw new Problem('alert_not_found', `Cannot find an open alert ${id}`, {
      hint: 'List them with GET /api/v1/alerts',
    })
  }
  return alertOf(row)
}

interface AlertRow {
  id: number
  rule: string
  severity: Severity
  status: AlertStatus
  message: string
  value: number | null
  first_seen_at: Date
  last_seen_at: Date
  acknowledged_by: string | null
  silenced_until: Date | null
  resolved_at: Date | null
}

function alertOf(row: AlertRow): Alert {
  return {
    id: row.id,
    rule: row.rule,
    severity: row.severity,
    status: row.status,
    message: row.message,
    value: row.value,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    acknowledgedBy: row.acknowledged_by,
    silencedUntil: row.silenced_until,
    resolvedAt: row.resolved_at,
  }
}
