import * as z from 'zod'
import { localTime } from '../platform/clock.ts'
import type { Execution } from './execution.ts'
import type { Task } from './task.ts'
import { STEP_STATUSES, TASK_STATUSES } from './transitions.ts'

/** How the API shows a time: local, without a zone, to the second, as the specification writes it. */
const Time = z.string().meta({ description: 'Local time, `2025-06-27T14:30:52`' })

export const StepStatusView = z
  .record(z.string(), z.enum(STEP_STATUSES))
  .meta({ description: 'By step of the pipeline, or by node of the workflow' })

export const TaskSummaryView = z.object({
  task_id: z.string(),
  task_type: z.string(),
  status: z.enum(TASK_STATUSES),
  progress: z.number().int().min(0).max(100),
  db_name: z.string(),
  business_context: z.string().nullable(),
  step_status: StepStatusView,
  created_at: Time,
  started_at: Time.nullable(),
  completed_at: Time.nullable(),
  created_by: z.string().nullable(),
  priority: z.number().int(),
  error_message: z.string().nullable(),
  error_code: z.string().nullable(),
})

export const CurrentExecutionView = z.object({
  execution_id: z.string(),
  step: z.string(),
  status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
  started_at: Time.nullable(),
})

export const ExecutionView = CurrentExecutionView.extend({
  task_id: z.string(),
  run_id: z
    .string()
    .meta({ description: 'The run that it belongs to: its own id, or the one that execute-complete answered' }),
  completed_at: Time.nullable(),
  duration: z.number().nullable().meta({ description: 'Whole seconds from start to end' }),
  attempt: z.number().int(),
  progress: z.number().meta({ description: 'Share of the step that is done, 0 to 1' }),
  force_executed: z.boolean(),
  files_cleaned: z.boolean(),
  error_message: z.string().nullable(),
  error_code: z.string().nullable(),
  execution_result: z.record(z.string(), z.unknown()).nullable(),
})

export const TaskView = TaskSummaryView.extend({
  parameters: z.record(z.string(), z.unknown()),
  result: z.record(z.string(), z.unknown()).nullable(),
  output_directory: z.string(),
  current_execution: CurrentExecutionView.nullable(),
})

export function taskSummaryView(task: Task, timeZone: string): z.infer<typeof TaskSummaryView> {
  return {
    task_id: task.id,
    task_type: task.taskType,
    status: task.status,
    progress: task.progress,
    db_name: task.dbName,
    business_context: task.businessContext,
    step_status: task.stepStatus,
    created_at: localTime(task.createdAt, timeZone),
    started_at: timeOrNull(task.startedAt, timeZone),
    completed_at: timeOrNull(task.completedAt, timeZone),
    created_by: task.createdBy,
    priority: task.priority,
    error_message: task.errorMessage,
    error_code: task.errorCode,
  }
}

/** @param current the execution under way, or null */
export function taskView(task: Task, current: Execution | null, timeZone: string): z.infer<typeof TaskView> {
  const { source, trace: _, ...parameters } = task.parameters
  const shown = source.kind === 'inline' ? { ...parameters, db_connection: source.shown } : parameters
  return {
    ...taskSummaryView(task, timeZone),
    parameters: shown,
    result: task.result,
    output_directory: task.outputDirectory,
    current_execution: current === null ? null : currentExecutionView(current, timeZone),
  }
}

export function currentExecutionView(execution: Execution, timeZone: string): z.infer<typeof CurrentExecutionView> {
  return {
    execution_id: execution.executionId,
    step: execution.step,
    status: execution.status,
    started_at: timeOrNull(execution.startedAt, timeZone),
  }
}

export function executionView(execution: Execution, timeZone: string): z.infer<typeof ExecutionView> {
  const { startedAt, completedAt } = execution
  const seconds =
    startedAt === null || completedAt === null ? null : (completedAt.getTime() - startedAt.getTime()) / 1000
  return {
    ...currentExecutionView(execution, timeZone),
    task_id: execution.taskId,
    run_id: execution.runId,
    completed_at: timeOrNull(completedAt, timeZone),
    duration: seconds === null ? null : Math.floor(seconds),
    attempt: execution.attempt,
    progress: execution.progress,
    force_executed: execution.forceExecuted,
    files_cleaned: execution.filesCleaned || execution.cleanPrevious,
    error_message: execution.errorMessage,
    error_code: execution.errorCode,
    execution_result: execution.result,
  }
}

function timeOrNull(at: Date | null, timeZone: string): string | null {
  return at === null ? null : localTime(at, timeZone)
}
