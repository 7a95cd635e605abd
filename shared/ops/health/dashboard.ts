import type { Platform } from '../../platform/platform.ts'
import type { Severity } from '../../platform/problems.ts'
import { quantile, requestSpan, summed } from '../metrics/request-samples.ts'
import type { Component, HealthStatus } from './components.ts'
import { systemHealth } from './system-health.ts'

/** What somebody wants to see at one look; the last 24 hours unless said otherwise. Null where nothing was measured. */
export interface Dashboard {
  readonly overall: HealthStatus
  readonly components: Readonly<Partial<Record<Component, HealthStatus>>>
  readonly alerts: Readonly<Record<Severity, number>>
  readonly tasks: {
    /** All that are kept. */
    readonly by_status: Readonly<Record<string, number>>
    readonly completed: number
    readonly failed: number
    readonly success_rate: number | null
    readonly mean_seconds: number | null
  }
  readonly queue: {
    readonly running: number
    readonly ready: number
    readonly waiting_for_room: number
    readonly oldest_seconds: number
  }
  readonly incidents: {
    readonly open: number
    readonly escalated: number
    readonly repaired: number
    readonly mean_repair_seconds: number | null
  }
  /** The last five minutes. */
  readonly requests: {
    readonly count: number
    readonly errors: number
    readonly p50_seconds: number | null
    readonly p99_seconds: number | null
  }
}

const DAY_MS = 24 * 60 * 60_000
const REQUESTS_MS = 5 * 60_000

const COUNT = `
  with ended as (
    select status, extract(epoch from completed_at - coalesce(started_at, created_at))::float8 as seconds
      from data_pipeline_tasks
     where status in ('completed', 'failed') and completed_at >= $2
  ), active as (
    select status, admitted_at, available_at
      from data_pipeline_task_executions
     where status in ('queued', 'running')
  )
  select jsonb_build_object(
    'by_status', (select coalesce(jsonb_object_agg(status, count), '{}') from (select status, count(*) from data_pipeline_tasks group by status) t),
    'completed', (select count(*) from ended where status = 'completed'),
    'failed', (select count(*) from ended where status = 'failed'),
    'mean_seconds', (select avg(seconds) from ended where status = 'completed'),
    'running', (select count(*) from active where status = 'running'),
    'ready', (select count(*) from active where status = 'queued' and admitted_at is not null),
    'waiting_for_room', (select count(*) from active where status = 'queued' and admitted_at is null),
    'oldest_seconds', (select coalesce(extract(epoch from $1::timestamptz - min(greatest(available_at, coalesce(admitted_at, available_at)))), 0)::float8
                         from active where status = 'queued' and available_at <= $1),
    'alerts', (select coalesce(jsonb_object_agg(severity, count), '{}') from (
       select severity, count(*) from alerts where status <> 'resolved' group by severity) a),
    'incidents', (select jsonb_build_object('open', count(*) filter (where status <> 'verified'),
                                            'escalated', count(*) filter (where status = 'escalated'),
                                            'repaired', count(*) filter (where status = 'verified' and verified_at >= $2),
                                            'mean_repair_seconds', avg(extract(epoch from verified_at - detected_at))
                                                                     filter (where status = 'verified' and verified_at >= $2))
                    from incidents)) as counts`

interface Counts {
  readonly by_status: Record<string, number>
  readonly completed: number
  readonly failed: number
  readonly mean_seconds: number | null
  readonly running: number
  readonly ready: number
  readonly waiting_for_room: number
  readonly oldest_seconds: number
  readonly alerts: Partial<Record<Severity, number>>
  readonly incidents: Dashboard['incidents']
}

/** Reads the store, and nothing else: any process tells the same. @throws {Problem} `store_unavailable` */
export async function readDashboard(platform: Platform): Promise<Dashboard> {
  const { store, clock } = platform
  const now = clock.now()
  const { overall, components } = await systemHealth(platform)
  const since = new Date(now.getTime() - DAY_MS)
  const counts = (await store.query<{ counts: Counts }>(COUNT, [now, since])).rows[0]?.counts
  if (counts === undefined) throw new Error('The store counted nothing')
  const { by_status, completed, failed, mean_seconds, running, ready, waiting_for_room, oldest_seconds } = counts
  const requests = summed(await requestSpan(store, new Date(now.getTime() - REQUESTS_MS), now))
  const ended = completed + failed
  return {
    overall,
    components,
    alerts: { P0: 0, P1: 0, P2: 0, ...counts.alerts },
    tasks: { by_status, completed, failed, success_rate: ended === 0 ? null : completed / ended, mean_seconds },
    queue: { running, ready, waiting_for_room, oldest_seconds },
    incidents: counts.incidents,
    requests: {
      count: requests.count,
      errors: requests.errors,
      p50_seconds: quantile(0.5, requests),
      p99_seconds: quantile(0.99, requests),
    },
  }
}
