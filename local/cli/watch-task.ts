import type { ExecutionAnswer, TaskAnswer } from './answers.ts'
import type { HelixApi } from './api.ts'
import { readEvents } from './event-stream.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure } from './failure.ts'
import { pause } from './pause.ts'

/** A task and everything that was executed of it, at one moment. */
export interface TaskState {
  readonly task: TaskAnswer
  readonly executions: readonly ExecutionAnswer[]
}

const LOOK_MS = 1_000 // the share of a step is not in the feed, so it is looked up
const PAUSE_MS = 200 // between two looks, however much the feed tells
const LOST_MS_MAX = 30_000 // a runner that restarts is back by then
const FINAL: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled'])

/** Whether nothing more will happen to a task by itself. */
export function isOver({ task }: TaskState): boolean {
  return FINAL.has(task.status) || (task.status === 'partial_completed' && task.current_execution === null)
}

/**
 * A task's states, one a second and whenever its feed tells of something, until it is over or `signal` aborts.
 * A runner that goes away for a while is waited for.
 * @throws {CliFailure} what the API refuses, and `runner_unreachable` once it has been away for half a minute
 */
export async function* watchTask(api: HelixApi, taskId: string, signal: AbortSignal): AsyncGenerator<TaskState> {
  const done = new AbortController()
  const bell = new Bell()
  const feed = listen(api, taskId, bell, done.signal)
  let lostMs = 0
  try {
    while (!signal.aborted) {
      const state = await stateOf(api, taskId).catch((error: unknown) => {
        if (!isUnreachable(error) || lostMs >= LOST_MS_MAX) throw error
        return null
      })
      lostMs = state === null ? lostMs + LOOK_MS : 0
      if (state !== null) yield state
      if (state !== null && isOver(state)) return
      await bell.wait(LOOK_MS, signal)
      await pause(PAUSE_MS)
    }
  } finally {
    done.abort()
    await feed
  }
}

async function stateOf(api: HelixApi, taskId: string): Promise<TaskState> {
  const [task, executions] = await Promise.all([api.task(taskId), api.executions(taskId)])
  return { task, executions }
}

/** Rings the bell at every event of the task's feed. Looking does without the feed, so a broken one is not told of. */
async function listen(api: HelixApi, taskId: string, bell: Bell, signal: AbortSignal): Promise<void> {
  let lastId: string | null = null
  while (!signal.aborted) {
    try {
      const response = await api.events(taskId, lastId, signal)
      if (response.status === 204 || response.body === null) return
      for await (const { id, event } of readEvents(response.body, signal)) {
        lastId = id ?? lastId
        if (event === 'task') bell.ring()
        if (signal.aborted) return
      }
    } catch (error) {
      if (error instanceof CliFailure && !isUnreachable(error)) return
    }
    await pause(LOOK_MS, signal)
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof CliFailure && error.exitCode === EXIT.unreachable
}

/** Wakes one waiter; a ring that nobody waits for is kept for the next. */
class Bell {
  #rung = new AbortController()

  ring(): void {
    this.#rung.abort()
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    await pause(ms, AbortSignal.any([this.#rung.signal, signal]))
    if (this.#rung.signal.aborted) this.#rung = new AbortController()
  }
}
