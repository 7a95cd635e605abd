import type { Queryable } from '../platform/store.ts'
import type { Holder } from './checkpoints.ts'
import type { LogLine } from './log-lines.ts'
import { LOG_RECORD, logRecords } from './log-lines.ts'

export type ReportAnswer = 'held' | 'cancel-requested' | 'lost'

// One statement: extends the lease, writes the log lines, moves the progress, and learns of a cancellation.
const REPORT = `
  with held as (
    update data_pipeline_task_executions
       set heartbeat_at = $3, lease_expires_at = $4, progress = greatest(progress, $5)
     where execution_id = $1 and claim = $2 and status = 'running'
    returning task_id, execution_id, execution_step, cancel_requested_at
  ), logged as (
    insert into data_pipeline_task_logs
           (task_id, execution_id, log_level, message, step_name, module_name, function_name, timestamp, extra_data)
    select held.task_id, held.execution_id, l.log_level, l.message, held.execution_step, l.module_name, l.function_name,
           l.timestamp, l.extra_data
      from held, jsonb_to_recordset($6::jsonb) as l ${LOG_RECORD}
  ), moved as (
    update data_pipeline_tasks t
       set progress = $7, event_seq = event_seq + 1
      from held
     where t.id = held.task_id and t.progress < $7
    returning t.id, t.event_seq, t.status, t.progress, t.step_status
  ), told as (
    insert into task_events (task_id, seq, type, data, created_at)
    select id, event_seq, 'progress',
           jsonb_build_object('task_id', id, 'status', status, 'progress', progress, 'step_status', step_status), $3
      from moved
  )
  select cancel_requested_at is not null as cancel_requested
    from held`

/** A worker's sign of life. @param share of the step that is done, 0 to 1 @param progress of the task, in percent */
export async function report(
  store: Queryable,
  holder: Holder,
  state: { share: number; progress: number; lines: readonly LogLine[]; leaseExpiresAt: Date },
  now: Date,
): Promise<ReportAnswer> {
  const { rows } = await store.query<{ cancel_requested: boolean }>(REPORT, [
    holder.executionId,
    holder.claim,
    now,
    state.leaseExpiresAt,
    state.share,
    logRecords(state.lines),
    state.progress,
  ])
  if (rows[0] === undefined) return 'lost'
  return rows[0].cancel_requested ? 'cancel-requested' : 'held'
}
