import type { Platform } from '../platform/platform.ts'
import { asProblem, type Problem } from '../platform/problems.ts'
import type { Execution } from './execution.ts'
import { assertOutputs, decideFailure, type Ending, type Finished, finishExecution } from './finish.ts'
import { claimExecution } from './lease.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { renderLogLines } from './log-lines.ts'
import { admitAndSend, sendMessages } from './messages.ts'
import { ownsFile } from './outputs.ts'
import { PIPELINE, type StepName } from './pipeline.ts'
import { openStep, type StepContext, type StepResult } from './step-context.ts'
import { Cancelled, SliceEnd } from './stops.ts'
import { findTask, type Task } from './task.ts'
import { taskFileNames } from './task-files.ts'
import { taskLanguage } from './task-language.ts'

/** What a step does; everything about when and whether is the engine's. */
export type StepWork = (context: StepContext, platform: Platform) => Promise<StepResult>

export type RunAnswer =
  | { readonly kind: 'finished'; readonly ending: Ending['kind'] }
  | { readonly kind: 'early'; readonly retryAfterSeconds: number }
  /** Nothing was changed: another worker has it, or it is over. */
  | { readonly kind: 'stale' }

const HAND_OFF_MS_MIN = 60_000 // a next step that has less than this left goes through the queue

/**
 * Takes the execution that a message speaks of, works it under a heartbeat, and finishes it in one transaction.
 * A repeat of the message finds another claim number and changes nothing.
 */
export async function runStep(
  platform: Platform,
  step: StepName,
  message: { execution_id: string; claim: number },
  work: StepWork,
): Promise<RunAnswer> {
  const wanted = { executionId: message.execution_id, claim: message.claim }
  const claim = await claimExecution(platform.store, wanted, platform.workerId, platform.clock.now())
  if (claim.kind !== 'claimed') return claim
  const { execution } = claim
  const task = await findTask(platform.store, execution.taskId)
  if (task === null || execution.step !== step) return { kind: 'stale' }
  platform.log('execution.claimed', {
    executionId: execution.executionId,
    step,
    claim: execution.claim,
    attempt: execution.attempt,
  })
  const keeper = new LeaseKeeper(platform, execution)
  keeper.start()
  let ending: Ending | null
  try {
    ending = await attempt(platform, task, execution, keeper, work)
  } finally {
    await keeper.close()
  }
  const finished = ending === null ? null : await finishAndTell(platform, execution, ending, keeper)
  if (ending === null || finished === null) {
    platform.log('execution.fenced', { executionId: execution.executionId, step, claim: execution.claim })
    return { kind: 'stale' }
  }
  await goOn(platform, execution, ending, finished)
  return { kind: 'finished', ending: ending.kind }
}

/** One attempt, from its first log line to how it ended; null when the lease was lost. */
async function attempt(
  platform: Platform,
  task: Task,
  execution: Execution,
  keeper: LeaseKeeper,
  work: StepWork,
): Promise<Ending | null> {
  const language = taskLanguage(platform.config.HELIX_LANGUAGE, task)
  const { context, outputs } = openStep(platform, task, execution, keeper, language)
  const title = PIPELINE[execution.step].title
  context.log('INFO', { zh: `开始执行步骤：${title.zh}`, en: `Step started: ${title.en}` }, { claim: execution.claim })
  try {
    if (execution.cleanPrevious && !execution.filesCleaned) await cleanFiles(platform, execution, keeper)
    const { result, required } = await work(context, platform)
    const stop = keeper.reasonToStop(true)
    if (stop !== null) throw stop
    await assertOutputs(platform, task.id, required)
    context.log('INFO', { zh: `步骤完成：${title.zh}`, en: `Step completed: ${title.en}` }, result)
    return { kind: 'completed', result, outputs }
  } catch (thrown) {
    const ending = endingOf(platform, execution, keeper.reasonToStop(true) ?? thrown)
    if (ending?.kind === 'cancelled')
      context.log('WARNING', { zh: `步骤已取消：${title.zh}`, en: `Step cancelled: ${title.en}` })
    if (ending?.kind === 'sliced')
      context.log('INFO', { zh: '已保存进度，稍后继续', en: 'Progress saved; the step goes on later' })
    if (ending?.kind === 'failed' || ending?.kind === 'retry') logFailure(context, ending)
    return ending
  }
}

function endingOf(platform: Platform, execution: Execution, thrown: unknown): Ending | null {
  if (thrown instanceof SliceEnd) return { kind: 'sliced' }
  if (thrown instanceof Cancelled) return { kind: 'cancelled' }
  const problem = asProblem(thrown)
  if (problem.code === 'lease_lost') return null
  return decideFailure(execution, problem, platform.clock.now(), platform.random)
}

function logFailure(context: StepContext, ending: Extract<Ending, { problem: Problem }>): void {
  const { problem } = ending
  const again = ending.kind === 'retry'
  context.log(
    again ? 'WARNING' : 'ERROR',
    {
      zh: `步骤失败：${problem.message}${again ? '，将自动重试' : ''}`,
      en: `Step failed: ${problem.message}${again ? '; it will be tried again' : ''}`,
    },
    { code: problem.code, ...(problem.hint === undefined ? {} : { hint: problem.hint }) },
  )
}

async function finishAndTell(
  platform: Platform,
  execution: Execution,
  ending: Ending,
  keeper: LeaseKeeper,
): Promise<Finished | null> {
  const lines = keeper.takeLines()
  const finished = await finishExecution(platform, execution, ending, lines)
  if (finished !== null && lines.length > 0) {
    const text = renderLogLines(lines, platform.clock.timeZone)
    await platform.files.append(`${execution.taskId}/data_pipeline.log`, text)
  }
  return finished
}

const EVENT_OF = {
  completed: 'execution.completed',
  failed: 'execution.failed',
  retry: 'execution.retried',
  sliced: 'execution.sliced',
  cancelled: 'execution.cancelled',
} as const

/** After commit: tells the log, hands the work on, lets the next run in. */
async function goOn(platform: Platform, execution: Execution, ending: Ending, finished: Finished): Promise<void> {
  const { executionId, step, claim } = execution
  const code = ending.kind === 'failed' || ending.kind === 'retry' ? { code: ending.problem.code } : {}
  platform.log(EVENT_OF[ending.kind], { executionId, step, claim, ...code })
  if (finished.next !== null) handOff(platform, finished.next)
  if (ending.kind === 'retry' || ending.kind === 'sliced') {
    const delayMs = ending.kind === 'retry' ? ending.availableAt.getTime() - platform.clock.now().getTime() : 0
    const message = { function: PIPELINE[step].function, body: { execution_id: executionId, claim: finished.claim } }
    await sendMessages(platform, [message], Math.max(0, Math.ceil(delayMs / 1000)))
  }
  if (!finished.runEnded) return
  platform.log('task.finished', { taskId: execution.taskId, status: finished.task.status })
  await admitAndSend(platform)
}

/** Calls the next function in this process: it already holds the lease. If it dies, that lease lapses like any other. */
function handOff(platform: Platform, next: NonNullable<Finished['next']>): void {
  const timeLeft =
    platform.deadline === null ? Number.POSITIVE_INFINITY : platform.deadline.getTime() - platform.clock.now().getTime()
  if (timeLeft < HAND_OFF_MS_MIN || platform.stopping.aborted) platform.defer(sendMessages(platform, [next]))
  else platform.defer(platform.dispatch(next))
}

const MARK_CLEANED = `
  update data_pipeline_task_executions
     set files_cleaned = true
   where execution_id = $1 and claim = $2 and status = 'running'
  returning execution_id`

/** Removes the step's old files, and no other's; asked for with `clean_previous`. */
async function cleanFiles(platform: Platform, execution: Execution, keeper: LeaseKeeper): Promise<void> {
  const names = await taskFileNames(platform.files, execution.taskId)
  keeper.assertHeld()
  const own = names.filter((name) => ownsFile(execution.step, name))
  await platform.files.delete(own.map((name) => `${execution.taskId}/${name}`))
  const { rowCount } = await platform.store.query(MARK_CLEANED, [execution.executionId, execution.claim])
  if (rowCount === 0) throw keeper.lose()
}
