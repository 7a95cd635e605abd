import type { Client } from './client.ts'
import type { SoakRunner } from './runner.ts'
import { later } from './traffic.ts'

/** What was still so after the weather, when nothing more went wrong and nobody asked for anything. */
export interface Calm {
  /** Tasks without an end, incidents that are not over, deliveries that did not leave, dead messages. */
  readonly left: readonly string[]
  /** Incidents that were opened although nothing was wrong. */
  readonly false: readonly string[]
  /** What a scan found. */
  readonly dirty: readonly string[]
  /** Answers of 500 and above. */
  readonly failures: readonly string[]
  readonly alertsFiring: readonly string[]
}

const REST_MS_MAX = 240_000
const LOOK_MS = 3_000
const HOUR_MS = 3_600_000
const DAY_HOURS = 24
const SOON_MS = 600_000
const FOUND_MS = 20 * 60_000 // in which checks find what the weather has left: failed runs count for a quarter of an hour

const LEFT = `
  select 'task' as what, id || ' ' || status || ' ' || step_status::text as text
    from data_pipeline_tasks t
   where status in ('in_progress', 'partial_completed')
      or (status = 'pending' and exists (select 1 from data_pipeline_task_executions e where e.task_id = t.id))
   union all
  select 'execution', execution_id || ' ' || status || coalesce(' held by ' || lease_owner, '')
    from data_pipeline_task_executions
   where status in ('queued', 'running') or lease_owner is not null
   union all
  select 'incident', concat_ws(' ', id, fault, target, status, diagnosis, verdict, outcome)
    from incidents
   where status <> 'verified'
   union all
  select 'delivery', concat_ws(' ', id, kind, status, reason)
    from alert_deliveries
   where status in ('taken', 'retrying')`

const LAST_INCIDENT = `select coalesce(max(id), 0) as id from incidents`

const FIRING = `
  select concat_ws(' ', rule, severity, component, message) as text
    from alerts
   where status = 'firing'`

interface Finding {
  readonly type: string
  readonly check: string
  readonly task_id: string
  readonly execution_id: string | null
  readonly file_name: string | null
}

/**
 * Ends the weather, lets what it has left be found, waits for rest, and looks what remains.
 * @param quietHours stretches of time that then go by, in which nothing may happen
 */
export async function comeToRest(
  client: Client,
  runner: SoakRunner,
  quietHours: readonly number[],
  say: (text: string) => void,
): Promise<Calm> {
  await client.send('POST', '/__local/api/faults', { settings: 'seed=1' })
  const before = new Map(client.failures)
  const until = Date.now() + REST_MS_MAX
  await advance(client, FOUND_MS)
  let left = await leftOver(runner)
  while (left.length > 0 && Date.now() < until) {
    say(`calm: ${left.length} things are not over yet`)
    await later(LOOK_MS, new AbortController().signal)
    await advance(client, SOON_MS)
    left = await leftOver(runner)
  }
  const [{ id } = { id: '0' }] = await runner.query<{ id: string }>(LAST_INCIDENT)
  for (const hours of quietHours) {
    say(`calm: the clock goes on by ${hours} h`)
    await advance(client, hours * HOUR_MS)
  }
  const opened = await runner.query<{ text: string }>(
    `select concat_ws(' ', id, fault, target, details, diagnosis, outcome) as text from incidents where id > ${Number(id)}`,
  )
  // Most rules look at a day: before that is over they may well fire.
  const firing = quietHours.includes(DAY_HOURS) ? await runner.query<{ text: string }>(FIRING) : []
  const { body } = await client.send('POST', '/api/v1/ops/scan')
  const { findings = [] } = (body as { data?: { findings?: Finding[] } }).data ?? {}
  const failures = [...client.failures].filter(([key, count]) => count > (before.get(key) ?? 0)).map(([key]) => key)
  return {
    left: [...left, ...(await leftOver(runner))].filter((text, index, all) => all.indexOf(text) === index),
    false: opened.map(({ text }) => text),
    dirty: findings.map(({ type, check, task_id: task, execution_id: execution, file_name: file }) =>
      [type, check, task, execution, file].filter((part) => part !== null).join(' '),
    ),
    failures,
    alertsFiring: firing.map(({ text }) => text),
  }
}

const WAKES_PER_HOUR = 60 // every tick of the functions of a minute
const WAKES_MAX = 288 // of a leap: every five minutes of a day, which leaves ticks of a minute out

/** Sends the runner's clock ahead, and waits until all that fell due has been done. */
export async function advance(client: Client, ms: number): Promise<void> {
  const wakes = Math.max(10, Math.min(WAKES_MAX, Math.ceil((ms / HOUR_MS) * WAKES_PER_HOUR)))
  const leap = { ms: Math.round(ms), wakes_max: wakes }
  const { status, body } = await client.send('POST', '/__local/api/clock/advance', leap)
  if (status !== 200) throw new Error(`The clock was not sent ahead: ${JSON.stringify(body)}`)
}

async function leftOver(runner: SoakRunner): Promise<string[]> {
  const rows = await runner.query<{ what: string; text: string }>(LEFT)
  return rows.map(({ what, text }) => `${what} ${text}`)
}
