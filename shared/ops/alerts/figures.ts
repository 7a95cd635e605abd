import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import { nodeMetrics, RATE_NAMES } from '../metrics/node-metrics.ts'
import { quantile, requestSpan, summed } from '../metrics/request-samples.ts'

/** What a rule compares with its threshold. */
export interface Figure {
  /** Null where nothing has happened that could be measured. */
  readonly value: number | null
  /** Over how many cases it was taken; null where a single one says enough. */
  readonly of: number | null
}

export const WINDOW_MS = 24 * 60 * 60_000
const RECENT_MS = 5 * 60_000 // of what passes as quickly as it comes
const SCHEMA_WINDOW_MS = 60 * 60_000 // within its response time, an hour, a failure of validation is news

/** Is told each minute by the check of the health itself, not by the check of the alerts. */
export const HEALTH_METRIC = 'health_failures'

/** Everything that a rule may watch. */
export const ALERT_METRICS = [
  ...RATE_NAMES,
  HEALTH_METRIC,
  'http_p99_seconds',
  'http_error_rate',
  'cpu_share',
  'memory_share',
  'disk_share',
  'task_failure_rate',
  'schema_validation_failures',
  'queue_oldest_seconds',
  'snapshot_bytes',
  'metric_sample_rows',
  'active_workflows',
] as const
export type AlertMetric = (typeof ALERT_METRICS)[number]

/** Which component a rule's alert is about. */
export const COMPONENT_OF: Readonly<Record<AlertMetric, string>> = {
  sandbox_failure_rate: 'sandbox',
  node_creation_failure_rate: 'nodes',
  workflow_execution_time_avg: 'workflows',
  workflow_failure_rate: 'workflows',
  health_failures: 'system',
  http_p99_seconds: 'api',
  http_error_rate: 'api',
  cpu_share: 'machine',
  memory_share: 'machine',
  disk_share: 'machine',
  task_failure_rate: 'tasks',
  schema_validation_failures: 'tasks',
  queue_oldest_seconds: 'queue',
  snapshot_bytes: 'database',
  metric_sample_rows: 'database',
  active_workflows: 'workflows',
}

/*
 * A start alone keeps the processors busy for a moment, so that their share is judged by three minutes at least. The busiest instance's mean of the last minutes counts. A failure of validation is an output that is not what its node
 * declares, a definition that does not fit its schema, or an answer of a model that does not.
 */
const COUNT = `
  with machines as (
    select instance, metric, avg(value) as value
      from metric_samples
     where metric in ('cpu_share', 'memory_used_bytes', 'memory_total_bytes', 'disk_free_bytes', 'disk_total_bytes') and at > $2
     group by instance, metric
    having count(*) >= case metric when 'cpu_share' then 3 else 1 end
  ), pairs as (
    select instance, max(value) filter (where metric = 'cpu_share') as cpu,
           max(value) filter (where metric = 'memory_used_bytes') / nullif(max(value) filter (where metric = 'memory_total_bytes'), 0) as memory,
           1 - max(value) filter (where metric = 'disk_free_bytes') / nullif(max(value) filter (where metric = 'disk_total_bytes'), 0) as disk
      from machines
     group by instance
  ), tasks as (
    select count(*) as ended, count(*) filter (where status = 'failed') as failed
      from data_pipeline_tasks
     where status in ('completed', 'failed', 'partial_completed') and completed_at >= $3
  )
  select (select max(cpu) from pairs) as cpu_share, (select max(memory) from pairs) as memory_share, (select max(disk) from pairs) as disk_share,
         (select ended from tasks) as ended, (select failed from tasks) as failed,
         (select count(*) from sandbox_runs where created_at >= $4 and error_code = any($5))
           + (select count(*) from node_creations where created_at >= $4 and status = 'failure' and error_code = any($5))
           + (select count(*) from data_pipeline_task_executions where completed_at >= $4 and status = 'failed' and error_code = any($5)) as invalid,
         (select extract(epoch from $1::timestamptz - min(greatest(available_at, admitted_at)))::float8
            from data_pipeline_task_executions
           where status = 'queued' and admitted_at is not null and available_at <= $1) as queue_oldest,
         (select (c.relpages + coalesce(t.relpages, 0))::float8 * current_setting('block_size')::int
            from pg_class c left join pg_class t on t.oid = c.reltoastrelid
           where c.oid = 'workflow_snapshots'::regclass) as snapshot_bytes,
         (select greatest(reltuples, 0) from pg_class where oid = 'metric_samples'::regclass)::float8 as sample_rows`

const SCHEMA_CODES = ['output_mismatch', 'invalid_node', 'invalid_workflow', 'invalid_pairs_file', 'type_mismatch']

interface Counts {
  cpu_share: number | null
  memory_share: number | null
  disk_share: number | null
  ended: number
  failed: number
  invalid: number
  queue_oldest: number | null
  snapshot_bytes: number
  sample_rows: number
}

/** What the rules of the alert check look at, all read at one time. */
export async function alertFigures({ store, clock }: Platform): Promise<Record<AlertMetric, Figure>> {
  const now = clock.now()
  const ago = (ms: number) => new Date(now.getTime() - ms)
  const { rates, activeWorkflows } = await nodeMetrics(store, ago(WINDOW_MS))
  const requests = summed(await requestSpan(store, ago(RECENT_MS), now))
  const counts = await counted(store, [now, ago(RECENT_MS), ago(WINDOW_MS), ago(SCHEMA_WINDOW_MS), SCHEMA_CODES])
  return {
    ...rates,
    [HEALTH_METRIC]: { value: null, of: null },
    http_p99_seconds: { value: quantile(0.99, requests), of: requests.count },
    http_error_rate: { value: requests.count === 0 ? null : requests.errors / requests.count, of: requests.count },
    cpu_share: single(counts.cpu_share),
    memory_share: single(counts.memory_share),
    disk_share: single(counts.disk_share),
    task_failure_rate: { value: counts.ended === 0 ? null : counts.failed / counts.ended, of: counts.ended },
    schema_validation_failures: single(counts.invalid),
    queue_oldest_seconds: single(counts.queue_oldest),
    snapshot_bytes: single(counts.snapshot_bytes),
    metric_sample_rows: single(counts.sample_rows),
    active_workflows: single(activeWorkflows),
  }
}

async function counted(store: Queryable, values: readonly unknown[]): Promise<Counts> {
  const [counts] = (await store.query<Counts>(COUNT, values)).rows
  if (counts === undefined) throw new Error('The store counted nothing')
  return counts
}

function single(value: number | null): Figure {
  return { value, of: null }
}
