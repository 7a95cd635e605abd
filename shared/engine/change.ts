import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Message } from '../platform/queue.ts'
import { backoffMs } from './backoff.ts'
import { type Ending, STATUS_AFTER } from './ending.ts'
import type { Execution } from './execution.ts'
import type { Fold } from './fold.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { RunMemory } from './run-memory.ts'
import { taskRecord } from './save-task.ts'
import { admissionRules } from './schedule.ts'
import type { Task } from './task.ts'
import { TASK_RESULT } from './task-result.ts'
import { sourcesOf } from './transitions.ts'
import type { Change } from './write.ts'

/** What a worker follows through its steps. */
export interface Work {
  readonly task: Task
  readonly execution: Execution
  readonly memory: RunMemory
  /** What the store need not know before the work begins. */
  readonly fold: Fold
}

export interface Finished {
  readonly task: Task
  /** The claim number that the next message must carry. */
  readonly claim: number
  /** The next execution, leased to this worker. */
  readonly next: Work | null
  /** To be sent: to the next execution where this worker can't go on, and to runs that were let in. */
  readonly messages: readonly Message[]
  /** True when the run has ended. */
  readonly runEnded: boolean
  /** False where the store hears of it only with what comes next. */
  readonly written: boolean
}

/** What an ending says of its execution and of the task. */
export function changeOf(
  platform: Platform,
  execution: Execution,
  ending: Ending,
  { task, runEnded, now }: { task: Task; runEnded: boolean; now: Date },
): Change {
  const status = STATUS_AFTER[ending.kind]
  const problem = ending.kind === 'failed' || ending.kind === 'retry' ? ending.problem : null
  return {
    at: now,
    status,
    sources: sourcesOf(status),
    // A cancelled node may have others beside it, so that its end is not yet that of its run.
    unless_cancelled: !runEnded && ending.kind !== 'cancelled',
    attempt: problem === null ? execution.attempt : execution.attempt + 1,
    ...(ending.kind === 'completed' ? { result: ending.result } : {}),
    ...(problem === null ? {} : { error_message: problem.message, error_code: problem.code }),
    ...(ending.kind === 'retry' ? { available_at: ending.availableAt } : {}),
    ...(ending.kind === 'sliced' ? { available_at: now } : {}),
    task: taskRecord(task, now),
    ...(runEnded ? { admit: admissionRules(platform.config, now) } : {}),
  }
}

/** A result file that can't be written ends no task. */
export async function orNoFile<T>(platform: Platform, task: Task, write: () => Promise<T[]>): Promise<T[]> {
  try {
    return await write()
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'files_unavailable') throw cause
    platform.log('background.failed', { what: `write ${TASK_RESULT}`, taskId: task.id, message: cause.message })
    return []
  }
}

const TRIES_MAX = 4 // a server that restarts is back within seconds

/** Tries again while the store is away and the lease may still hold: a second write of the same changes nothing. */
export async function persistently<T>(platform: Platform, keeper: LeaseKeeper, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      const away = error instanceof Problem && error.code === 'store_unavailable'
      if (!away || tries === TRIES_MAX || !keeper.mayHold()) throw error
      await platform.clock.sleep(backoffMs(tries, platform.random))
    }
  }
}
