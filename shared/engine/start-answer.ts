import * as z from 'zod'
import { localTime } from '../platform/clock.ts'
import type { Platform } from '../platform/platform.ts'
import type { Queryable } from '../platform/store.ts'
import type { Accepted } from './accept-task.ts'
import { once, type StoredAnswer } from './idempotency.ts'
import { sendMessages } from './messages.ts'
import type { StartedRun } from './start-run.ts'
import { sha256 } from './task-files.ts'

export const StartedStepView = z.object({
  execution_id: z.string(),
  task_id: z.string(),
  step: z.string(),
  status: z.enum(['queued', 'running']),
  started_at: z.string().nullable().meta({ description: 'Local time; null while it waits for room' }),
})

export const StartedWorkflowView = StartedStepView.omit({ step: true })

export function startedStepView({ execution }: StartedRun, timeZone: string): z.infer<typeof StartedStepView> {
  return {
    execution_id: execution.executionId,
    task_id: execution.taskId,
    step: execution.step,
    status: execution.status === 'queued' ? 'queued' : 'running',
    started_at: execution.startedAt === null ? null : localTime(execution.startedAt, timeZone),
  }
}

/** @param run of a task that was accepted with it */
export function startedWorkflowView(
  taskId: string,
  run: NonNullable<Accepted['run']>,
  timeZone: string,
): z.infer<typeof StartedWorkflowView> {
  return {
    execution_id: run.id,
    task_id: taskId,
    status: run.status,
    started_at: run.startedAt === null ? null : localTime(run.startedAt, timeZone),
  }
}

/**
 * Starts a run once per idempotency key and sends its messages after commit.
 * @returns the answer, word for word the first one where the key is repeated
 */
export async function startOnce(
  platform: Platform,
  request: { key: string | null; text: string },
  start: (tx: Queryable) => Promise<StartedRun>,
  answer: (run: StartedRun) => StoredAnswer,
): Promise<StoredAnswer> {
  let started: StartedRun | undefined
  const hash = sha256(request.text)
  const { answer: given, repeated } = await once(platform, request.key, hash, async (tx) => {
    started = await start(tx)
    return answer(started)
  })
  if (!repeated && started !== undefined) await sendMessages(platform, started.messages)
  return given
}
