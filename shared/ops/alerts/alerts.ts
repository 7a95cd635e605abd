import { decodeCursor, encodeCursor } from '../../platform/cursor.ts'
import { type Language, Problem, type Severity } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'

export const ALERT_STATUSES = ['firing', 'acknowledged', 'silenced', 'resolved'] as const
export type AlertStatus = (typeof ALERT_STATUSES)[number]

/** A rule that was broken, from the first time it was seen until it is over. */
export interface Alert {
  readonly id: number
  readonly rule: string
  readonly severity: Severity
  readonly status: AlertStatus
  /** What it is about: alerts of one component are told in one message. */
  readonly component: string
  readonly message: Readonly<Record<Language, string>>
  /** Within how many minutes somebody should see to it. */
  readonly responseMinutes: number
  readonly value: number | null
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly acknowledgedBy: string | null
  readonly acknowledgedAt: Date | null
  readonly silencedUntil: Date | null
  readonly resolvedAt: Date | null
}

/** What is raised. */
export interface RaisedAlert {
  /** A stable name; of one fingerprint, one alert is open at a time. Snake case, up to 100 characters. */
  readonly rule: string
  /** Where several alerts of one rule may be open at a time: which of them. Up to 200 characters; the rule's name unless told. */
  readonly fingerprint?: string
  readonly severity: Severity
  /** In both languages; a text alone is told as it is. */
  readonly message: Readonly<Record<Language, string>> | string
  /** `system` unless told; alerts of one component are told in one message. Up to 50 characters. */
  readonly component?: string
  readonly value?: number | null
  /** Of its severity unless told. */
  readonly responseMinutes?: number | null
}

/** Within how many minutes somebody should see to an alert whose rule does not say it. */
export const RESPONSE_MINUTES: Readonly<Record<Severity, number>> = { P0: 5, P1: 15, P2: 60 }

export const ALERT_COLUMNS = `id, rule, severity, status, component, message, message_zh, response_minutes, value, first_seen_at, last_seen_at,
  acknowledged_by, acknowledged_at, silenced_until, resolved_at`

// One open alert a rule, however many runners look: whoever comes second only says that it is still so.
const RAISE = `
  insert into alerts (rule, fingerprint, severity, status, message, value, first_seen_at, last_seen_at, message_zh, component,
                      response_minutes)
  values ($1, $9, $2, 'firing', $3, $4, $5, $5, $6, $7, $8)
      on conflict (fingerprint) where status <> 'resolved' do update
     set message = excluded.message, message_zh = excluded.message_zh, component = excluded.component,
         response_minutes = excluded.response_minutes, value = excluded.value, severity = excluded.severity,
         last_seen_at = greatest(alerts.last_seen_at, excluded.last_seen_at),
         status = case when alerts.status = 'silenced' and alerts.silenced_until <= $5 then 'firing' else alerts.status end
  returning (xmax = 0) as is_new`

const RESOLVE = `
  update alerts
     set status = 'resolved', resolved_at = $2
   where fingerprint = $1 and status <> 'resolved'
  returning id`

const LIST = `
  select ${ALERT_COLUMNS}
    from alerts
   where ($1::text is null or status = $1) and ($2::bigint is null or id < $2)
   order by id desc
   limit $3`

const OPEN = `
  select ${ALERT_COLUMNS}
    from alerts
   where status <> 'resolved'
   order by severity, id desc
   limit $1`

const READ = `
  select ${ALERT_COLUMNS}
    from alerts
   where id = $1`

const CLEAR = `
  delete from alerts
  returning id`

const ACKNOWLEDGE = `
  update alerts
     set status = 'acknowledged', acknowledged_by = $2, acknowledged_at = $3, silenced_until = null
   where id = $1 and status <> 'resolved'
  returning ${ALERT_COLUMNS}`

const SILENCE = `
  update alerts
     set status = 'silenced', silenced_until = $2
   where id = $1 and status <> 'resolved'
  returning ${ALERT_COLUMNS}`

/** @returns whether nobody had seen it before */
export async function raiseAlert(store: Queryable, alert: RaisedAlert, at: Date): Promise<boolean> {
  const { message } = alert
  const text = typeof message === 'string' ? { en: message, zh: message } : message
  const { rows } = await store.query<{ is_new: boolean }>(RAISE, [
    alert.rule,
    alert.severity,
    text.en,
    alert.value ?? null,
    at,
    text.zh,
    alert.component ?? 'system',
    alert.responseMinutes ?? RESPONSE_MINUTES[alert.severity],
    alert.fingerprint ?? alert.rule,
  ])
  return rows[0]?.is_new === true
}

/** @param fingerprint the rule's name, unless the alert was raised with another @returns whether there was one */
export async function resolveAlert(store: Queryable, fingerprint: string, at: Date): Promise<boolean> {
  return (await store.query(RESOLVE, [fingerprint, at])).rowCount > 0
}

/** What is open, the most severe first. @param limit of as many */
export async function openAlerts(store: Queryable, limit: number): Promise<Alert[]> {
  return (await store.query<AlertRow>(OPEN, [limit])).rows.map(alertOf)
}

/** @throws {Problem} `alert_not_found`; one that is over is found, too */
export async function readAlert(store: Queryable, id: number): Promise<Alert> {
  return found((await store.query<AlertRow>(READ, [id])).rows[0], id)
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
export async function acknowledgeAlert(store: Queryable, id: number, by: string, at: Date): Promise<Alert> {
  return found((await store.query<AlertRow>(ACKNOWLEDGE, [id, by, at])).rows[0], id)
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

export interface AlertRow {
  id: number
  rule: string
  severity: Severity
  status: AlertStatus
  component: string
  message: string
  message_zh: string | null
  response_minutes: number | null
  value: number | null
  first_seen_at: Date
  last_seen_at: Date
  acknowledged_by: string | null
  acknowledged_at: Date | null
  silenced_until: Date | null
  resolved_at: Date | null
}

export function alertOf(row: AlertRow): Alert {
  return {
    id: row.id,
    rule: row.rule,
    severity: row.severity,
    status: row.status,
    component: row.component,
    message: { en: row.message, zh: row.message_zh ?? row.message },
    responseMinutes: row.response_minutes ?? RESPONSE_MINUTES[row.severity],
    value: row.value,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: row.acknowledged_at,
    silencedUntil: row.silenced_until,
    resolvedAt: row.resolved_at,
  }
}
