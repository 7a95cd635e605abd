import { REQUEST_SECONDS_BOUNDS } from '../../platform/request-figures.ts'
import type { Queryable } from '../../platform/store.ts'
import { histogramSamples, type MetricFamily, type Sample } from './exposition.ts'
import { type InstanceFigure, latestFigures, MACHINE_METRICS, type MachineMetric } from './machine-samples.ts'

const STEP_BOUNDS = [1, 5, 15, 60, 300, 900, 3600, 7200] as const
const STEPS_MAX = 20 // kinds of steps that have series of their own: those of the pipeline, and nodes as one
const SOURCES_MAX = 20 // that have a series of their own; the rest are `other`
const STATUSES = ['pending', 'in_progress', 'partial_completed', 'completed', 'failed', 'cancelled']

/*
 * Steps of workflows bear the names that people give to nodes, so they are one kind. Tasks that retention removes would
 * make a counter fall, so tasks by status are gauges; what has ended is counted by metric_totals alone.
 */
const COUNT = `
  with steps as (
    select case when e.function_name is null then e.execution_step else 'workflow_node' end as step, e.status,
           extract(epoch from e.completed_at - e.started_at)::float8 as seconds
      from data_pipeline_task_executions e
     where e.status in ('completed', 'failed') and e.completed_at >= $2
  ), sources as (
    select coalesce(db_name, '') as source, status, row_number() over (partition by status order by count(*) desc, db_name) as place, count(*) as count
      from data_pipeline_tasks
     where status in ('completed', 'failed') and completed_at >= $2
     group by db_name, status
  )
  select jsonb_build_object(
    'tasks', (select coalesce(jsonb_object_agg(status, count), '{}') from (select status, count(*) from data_pipeline_tasks group by status) t),
    'steps', (select coalesce(jsonb_agg(s), '[]') from (
       select step, count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed,
              count(seconds) as timed, coalesce(sum(seconds), 0) as seconds,
              (select jsonb_agg((select count(*) from steps i where i.step = o.step and i.seconds <= bound) order by bound)
                 from unnest($3::float8[]) bound) as up_to
         from steps o group by step order by step limit ${STEPS_MAX}) s),
    'sources', (select coalesce(jsonb_agg(s), '[]') from (
       select case when place <= ${SOURCES_MAX} then source else 'other' end as source, status, sum(count) as count
         from sources group by 1, 2) s),
    'queue', (select jsonb_object_agg(state, count) from (
       select case when status = 'running' then 'running' when admitted_at is null then 'waiting_for_room' else 'ready' end as state, count(*) as count
         from data_pipeline_task_executions where status in ('queued', 'running') group by 1) q),
    'oldest', (select extract(epoch from $1::timestamptz - min(greatest(available_at, coalesce(admitted_at, available_at))))::float8
       from data_pipeline_task_executions where status = 'queued' and available_at <= $1),
    'alerts', (select coalesce(jsonb_object_agg(severity, count), '{}') from (
       select severity, count(*) from alerts where status <> 'resolved' group by severity) a),
    'repair', (select jsonb_build_object('seconds', avg(extract(epoch from verified_at - detected_at))::float8, 'of', count(*))
       from incidents where status = 'verified' and verified_at >= $2),
    'incidents', (select count(*) from incidents where status not in ('verified', 'escalated')),
    'components', (select coalesce(jsonb_object_agg(component, status), '{}') from component_health)) as counts`

const TOTALS = `
  select labels, count, sum, buckets
    from metric_totals
   where metric = 'http_request_seconds'
   order by labels`

interface Counts {
  tasks: Record<string, number>
  steps: { step: string; completed: number; failed: number; timed: number; seconds: number; up_to: number[] }[]
  sources: { source: string; status: string; count: number }[]
  queue: Record<string, number> | null
  oldest: number | null
  alerts: Record<string, number>
  repair: { seconds: number | null; of: number }
  incidents: number
  components: Record<string, string>
}

interface TotalRow {
  labels: { method: string; route: string; status: string }
  count: number
  sum: number
  buckets: number[]
}

/** Requests, queue, steps, tasks, repairs and machines, from the store: any instance tells the same of all. @param since where windows begin */
export async function systemFamilies(store: Queryable, now: Date, since: Date): Promise<MetricFamily[]> {
  const { rows } = await store.query<{ counts: Counts }>(COUNT, [now, since, STEP_BOUNDS])
  const counts = rows[0]?.counts
  if (counts === undefined) throw new Error('The store counted nothing')
  const totals = (await store.query<TotalRow>(TOTALS)).rows
  return [
    ...requestFamilies(totals),
    ...workFamilies(counts),
    ...watchFamilies(counts),
    ...machineFamilies(await latestFigures(store, now)),
  ]
}

function requestFamilies(totals: readonly TotalRow[]): MetricFamily[] {
  const byRoute = new Map<string, TotalRow>()
  for (const row of totals) {
    const { method, route } = row.labels
    const found = byRoute.get(`${method} ${route}`)
    byRoute.set(`${method} ${route}`, found === undefined ? row : added(found, row))
  }
  return [
    {
      name: 'http_requests_total',
      help: 'Requests that were answered, by route and class of status',
      type: 'counter',
      samples: totals.map(({ labels, count }) => ({ labels: { ...labels }, value: count })),
    },
    {
      name: 'http_request_seconds',
      help: 'How long requests took, by route',
      type: 'histogram',
      samples: [...byRoute.values()].flatMap(({ labels: { method, route }, count, sum, buckets }) =>
        histogramSamples(REQUEST_SECONDS_BOUNDS, { upTo: buckets, count, sum }).map((sample) => ({
          ...sample,
          labels: { method, route, ...sample.labels },
        })),
      ),
    },
  ]
}

function added(one: TotalRow, other: TotalRow): TotalRow {
  const buckets = one.buckets.map((bucket, place) => bucket + (other.buckets[place] ?? 0))
  return { labels: one.labels, count: one.count + other.count, sum: one.sum + other.sum, buckets }
}

function workFamilies({ tasks, steps, sources, queue, oldest }: Counts): MetricFamily[] {
  const ended = (tasks.completed ?? 0) + (tasks.failed ?? 0)
  return [
    gauge('helix_tasks', 'Tasks that are kept, by status', labelled('status', STATUSES, tasks)),
    gauge('helix_task_success_ratio', 'Share of the tasks kept that completed, of those that ended', [
      { value: ended === 0 ? 1 : (tasks.completed ?? 0) / ended },
    ]),
    gauge(
      'helix_source_tasks',
      'Tasks that ended in the last 24 hours, by source and status',
      sources.map(({ source, status, count }) => ({ labels: { source, status }, value: count })),
    ),
    gauge(
      'helix_steps',
      'Executions that ended in the last 24 hours, by step and status',
      steps.flatMap(({ step, completed, failed }) => [
        { labels: { step, status: 'completed' }, value: completed },
        { labels: { step, status: 'failed' }, value: failed },
      ]),
    ),
    gauge(
      'helix_step_seconds_mean',
      'Mean seconds of an execution, last 24 hours, by step',
      steps.flatMap(({ step, timed, seconds }) => (timed === 0 ? [] : [{ labels: { step }, value: seconds / timed }])),
    ),
    gauge(
      'helix_step_seconds_quick',
      'Executions of the last 24 hours that took at most so many seconds, by step',
      steps.flatMap(({ step, up_to: upTo }) =>
        STEP_BOUNDS.map((bound, place) => ({ labels: { step, seconds: String(bound) }, value: upTo[place] ?? 0 })),
      ),
    ),
    gauge(
      'helix_queue_depth',
      'Executions that run, may run, or wait for room',
      labelled('state', ['running', 'ready', 'waiting_for_room'], queue ?? {}),
    ),
    gauge('helix_queue_oldest_seconds', 'For how long the oldest execution has waited', [{ value: oldest ?? 0 }]),
  ]
}

const HEALTH_VALUES: Readonly<Record<string, number>> = { healthy: 1, degraded: 0.5, unhealthy: 0 }

function watchFamilies({ alerts, repair, incidents, components }: Counts): MetricFamily[] {
  return [
    gauge('helix_alerts_open', 'Alerts that are open, by severity', labelled('severity', ['P0', 'P1', 'P2'], alerts)),
    gauge('helix_incidents_open', 'Incidents that are not over', [{ value: incidents }]),
    gauge('helix_incidents_repaired', 'Incidents that were repaired and verified, last 24 hours', [
      { value: repair.of },
    ]),
    gauge(
      'helix_repair_seconds_mean',
      'Mean seconds from the detection of a fault to its verified repair, last 24 hours',
      repair.seconds === null ? [] : [{ value: repair.seconds }],
    ),
    gauge(
      'helix_component_health',
      'How a component does: 1 healthy, 0.5 degraded, 0 unhealthy',
      Object.entries(components).map(([component, status]) => {
        return { labels: { component }, value: HEALTH_VALUES[status] ?? 0 }
      }),
    ),
  ]
}

/** Of each instance that was heard of in the last minutes. */
function machineFamilies(figures: readonly InstanceFigure[]): MetricFamily[] {
  return (Object.keys(MACHINE_METRICS) as MachineMetric[]).map((metric) =>
    gauge(
      `helix_${metric}`,
      MACHINE_METRICS[metric],
      figures.filter((one) => one.metric === metric).map(({ instance, value }) => ({ labels: { instance }, value })),
    ),
  )
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'gauge', samples }
}

function labelled(label: string, names: readonly string[], values: Readonly<Record<string, number>>): Sample[] {
  return names.map((name) => ({ labels: { [label]: name }, value: values[name] ?? 0 }))
}
