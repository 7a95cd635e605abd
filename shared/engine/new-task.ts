import { localTime } from '../platform/clock.ts'
import type { Platform } from '../platform/platform.ts'
import { stepNames } from './planned-workflow.ts'
import type { TaskParameters } from './task.ts'
import type { StepStatus, StepStatuses } from './transitions.ts'

/** A task that is to be. */
export interface NewTask {
  readonly taskType: string
  readonly parameters: TaskParameters
  readonly createdBy: string
  readonly priority: number
  readonly concurrencyKey: string
  readonly idempotencyKey: string | null
  /** `manual` for runs from the command line. */
  readonly idPrefix: 'task' | 'manual'
  readonly executionMode: 'step' | 'complete'
}

/** Every step of a new task: pending, or switched off. */
export function initialSteps(parameters: TaskParameters): StepStatuses {
  const steps: Record<string, StepStatus> = Object.fromEntries(
    stepNames(parameters.workflow).map((name) => [name, 'pending']),
  )
  if (parameters.workflow !== undefined) return steps
  if (!parameters.enable_sql_validation) steps.sql_validation = 'skipped'
  if (!parameters.enable_training_data_load) steps.training_load = 'skipped'
  return steps
}

/** `task_config.json`: what was asked, passwords masked. */
export function taskConfig(platform: Platform, id: string, request: NewTask, createdAt: Date): string {
  const { source, ...parameters } = request.parameters
  const config = {
    task_id: id,
    task_type: request.taskType,
    created_at: localTime(createdAt, platform.clock.timeZone),
    parameters: {
      db_connection: source.kind === 'inline' ? source.shown : { name: source.name, password: '******' },
      ...parameters,
      table_list: parameters.table_list ?? [],
      output_dir: outputDirectory(platform, id),
      execution_mode: request.executionMode,
      single_step: null,
      llm_config: platform.llm === null ? null : { model: platform.llm.model },
    },
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/** Where people find a task's files. */
export function outputDirectory(platform: Platform, id: string): string {
  return `${platform.files.root}/${id}`
}
