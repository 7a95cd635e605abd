import type { TaskLogLevel } from '../../shared/engine/log-lines.ts'
import type { FileType } from '../../shared/engine/outputs.ts'
import { STEPS, type StepName } from '../../shared/engine/pipeline.ts'
import type { TaskParameters } from '../../shared/engine/task.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import type { ExecutionStatus, StepStatus, TaskStatus } from '../../shared/engine/transitions.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import type { Queryable } from '../../shared/platform/store.ts'

export interface TaskRowValues {
  readonly id: string
  readonly taskType: string
  readonly status: TaskStatus
  readonly stepStatus: Partial<Record<StepName, StepStatus>>
  readonly parameters: Partial<TaskParameters>
  readonly dbName: string
  readonly businessContext: string | null
  readonly createdBy: string
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly completedAt: Date | null
  readonly progress: number
  readonly priority: number
  readonly concurrencyKey: string
}

export interface ExecutionRowValues {
  readonly executionId: string
  readonly taskId: string
  readonly step: StepName
  readonly status: ExecutionStatus
  readonly claim: number
  readonly attempt: number
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly completedAt: Date | null
  readonly heartbeatAt: Date | null
  readonly leaseExpiresAt: Date | null
  readonly leaseOwner: string | null
  readonly filesCleaned: boolean
  readonly remainingSteps: readonly StepName[]
}

const TASK_ID = 'task_20250627_143052'
const CREATED_AT = new Date('2025-06-27T06:30:52Z') // 14:30:52 in Shanghai, as the specification's examples have it

/** Inserts a task that waits, changed where a test needs it. @returns its id */
export async function insertTask(store: Queryable, changes: Partial<TaskRowValues> = {}): Promise<string> {
  const id = changes.id ?? TASK_ID
  const dbName = changes.dbName ?? 'highway_db'
  const steps = { ...Object.fromEntries(STEPS.map((step) => [step, 'pending'])), ...changes.stepStatus }
  const parameters = {
    db_name: dbName,
    enable_sql_validation: true,
    enable_llm_repair: true,
    modify_original_file: true,
    enable_training_data_load: true,
    language: 'auto',
    source: { kind: 'configured', name: dbName },
    ...changes.parameters,
  }
  await store.query(
    `insert into data_pipeline_tasks
            (id, task_type, status, parameters, step_status, output_directory, created_at, started_at, completed_at,
             created_by, db_name, business_context, priority, concurrency_key, progress)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      id,
      changes.taskType ?? 'data_workflow',
      changes.status ?? 'pending',
      JSON.stringify(parameters),
      JSON.stringify(steps),
      `./data_pipeline/training_data/${id}`,
      changes.createdAt ?? CREATED_AT,
      changes.startedAt ?? null,
      changes.completedAt ?? null,
      changes.createdBy ?? 'anonymous',
      dbName,
      changes.businessContext ?? null,
      changes.priority ?? 0,
      changes.concurrencyKey ?? dbName,
      changes.progress ?? 0,
    ],
  )
  return id
}

/** Inserts an execution of `insertTask`'s task, by default one that runs. @returns its id */
export async function insertExecution(store: Queryable, changes: Partial<ExecutionRowValues> = {}): Promise<string> {
  const taskId = changes.taskId ?? TASK_ID
  const step = changes.step ?? 'ddl_generation'
  const executionId = changes.executionId ?? `${taskId}_step_${step}_exec_20250627143053`
  const createdAt = changes.createdAt ?? new Date('2025-06-27T06:30:53Z')
  await store.query(
    `insert into data_pipeline_task_executions
            (execution_id, task_id, execution_step, status, run_id, remaining_steps, created_at, available_at, admitted_at,
             started_at, completed_at, timeout_ms, claim, attempt, heartbeat_at, lease_expires_at, lease_owner, files_cleaned)
     values ($1, $2, $3, $4, $1, $5, $6, $6, $6, $7, $8, 7200000, $9, $10, $11, $12, $13, $14)`,
    [
      executionId,
      taskId,
      step,
      changes.status ?? 'running',
      changes.remainingSteps ?? [],
      createdAt,
      changes.startedAt === undefined ? createdAt : changes.startedAt,
      changes.completedAt ?? null,
      changes.claim ?? 1,
      changes.attempt ?? 0,
      changes.heartbeatAt ?? null,
      changes.leaseExpiresAt ?? null,
      changes.leaseOwner ?? null,
      changes.filesCleaned ?? false,
    ],
  )
  return executionId
}

export interface LogRowValues {
  readonly level: TaskLogLevel
  readonly message: string
  readonly step: StepName | null
  readonly executionId: string | null
  readonly module: string
  readonly at: Date
  readonly extra: Record<string, unknown>
}

/** Inserts log lines of a task, in order, in one statement. @returns their ids */
export async function insertLogs(
  store: Queryable,
  taskId: string,
  lines: readonly Partial<LogRowValues>[],
): Promise<number[]> {
  const records = lines.map((line, index) => ({
    log_level: line.level ?? 'INFO',
    message: line.message ?? `line ${index + 1}`,
    step_name: line.step ?? null,
    execution_id: line.executionId ?? null,
    module_name: line.module ?? 'DDLMDGenerator',
    timestamp: (line.at ?? CREATED_AT).toISOString(),
    extra_data: line.extra ?? {},
  }))
  const { rows } = await store.query<{ id: number }>(
    `insert into data_pipeline_task_logs
            (task_id, execution_id, log_level, message, step_name, module_name, timestamp, extra_data)
     select $1, l.execution_id, l.log_level, l.message, l.step_name, l.module_name, l.timestamp, l.extra_data
       from jsonb_to_recordset($2::jsonb) as l
            (execution_id text, log_level text, message text, step_name text, module_name text, timestamp timestamptz, extra_data jsonb)
     returning id`,
    [taskId, JSON.stringify(records)],
  )
  return rows.map(({ id }) => id)
}

/** Adds an event to a task's feed, numbered as the engine numbers them. @returns its number */
export async function insertEvent(
  store: Queryable,
  taskId: string,
  data: Record<string, unknown>,
  type = 'task',
): Promise<number> {
  const { rows } = await store.query<{ seq: number }>(
    `with changed as (
       update data_pipeline_tasks set event_seq = event_seq + 1 where id = $1 returning id, event_seq
     )
     insert into task_events (task_id, seq, type, data, created_at)
     select id, event_seq, $2, $3, $4 from changed
     returning seq`,
    [taskId, type, JSON.stringify(data), CREATED_AT],
  )
  return rows[0]?.seq ?? 0
}

export interface FileRowValues {
  readonly type: FileType
  readonly description: string
  readonly primary: boolean
  readonly step: StepName | null
  readonly executionId: string | null
  /** Of a file that grows the hash is not kept. */
  readonly hashed: boolean
}

/** Writes a task's file and its row among the outputs. */
export async function putOutput(
  platform: Pick<Platform, 'store' | 'files' | 'clock'>,
  taskId: string,
  name: string,
  text: string,
  changes: Partial<FileRowValues> = {},
): Promise<void> {
  const bytes = new TextEncoder().encode(text)
  await platform.files.put(`${taskId}/${name}`, text)
  await platform.store.query(
    `insert into data_pipeline_task_outputs
            (task_id, execution_id, step_name, file_type, file_name, file_path, file_size, content_hash, description,
             created_at, modified_at, is_primary)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)`,
    [
      taskId,
      changes.executionId ?? null,
      changes.step ?? null,
      changes.type ?? 'txt',
      name,
      `${taskId}/${name}`,
      changes.hashed === false ? 0 : bytes.length,
      changes.hashed === false ? null : sha256(bytes),
      changes.description ?? '',
      platform.clock.now(),
      changes.primary ?? false,
    ],
  )
}

/** Empties the store, so that tests of one file can share it. */
export async function clearStore(store: Queryable): Promise<void> {
  await store.query(
    `truncate data_pipeline_tasks, data_pipeline_task_logs, data_pipeline_task_outputs, task_checkpoints, task_events,
              idempotency_keys, leases, langchain_pg_embedding cascade`,
  )
  // Few tests write to these: an empty table is emptied much sooner than it is made anew.
  const emptied = SELDOM.map((table, index) => `t${index} as (delete from ${table})`)
  emptied.push(
    'f as (update log_folding set folded_to = 0, horizon_id = 0, horizon_at = null, horizon_writers = default, checked_to = 0)',
  )
  await store.query(`with ${emptied.join(', ')} select`)
}

const SELDOM = [
  'log_blocks',
  'workflows',
  'node_definitions',
  'node_trials',
  'node_creations',
  'sandbox_runs',
  'settings',
  'alerts',
  'alert_rules',
  'alert_streaks',
  'alert_windows',
  'component_health',
  'metric_samples',
  'metric_totals',
  'audit_log',
  'metric_samples',
  'retention_progress',
  'incidents',
  'error_budgets',
  'scans',
  'cleanups',
]
