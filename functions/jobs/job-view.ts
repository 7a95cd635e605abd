import * as z from 'zod'
import type { Job, JobTask } from '../../shared/engine/read-jobs.ts'
import { localTime } from '../../shared/platform/clock.ts'

export const JobView = z.object({
  id: z.string(),
  task_type: z.string(),
  status: z.string().meta({ description: "The task's status in capitals: `IN_PROGRESS`" }),
  progress: z.int(),
  chat_input: z.string().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error_message: z.string().nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
  created_by: z.string().nullable(),
})

export const JobTaskView = z.object({
  id: z.string(),
  agent_id: z.string().meta({ description: 'The step or node' }),
  status: z.string(),
  retry_count: z.int(),
  error_log: z.string().nullable(),
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
})

export function jobView(job: Job, timeZone: string): z.infer<typeof JobView> {
  return {
    id: job.id,
    task_type: job.taskType,
    status: job.status,
    progress: job.progress,
    chat_input: job.chatInput,
    result: job.result,
    error_message: job.errorMessage,
    created_at: localTime(job.createdAt, timeZone),
    started_at: timeOrNull(job.startedAt, timeZone),
    completed_at: timeOrNull(job.completedAt, timeZone),
    created_by: job.createdBy,
  }
}

export function jobTaskView(task: JobTask, timeZone: string): z.infer<typeof JobTaskView> {
  return {
    id: task.id,
    agent_id: task.agentId,
    status: task.status,
    retry_count: task.retryCount,
    error_log: task.errorLog,
    started_at: timeOrNull(task.startedAt, timeZone),
    completed_at: timeOrNull(task.completedAt, timeZone),
  }
}

function timeOrNull(at: Date | null, timeZone: string): string | null {
  return at === null ? null : localTime(at, timeZone)
}
