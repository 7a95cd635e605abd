import type { SyncPostgres } from './sync-postgres.ts'

/** Tables that the simulator follows: how a row is known, and what else of it is told. */
export const WATCHED = {
  data_pipeline_tasks: {
    key: ['id'],
    told: [
      'workflow_id',
      'status',
      'step_status',
      'progress',
      'priority',
      'concurrency_key',
      'idempotency_key',
      'event_seq',
      'completed_at',
    ],
  },
  data_pipeline_task_executions: {
    key: ['execution_id'],
    told: [
      'id',
      'task_id',
      'execution_step',
      'status',
      'run_id',
      'attempt',
      'max_attempts',
      'claim',
      'created_at',
      'available_at',
      'admitted_at',
      'completed_at',
      'lease_owner',
      'lease_expires_at',
      'heartbeat_at',
      'cancel_requested_at',
      'clean_previous',
      'execution_result',
      'error_code',
      'progress',
      'remaining_steps',
      'force_executed',
      'timeout_ms',
    ],
  },
  data_pipeline_task_logs: { key: ['id'], told: ['execution_id', 'message'] },
  data_pipeline_task_outputs: {
    key: ['task_id', 'file_name'],
    told: ['execution_id', 'step_name', 'content_hash', 'file_size'],
  },
  task_checkpoints: { key: ['task_id', 'step', 'item'], told: ['execution_id', 'claim'] },
  task_events: { key: ['task_id', 'seq'], told: ['type', 'data', 'created_at'] },
  idempotency_keys: { key: ['key'], told: ['status'] },
  leases: { key: ['name'], told: ['owner', 'epoch', 'expires_at'] },
} as const
export type WatchedTable = keyof typeof WATCHED

/** What a trigger tells of one row. */
export interface RowNotice {
  readonly table: WatchedTable
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly row: Record<string, unknown>
  /** Whether the transaction held the schedule's lock then; told of executions that are let in. */
  readonly locked: boolean
}

const TABLES = Object.keys(WATCHED)

// A change is told at once, with the answer of the very statement that made it; what a rollback undoes is forgotten by
// whoever listens. The lock is looked up only where a run is let in: that is what it is for.
const LET_IN = `new.admitted_at is not null and (tg_op = 'INSERT' or old.admitted_at is null)`

function triggerOf(table: WatchedTable): string {
  const { key, told } = WATCHED[table]
  const row = (name: string) => [...key, ...told].map((column) => `'${column}', ${name}.${column}`).join(', ')
  const locked = `case when ${LET_IN} then exists (select from pg_locks where locktype = 'advisory' and granted) end`
  return `
create function sim_tell_${table}() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise notice '%', json_build_object('table', '${table}', 'op', tg_op, 'row', json_build_object(${row('old')}));
  else
    raise notice '%', json_build_object('table', '${table}', 'op', tg_op, 'row', json_build_object(${row('new')}),
      'locked', ${table === 'data_pipeline_task_executions' ? locked : 'null'});
  end if;
  return null;
end
$$;
create trigger sim_tell after insert or update or delete on ${table} for each row execute function sim_tell_${table}()`
}

/** Makes a migrated store tell its changes. Plain indexes go: tables are tiny here, and emptying them would cost more. */
export function watchTables(postgres: SyncPostgres): void {
  for (const table of TABLES) postgres.script(triggerOf(table as WatchedTable))
  const { rows } = postgres.query<{ name: string }>(
    `select i.indexrelid::regclass::text as name from pg_index i
      where not i.indisunique and i.indrelid = any (select oid from pg_class where relname = any ($1))`,
    [TABLES],
  )
  for (const { name } of rows) postgres.script(`drop index ${name}`)
}

/** Empties what is watched. Truncated, not deleted: what a seed sees must not depend on what lay there before. */
export function emptyTables(postgres: SyncPostgres): void {
  postgres.script(`truncate ${TABLES.join(', ')} restart identity`)
}
