import * as z from 'zod'
import { STEP_STATUSES, TASK_STATUSES } from '../../shared/engine/transitions.ts'

/** What the command line reads of the API's answers, and no more, so that a runner of another version may say more. What it only passes on is kept whole. */
export const Started = z.object({ task_id: z.string(), execution_id: z.string(), status: z.string() })

export const TaskSummary = z.object({
  task_id: z.string(),
  task_type: z.string(),
  status: z.enum(TASK_STATUSES),
  progress: z.number(),
  db_name: z.string(),
  step_status: z.record(z.string(), z.enum(STEP_STATUSES)),
  created_at: z.string(),
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
  error_message: z.string().nullish(),
  error_code: z.string().nullish(),
})

export const Task = TaskSummary.extend({
  business_context: z.string().nullish(),
  output_directory: z.string(),
  result: z.record(z.string(), z.unknown()).nullish(),
  current_execution: z.object({ execution_id: z.string(), step: z.string(), status: z.string() }).nullable(),
})

export const TaskPage = z.object({ tasks: z.array(TaskSummary), next_cursor: z.string().nullish() })

export const Execution = z.object({
  execution_id: z.string(),
  step: z.string(),
  status: z.string(),
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
  duration: z.number().nullish(),
  attempt: z.number().optional(),
  progress: z.number().default(0),
  error_message: z.string().nullish(),
})

export const Executions = z.object({ executions: z.array(Execution) })

export const LogLine = z.object({
  id: z.number().optional(),
  timestamp: z.string(),
  level: z.string(),
  step_name: z.string().nullish(),
  message: z.string(),
})

export const LogPage = z.object({ logs: z.array(LogLine), next_cursor: z.string().nullish() })

export const File = z.looseObject({
  file_name: z.string(),
  file_type: z.string(),
  file_size: z.number(),
  download_url: z.string(),
})

export const Files = z.object({ files: z.array(File) })

export const Pair = z.looseObject({
  question: z.string(),
  sql: z.string(),
  hardness: z.string().optional(),
  rows: z.number().optional(),
})

export const PairPage = z.object({ pairs: z.array(Pair), total: z.number() })

export const Sources = z.object({
  sources: z.array(z.object({ name: z.string(), kind: z.string(), address: z.string() })),
})

export const Cancelled = z.object({ task_id: z.string(), status: z.string(), cancel_requested: z.boolean() })

/** Its definition is read as any other is. */
export const Workflow = z.object({ id: z.string(), version: z.number(), definition: z.record(z.string(), z.json()) })

const Coverage = z.looseObject({ covered: z.number(), total: z.number() })

/** `quality_report.json`; everything that it holds besides is kept for `--json`. */
export const Quality = z.looseObject({
  pairs: z.number(),
  executed: z.number(),
  non_empty: z.number().optional(),
  repaired: z.number(),
  dropped: z.record(z.string(), z.number()),
  duplicates_removed: z.number().optional(),
  tables: Coverage,
  columns: Coverage,
  foreign_keys: Coverage,
  hardness: z.record(z.string(), z.number()).optional(),
  skeletons: z.number().optional(),
  sharp: z.number().nullish(),
})

export type TaskAnswer = z.infer<typeof Task>
export type TaskSummaryAnswer = z.infer<typeof TaskSummary>
export type ExecutionAnswer = z.infer<typeof Execution>
export type LogAnswer = z.infer<typeof LogLine>
export type FileAnswer = z.infer<typeof File>
export type PairAnswer = z.infer<typeof Pair>
export type QualityAnswer = z.infer<typeof Quality>

/** Problem details, as much of them as is told. */
export const ProblemAnswer = z.object({
  code: z.string(),
  error: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
