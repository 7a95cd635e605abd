import type { Platform } from '../platform/platform.ts'
import { asProblem, Problem } from '../platform/problems.ts'
import { traceOfClaim } from '../platform/trace.ts'
import { tracedPlatform } from '../platform/traced-platform.ts'
import { type Finished, persistently } from './change.ts'
import { decideFailure, type Ending } from './ending.ts'
import type { Execution } from './execution.ts'
import { assertOutputs, finishExecution } from './finish.ts'
import { finishNode } from './finish-node.ts'
import { Fold } from './fold.ts'
import { Handed, handOff, type Taken } from './handed.ts'
import { claimExecution } from './lease.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { sendMessages } from './messages.ts'
import { ownsFile } from './outputs.ts'
import { functionOf, titleOf } from './planned-workflow.ts'
import { RunMemory } from './run-memory.ts'
import { settledPlatform } from './settled-platform.ts'
import { openStep, type StepContext, type StepResult } from './step-context.ts'
import { Cancelled, SliceEnd } from './stops.ts'
import { findTask } from './task.ts'
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
 * Takes the execution that a message speaks of, works it under a heartbeat, and ends it with one statement.
 * A repeat of the message finds another claim number and changes nothing.
 * @param message or the work that this very process has leased, which then needs no claim
 */
export async function runStep(
  invoked: Platform,
  functionName: string,
  message: { execution_id: string; claim: number } | Handed,
  work: StepWork,
): Promise<RunAnswer> {
  const taken = message instanceof Handed ? message.take(functionName) : await take(invoked, functionName, message)
  if ('kind' in taken) return taken
  const platform = tracedFor(invoked, taken)
  const { execution } = taken
  const { executionId, step, claim, attempt } = execution
  platform.log('execution.claimed', { executionId, step, claim, attempt })
  const keeper = new LeaseKeeper(platform, taken)
  const letGo = platform.claims.hold(execution, () => keeper.reasonToStop(true) === null)
  keeper.start()
  let finished: Awaited<ReturnType<typeof finish>> = null
  try {
    const ending = await workStep(platform, taken, keeper, work).finally(() => keeper.close())
    if (ending !== null) finished = await finish(platform, taken, ending, keeper)
  } finally {
    letGo()
  }
  if (finished === null) {
    platform.log('execution.fenced', { executionId, step, claim })
    return { kind: 'stale' }
  }
  await goOn(platform, taken, finished.ending, finished)
  return { kind: 'finished', ending: finished.ending.kind }
}

/** The request that started the task is known from its row: a message may be lost and sent again by the sweep. */
function tracedFor(platform: Platform, { task, execution: { executionId, claim } }: Taken): Platform {
  const { trace: kept } = task.parameters
  const trace = kept === undefined ? null : traceOfClaim(kept, executionId, claim)
  return tracedPlatform(platform, { trace, taskId: task.id, executionId })
}

/** Claims what a message speaks of. */
async function take(
  platform: Platform,
  functionName: string,
  message: { execution_id: string; claim: number },
): Promise<Taken | Exclude<RunAnswer, { kind: 'finished' }>> {
  const wanted = { executionId: message.execution_id, claim: message.claim }
  const claim = await claimExecution(platform.store, wanted, platform.workerId, platform.clock.now())
  if (claim.kind !== 'claimed') return claim
  const task = await findTask(platform.store, claim.execution.taskId)
  if (task === null || functionOf(claim.execution) !== functionName) return { kind: 'stale' }
  return { task, execution: claim.execution, memory: new RunMemory(task.id, null), fold: new Fold(), fresh: false }
}

/** One attempt, from its first log line to how it ended; null when the lease was lost. */
async function workStep(platform: Platform, taken: Taken, keeper: LeaseKeeper, work: StepWork): Promise<Ending | null> {
  const { task, execution } = taken
  const language = taskLanguage(platform.config.HELIX_LANGUAGE, task)
  const { context, outputs } = openStep(platform, taken, keeper, language)
  const title = titleOf(execution.step)
  context.log('INFO', { zh: `开始执行步骤：${title.zh}`, en: `Step started: ${title.en}` }, { claim: execution.claim })
  try {
    if (execution.cleanPrevious && !execution.filesCleaned) await cleanFiles(platform, execution, keeper)
    const { result, required, skipped = false } = await work(context, settledPlatform(platform, taken.fold))
    const stop = keeper.reasonToStop(true)
    if (stop !== null) throw stop
    const written = new Set([...keeper.pendingOutputs(), ...outputs].map(({ fileName }) => fileName))
    await assertOutputs(
      platform,
      task.id,
      required.filter((name) => !written.has(name)),
    )
    context.log('INFO', { zh: `步骤完成：${title.zh}`, en: `Step completed: ${title.en}` }, result)
    return { kind: 'completed', result, outputs, skipped }
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

/** Ends the claim; as cancelled where somebody has asked for that in the meantime. */
async function finish(
  platform: Platform,
  taken: Taken,
  ending: Ending,
  keeper: LeaseKeeper,
): Promise<(Finished & { ending: Ending }) | null> {
  try {
    for (const wanted of ending.kind === 'cancelled' ? [ending] : [ending, { kind: 'cancelled' } as const]) {
      const finished = await finishAny(platform, taken, wanted, keeper)
      if (finished !== null) return { ...finished, ending: wanted }
    }
    return null
  } catch (error) {
    if (error instanceof Problem && error.code === 'lease_lost') return null
    throw error
  }
}

/** Ends a step of the pipeline with one statement; a node of a workflow under the lock of its task. */
async function finishAny(
  platform: Platform,
  taken: Taken,
  ending: Ending,
  keeper: LeaseKeeper,
): Promise<Finished | null> {
  const { task, execution, memory } = taken
  const goesOn = canGoOn(platform)
  if (task.parameters.workflow === undefined) {
    return await finishExecution(platform, taken, ending, keeper, {
      goesOn,
      written: () => tellEnd(platform, execution, ending),
      refused: () => giveUp(platform, taken, keeper),
    })
  }
  const pending = keeper.takePending()
  const node = { execution, ending, pending, goesOn: goesOn ? memory : null }
  const finished = await persistently(platform, keeper, () => finishNode(platform, node))
  if (finished === null) keeper.putBack(pending)
  else memory.remember(pending)
  return finished
}

/** An end that waited was refused: another worker has the execution, or somebody has asked for its cancellation. */
async function giveUp(platform: Platform, taken: Taken, keeper: LeaseKeeper): Promise<void> {
  keeper.isKnown()
  const ending = { kind: 'cancelled' } as const
  const known = { ...taken, fold: new Fold() }
  const finished = await finishAny(platform, known, ending, keeper)
  if (finished !== null) await goOn(platform, known, ending, finished)
}

const EVENT_OF = {
  completed: 'execution.completed',
  failed: 'execution.failed',
  retry: 'execution.retried',
  sliced: 'execution.sliced',
  cancelled: 'execution.cancelled',
} as const

/** After commit: tells the log, hands the work on, sends messages. */
async function goOn(
  platform: Platform,
  { execution, memory }: Taken,
  ending: Ending,
  finished: Finished,
): Promise<void> {
  const { executionId } = execution
  if (finished.written) tellEnd(platform, execution, ending)
  if (finished.next === null) await memory.appendLog(platform)
  else handOff(platform, finished.next)
  if (ending.kind === 'retry' || ending.kind === 'sliced') {
    const delayMs = ending.kind === 'retry' ? ending.availableAt.getTime() - platform.clock.now().getTime() : 0
    const message = { function: functionOf(execution), body: { execution_id: executionId, claim: finished.claim } }
    await sendMessages(platform, [message], Math.max(0, Math.ceil(delayMs / 1000)))
  }
  await sendMessages(platform, finished.messages)
  if (finished.runEnded) platform.log('task.finished', { taskId: execution.taskId, status: finished.task.status })
}

function tellEnd(platform: Platform, { executionId, step, claim }: Execution, ending: Ending): void {
  const code = ending.kind === 'failed' || ending.kind === 'retry' ? { code: ending.problem.code } : {}
  platform.log(EVENT_OF[ending.kind], { executionId, step, claim, ...code })
}

/** Whether this process may begin one more step itself. */
function canGoOn({ deadline, clock, stopping }: Platform): boolean {
  const timeLeft = deadline === null ? Number.POSITIVE_INFINITY : deadline.getTime() - clock.now().getTime()
  return timeLeft >= HAND_OFF_MS_MIN && !stopping.aborted
}

const MARK_CLEANED = `
  update data_pipeline_task_executions
     set files_cleaned = true
   where execution_id = $1 and claim = $2 and status = 'running'
  returning execution_id`

/**
 * Removes the step's old files, and no other's; asked for with `clean_previous`. It holds the execution's row meanwhile:
 * a worker that slept would otherwise remove what its successor has written.
 */
async function cleanFiles(platform: Platform, execution: Execution, keeper: LeaseKeeper): Promise<void> {
  const names = await taskFileNames(platform.files, execution.taskId)
  const own = names.filter((name) => ownsFile(execution.step, name))
  await platform.store.transaction(async (tx) => {
    const { rowCount } = await tx.query(MARK_CLEANED, [execution.executionId, execution.claim])
    if (rowCount === 0) throw keeper.lose()
    keeper.assertHeld()
    await platform.files.delete(own.map((name) => `${execution.taskId}/${name}`))
  })
}
