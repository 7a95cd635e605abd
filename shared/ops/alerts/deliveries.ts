import type { Severity } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import { ALERT_COLUMNS, type Alert, type AlertRow, alertOf } from './alerts.ts'
import type { ChannelName } from './channels/channel.ts'

export type DeliveryStatus = 'taken' | 'retrying' | 'sent' | 'dropped'

/** What was to be told of one alert on one channel. */
export interface Delivery {
  readonly id: number
  readonly messageId: string
  readonly channel: ChannelName
  readonly kind: 'firing' | 'resolved'
  readonly status: DeliveryStatus
  readonly attempts: number
  readonly nextAt: Date
  readonly reason: string | null
  readonly createdAt: Date
  readonly sentAt: Date | null
}

/** A message whose deliveries were taken, to be sent by who took it. */
export interface TakenMessage {
  readonly messageId: string
  readonly kind: 'firing' | 'resolved'
  readonly claim: number
  /** Tries before this one. */
  readonly attempts: number
  readonly alerts: readonly Alert[]
}

export const WINDOW_MS = 24 * 60 * 60_000 // the same alert is told once in so long

const TAKEN_MAX = 200 // alerts of one message at most; the next tick takes the rest

/*
 * The unique row of a window is moved by exactly one of any number of runners, and what it then has to tell is written with
 * it. P0 is told again when it comes back after its end was told: whoever heard that all is well must hear that it is not.
 */
const TAKE_FIRING = `
  with due as (
    select a.id, a.fingerprint, a.severity, a.component
      from alerts a
     where a.status = 'firing' and a.severity = any($2::varchar[])
       and not exists (
             select from alert_windows w
              where w.fingerprint = a.fingerprint and w.severity = a.severity and w.channel = $1::varchar and w.ends_at > $3::timestamptz and w.alert_id = a.id)
     order by a.id
     limit ${TAKEN_MAX}
  ), moved as (
    insert into alert_windows as w (fingerprint, severity, channel, alert_id, began_at, ends_at)
    select fingerprint, severity, $1::varchar, id, $3::timestamptz, $4::timestamptz
      from due
        on conflict (fingerprint, severity, channel) do update
       set alert_id = excluded.alert_id, began_at = excluded.began_at, ends_at = excluded.ends_at
     where w.ends_at <= $3::timestamptz
        or (excluded.severity = 'P0' and exists (
             select from alert_deliveries d
              where d.alert_id = w.alert_id and d.channel = w.channel and d.kind = 'resolved' and d.status = 'sent'))
    returning w.alert_id
  )
  insert into alert_deliveries (message_id, alert_id, channel, kind, status, next_at, created_at, taken_by)
  select $5::text || '-' || due.component, due.id, $1::varchar, 'firing', 'taken', $6::timestamptz, $3::timestamptz, $7
    from moved
    join due on due.id = moved.alert_id`

// The end is told to whom the beginning was told, or may have been: a process may have died after it had sent it.
const TAKE_RESOLVED = `
  insert into alert_deliveries (message_id, alert_id, channel, kind, status, next_at, created_at, taken_by)
  select $2::text || '-' || a.component || '-resolved', a.id, $1::varchar, 'resolved', 'taken', $4::timestamptz, $3::timestamptz, $6
    from alerts a
   where a.status = 'resolved' and a.resolved_at > $5::timestamptz
     and exists (select from alert_deliveries d where d.alert_id = a.id and d.channel = $1::varchar and d.kind = 'firing' and d.status = 'sent')
     and not exists (select from alert_deliveries d where d.alert_id = a.id and d.channel = $1::varchar and d.kind = 'resolved')
   order by a.id
   limit ${TAKEN_MAX}
      on conflict (alert_id, channel) where kind = 'resolved' do nothing`

// Whoever sees to an alert, or has silenced it, need not be told any more; nor of the beginning of what is over.
const DROP = `
  update alert_deliveries d
     set status = 'dropped', reason = coalesce(d.reason, 'The alert was ' || a.status || ' before it could be told')
    from alerts a
   where a.id = d.alert_id and d.channel = $1 and d.kind = 'firing' and d.status in ('taken', 'retrying') and d.next_at <= $2
     and a.status <> 'firing'`

// What failed is due again, and what a dead process had taken.
const RETAKE = `
  update alert_deliveries
     set status = 'taken', claim = claim + 1, next_at = $3, taken_by = $4
   where channel = $1 and status in ('taken', 'retrying') and next_at <= $2`

const TAKEN = `
  select message_id, kind, claim, attempts, (select to_jsonb(a) from (select ${ALERT_COLUMNS} from alerts where id = d.alert_id) a) as alert
    from alert_deliveries d
   where channel = $1 and status = 'taken' and taken_by = $2
   order by id`

const FINISH = `
  update alert_deliveries
     set status = $5, attempts = attempts + 1, reason = $6, next_at = $7, sent_at = $8
   where message_id = $1 and channel = $2 and kind = $3 and claim = $4 and status = 'taken'`

const OF_ALERT = `
  select id, message_id, channel, kind, status, attempts, next_at, reason, created_at, sent_at
    from alert_deliveries
   where alert_id = $1
   order by id desc
   limit 100`

const WINDOWS = `
  select channel, alert_id, began_at, ends_at
    from alert_windows
   where fingerprint = $1 and severity = $2`

export interface Taking {
  readonly channel: ChannelName
  readonly severities: readonly Severity[]
  readonly at: Date
  /** Until when nobody else takes it. */
  readonly leaseEndsAt: Date
  /** Begins the ids of new messages; never used twice. */
  readonly prefix: string
  /** Says who took, and when: never used twice either. */
  readonly takenBy: string
}

/** Takes what has to be told on a channel now: what is new, what failed, and what a dead process left. In a transaction. */
export async function takeMessages(tx: Queryable, taking: Taking): Promise<TakenMessage[]> {
  const { channel, severities, at, leaseEndsAt, prefix, takenBy } = taking
  const windowEndsAt = new Date(at.getTime() + WINDOW_MS)
  await tx.query(DROP, [channel, at])
  await tx.query(RETAKE, [channel, at, leaseEndsAt, takenBy])
  await tx.query(TAKE_FIRING, [channel, severities, at, windowEndsAt, prefix, leaseEndsAt, takenBy])
  await tx.query(TAKE_RESOLVED, [channel, prefix, at, leaseEndsAt, new Date(at.getTime() - WINDOW_MS), takenBy])
  const { rows } = await tx.query<TakenRow>(TAKEN, [channel, takenBy])
  return messagesOf(rows)
}

export interface Finished {
  readonly messageId: string
  readonly channel: ChannelName
  readonly kind: 'firing' | 'resolved'
  readonly claim: number
  readonly sentAt: Date | null
  readonly reason: string | null
  readonly nextAt: Date
}

/** Writes how a message ended. @returns whether it was still ours */
export async function finishMessage(store: Queryable, finished: Finished): Promise<boolean> {
  const { messageId, channel, kind, claim, sentAt, reason, nextAt } = finished
  const status: DeliveryStatus = sentAt === null ? 'retrying' : 'sent'
  const values = [messageId, channel, kind, claim, status, reason, nextAt, sentAt]
  return (await store.query(FINISH, values)).rowCount > 0
}

/** Newest first. */
export async function deliveriesOf(store: Queryable, alertId: number): Promise<Delivery[]> {
  return (await store.query<DeliveryRow>(OF_ALERT, [alertId])).rows.map(deliveryOf)
}

/** When the same alert was last told on each channel, and from when on it may be told again. */
export async function windowsOf(
  store: Queryable,
  { rule, severity }: Pick<Alert, 'rule' | 'severity'>,
): Promise<{ channel: ChannelName; alertId: number; beganAt: Date; endsAt: Date }[]> {
  const { rows } = await store.query<WindowRow>(WINDOWS, [rule, severity])
  return rows.map(({ channel, alert_id: alertId, began_at: beganAt, ends_at: endsAt }) => {
    return { channel, alertId, beganAt, endsAt }
  })
}

interface WindowRow {
  channel: ChannelName
  alert_id: number
  began_at: Date
  ends_at: Date
}

interface TakenRow {
  message_id: string
  kind: 'firing' | 'resolved'
  claim: number
  attempts: number
  alert: Record<string, unknown>
}

function messagesOf(rows: readonly TakenRow[]): TakenMessage[] {
  const messages = new Map<string, TakenMessage & { alerts: Alert[] }>()
  for (const { message_id: messageId, kind, claim, attempts, alert } of rows) {
    const key = `${messageId} ${kind} ${claim}`
    const message = messages.get(key) ?? { messageId, kind, claim, attempts, alerts: [] }
    message.alerts.push(alertOf(revived(alert)))
    messages.set(key, message)
  }
  return [...messages.values()]
}

/** A row that came as JSON, its times as text. */
function revived(row: Record<string, unknown>): AlertRow {
  const times = Object.entries(row).map(([name, value]) => {
    return [name, /_(at|until)$/.test(name) && typeof value === 'string' ? new Date(value) : value]
  })
  return Object.fromEntries(times) as AlertRow
}

interface DeliveryRow {
  id: number
  message_id: string
  channel: ChannelName
  kind: 'firing' | 'resolved'
  status: DeliveryStatus
  attempts: number
  next_at: Date
  reason: string | null
  created_at: Date
  sent_at: Date | null
}

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    messageId: row.message_id,
    channel: row.channel,
    kind: row.kind,
    status: row.status,
    attempts: row.attempts,
    nextAt: row.next_at,
    reason: row.reason,
    createdAt: row.created_at,
    sentAt: row.sent_at,
  }
}
