import type { Config } from '../../platform/config.ts'

/** Rows of one kind that are kept for some days. */
export interface RetentionPolicy {
  /** As it is counted in the answer. */
  readonly name: string
  readonly table: string
  /** Which rows may go; `$1` is the moment before which they are old. */
  readonly where: string
  readonly days: (config: Config) => number
  /** What a counter counts by these rows, and the label of a row, in SQL: it goes on counting those that are deleted. */
  readonly counted?: { readonly metric: string; readonly status: string }
}

const KEY_DAYS = 7 // nobody repeats a request after a week
const SAMPLE_DAYS = 7 // raw, as charts show them
const records = ({ HELIX_RECORD_KEEP_DAYS: days }: Config) => days
const audited = ({ HELIX_AUDIT_KEEP_DAYS: days }: Config) => days

/** Everything that grows with time alone, a line each. Tasks, with all that is theirs, are deleted by themselves. */
export const RETENTION_POLICIES: readonly RetentionPolicy[] = [
  {
    name: 'task_logs',
    table: 'data_pipeline_task_logs',
    // A running task is read along: its lines stay, however long it takes. By idx_logs_timestamp.
    where: `timestamp < $1 and not exists (
              select from data_pipeline_task_executions e
               where e.task_id = r.task_id and e.status in ('queued', 'running'))`,
    days: ({ HELIX_TASK_LOG_KEEP_DAYS: days }) => days,
  },
  { name: 'idempotency_keys', table: 'idempotency_keys', where: 'created_at < $1', days: () => KEY_DAYS },
  {
    name: 'metric_samples',
    table: 'metric_samples',
    where: `at < $1 and metric not like 'database\\_%'`,
    days: () => SAMPLE_DAYS,
  },
  // One a table and night: by these the growth of a table is told.
  { name: 'size_samples', table: 'metric_samples', where: `at < $1 and metric like 'database\\_%'`, days: records },
  // Their deliveries go with them.
  { name: 'alerts', table: 'alerts', where: `status = 'resolved' and resolved_at < $1`, days: records },
  { name: 'alert_windows', table: 'alert_windows', where: 'ends_at < $1', days: records },
  {
    name: 'scans',
    table: 'scans',
    where: 'started_at < $1 and started_at < (select max(started_at) from scans)', // the last one is what people look at
    days: records,
  },
  // Their copies of files are gone after a week, by the function that cleans snapshots.
  {
    name: 'cleanups',
    table: 'cleanups',
    where: 'created_at < $1 and not exists (select from cleanup_files f where f.cleanup_id = r.id)',
    days: records,
  },
  { name: 'node_trials', table: 'node_trials', where: 'created_at < $1', days: records },
  {
    name: 'sandbox_runs',
    table: 'sandbox_runs',
    where: 'created_at < $1',
    days: records,
    counted: { metric: 'sandbox_runs', status: `case when success then 'success' else 'failure' end` },
  },
  {
    name: 'node_creations',
    table: 'node_creations',
    where: 'created_at < $1',
    days: audited,
    counted: { metric: 'node_creations', status: 'status' },
  },
  {
    name: 'workflow_rollbacks',
    table: 'workflow_rollbacks',
    where: 'created_at < $1',
    days: audited,
    counted: { metric: 'workflow_rollbacks', status: `''` },
  },
  { name: 'error_budgets', table: 'error_budgets', where: `state = 'closed' and updated_at < $1`, days: records },
  { name: 'leases', table: 'leases', where: 'expires_at < $1', days: records },
  { name: 'dead_letters', table: 'local_queue_messages', where: 'died_at < $1', days: records },
  { name: 'audit_log', table: 'audit_log', where: 'at < $1', days: audited },
]
