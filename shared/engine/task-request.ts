import * as z from 'zod'
import type { StoredSource } from '../platform/source-ref.ts'
import type { NewTask } from './new-task.ts'

const Connection = z.strictObject({
  host: z.string().min(1).max(255),
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
  database: z.string().min(1).max(63),
  user: z.string().max(63).optional(),
  password: z.string().max(1000).optional(),
})

const fields = {
  table_list_file: z.string().min(1).max(255).optional(),
  table_list: z.array(z.string().min(1).max(200)).max(10_000).optional(),
  business_context: z.string().max(20_000).optional(),
  db_name: z.string().min(1).max(100).optional(),
  db_connection: Connection.optional(),
  enable_sql_validation: z.boolean().optional(),
  enable_llm_repair: z.boolean().optional(),
  modify_original_file: z.boolean().optional(),
  enable_training_data_load: z.boolean().optional(),
  language: z.enum(['zh', 'en', 'auto']).optional(),
  priority: z.number().int().min(-100).max(100).optional(),
  concurrency_key: z.string().min(1).max(200).optional(),
  step_timeout_minutes: z
    .number()
    .int()
    .min(1)
    .max(24 * 60)
    .optional(),
}

/** What creates a task: the settings at the top level, or in `parameters` as the specification's scenarios send them. */
export const TaskRequest = z.strictObject({
  task_type: z.string().min(1).max(50).optional(),
  ...fields,
  parameters: z.strictObject(fields).optional(),
  trigger: z.enum(['api', 'manual']).default('api').meta({ description: '`manual` for runs from the command line' }),
})

export type TaskSettings = z.infer<z.ZodObject<typeof fields>>

/** The settings of a request, those at the top level before those in `parameters`. */
export function settingsOf({
  task_type: _,
  parameters,
  trigger: __,
  ...settings
}: z.infer<typeof TaskRequest>): TaskSettings {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
  return { ...parameters, ...given }
}

/** @param tables the relations that the request's list names, or null for all @param createdBy the caller */
export function newTask(
  request: z.infer<typeof TaskRequest>,
  found: { source: StoredSource; tables: readonly string[] | null; createdBy: string; idempotencyKey: string | null },
  executionMode: NewTask['executionMode'],
): NewTask {
  const settings = settingsOf(request)
  return {
    taskType: request.task_type ?? (executionMode === 'complete' ? 'complete_workflow' : 'data_workflow'),
    createdBy: found.createdBy,
    priority: settings.priority ?? 0,
    concurrencyKey: settings.concurrency_key ?? found.source.name,
    idempotencyKey: found.idempotencyKey,
    idPrefix: request.trigger === 'manual' ? 'manual' : 'task',
    executionMode,
    parameters: {
      db_name: found.source.name,
      business_context: settings.business_context,
      table_list_file: settings.table_list_file,
      table_list: found.tables ?? undefined,
      enable_sql_validation: settings.enable_sql_validation ?? true,
      enable_llm_repair: settings.enable_llm_repair ?? true,
      modify_original_file: settings.modify_original_file ?? true,
      enable_training_data_load: settings.enable_training_data_load ?? true,
      language: settings.language ?? 'auto',
      step_timeout_minutes: settings.step_timeout_minutes,
      source: found.source,
    },
  }
}
