import { timestampId } from '../platform/clock.ts'
import type { Files } from '../platform/files.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import { keptTrace } from '../platform/trace.ts'
import { Fold } from './fold.ts'
import { handOff } from './handed.ts'
import { answerGiven, assertKey, findAnswer, type StoredAnswer } from './idempotency.ts'
import { LEASE_MS } from './lease.ts'
import { executionIdAt, leasedExecution } from './leased.ts'
import { sendMessages } from './messages.ts'
import { initialSteps, type NewTask, outputDirectory, taskConfig } from './new-task.ts'
import { type Output, outputRecord } from './outputs.ts'
import { STEPS } from './pipeline.ts'
import { functionOfStep, START } from './planned-workflow.ts'
import { RunMemory } from './run-memory.ts'
import { admissionRules } from './schedule.ts'
import type { Task } from './task.ts'
import { outputOfFile } from './task-files.ts'
import type { StepStatuses } from './transitions.ts'
import type { NextRecord } from './write.ts'

/** A task as it was accepted. */
export interface Accepted {
  readonly taskId: string
  readonly createdAt: Date
  readonly outputDirectory: string
  readonly stepStatus: StepStatuses
  /** Of the run of all steps, where one was asked for. */
  readonly run: { readonly id: string; readonly status: 'running' | 'queued'; readonly startedAt: Date | null } | null
}

export interface AcceptOptions {
  /** Of the request, so that a key used for another one is told. */
  readonly requestHash: string
  /** Whether all steps are to be executed, one after the other. */
  readonly start: boolean
  /** What a caller is told; a repeat of the key gets it word for word. */
  readonly answer: (accepted: Accepted) => StoredAnswer
}

const TRIES_MAX = 50 // each one means that other processes took the ids tried so far
const MAX_ATTEMPTS = 3

// One statement for the task, its files, its first execution and who may run; new tasks that come together share it.
const ACCEPT = `
  select helix_accept($1) as answers`

type Verdict =
  | { readonly kind: 'created' | 'running' | 'queued' | 'concurrent' }
  | { readonly kind: 'taken'; readonly number: number }
  | { readonly kind: 'repeated'; readonly request_hash: string; readonly status: number; readonly response: string }

/**
 * Inserts a task and, where asked for, starts its run: where this process has room it begins at once.
 * @throws {Problem} `files_unavailable` (where `task_config.json` can't be written, there is no task), `concurrent_task`,
 *   `idempotency_conflict`
 */
export async function acceptTask(
  platform: Platform,
  request: NewTask,
  options: AcceptOptions,
): Promise<{ answer: StoredAnswer; repeated: boolean }> {
  const { idempotencyKey: key } = request
  assertKey(key)
  if (key !== null) {
    const given = await findAnswer(platform.store, key, options.requestHash)
    if (given !== null) return { answer: given, repeated: true }
  }
  const now = platform.clock.now()
  const ids = new TaskIds(platform, request, now)
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const plan = await planTask(platform, request, ids.next(), now, options)
    if (plan === null) continue // its folder is another task's
    const verdict = await platform.store.together<Verdict>(ACCEPT, plan.item)
    if (verdict.kind === 'taken') {
      ids.skipTo(verdict.number)
      continue
    }
    if (verdict.kind === 'created' || verdict.kind === 'running' || verdict.kind === 'queued') {
      platform.log('task.created', { taskId: plan.task.id, source: request.parameters.db_name })
      if (verdict.kind === 'running') await begin(platform, plan)
      return { answer: options.answer(plan.accepted(verdict.kind)), repeated: false }
    }
    await platform.files.delete([`${plan.task.id}/task_config.json`])
    if (verdict.kind === 'repeated') return { answer: answerGiven(key, options.requestHash, verdict), repeated: true }
    throw new Problem(
      'concurrent_task',
      'Cannot start a task: another one is running, and HELIX_CONCURRENCY_MODE is serial',
      {
        retryAfter: 30,
      },
    )
  }
  throw new Problem('internal', `Cannot find a free id for a task created at ${now.toISOString()}`)
}

/** Everything about a new task that does not depend on the schedule. */
interface Plan {
  readonly task: Task
  readonly start: NextRecord | null
  readonly outputs: readonly Output[]
  readonly item: Record<string, unknown>
  readonly accepted: (kind: 'created' | 'running' | 'queued') => Accepted
}

/** Writes `task_config.json`, which takes the task's folder. @returns null when the folder is taken */
async function planTask(
  platform: Platform,
  request: NewTask,
  { id, second }: { id: string; second: string },
  now: Date,
  { requestHash, start: starts, answer }: AcceptOptions,
): Promise<Plan | null> {
  const config = taskConfig(platform, id, request, now)
  if (!(await putNew(platform, `${id}/task_config.json`, config))) return null
  const task = pendingTask(platform, request, id, now)
  const start = starts ? firstExecution(platform, task, now) : null
  const accepted: Plan['accepted'] = (kind) => ({
    taskId: id,
    createdAt: now,
    outputDirectory: task.outputDirectory,
    stepStatus: task.stepStatus,
    run:
      start === null || kind === 'created'
        ? null
        : { id: start.run_id, status: kind, startedAt: kind === 'running' ? now : null },
  })
  const answers = (starts ? (['running', 'queued'] as const) : (['created'] as const)).map((kind) => {
    return [kind, answer(accepted(kind))] as const
  })
  const outputs = [outputOfFile('task_config.json', 'json', config, 'Task configuration'), LOG_FILE]
  const item = {
    at: now,
    second,
    key: request.idempotencyKey === null ? {} : { key: request.idempotencyKey, hash: requestHash },
    status: answers[0]?.[1].status,
    answers: Object.fromEntries(answers.map(([kind, { body }]) => [kind, JSON.stringify(body)])),
    task: {
      id,
      task_type: task.taskType,
      parameters: task.parameters,
      step_status: task.stepStatus,
      output_directory: task.outputDirectory,
      created_by: task.createdBy,
      db_name: task.dbName,
      business_context: task.businessContext,
      priority: task.priority,
      concurrency_key: task.concurrencyKey,
      idempotency_key: request.idempotencyKey,
    },
    outputs: outputs.map((output) => outputRecord(id, null, output)),
    ...(start === null ? {} : { start: { ...start, ...admissionRules(platform.config, now) } }),
  }
  return { task, start, outputs, item, accepted }
}

const LOG_FILE: Output = {
  fileName: 'data_pipeline.log',
  fileType: 'log',
  size: 0,
  hash: null,
  description: 'Log',
  primary: false,
}

function pendingTask(platform: Platform, request: NewTask, id: string, now: Date): Task {
  const { parameters } = request
  return {
    id,
    taskType: request.taskType,
    status: 'pending',
    parameters: platform.trace === undefined ? parameters : { ...parameters, trace: keptTrace(platform.trace) },
    result: null,
    errorMessage: null,
    errorCode: null,
    stepStatus: initialSteps(parameters),
    outputDirectory: outputDirectory(platform, id),
    createdAt: now,
    startedAt: null,
    completedAt: null,
    createdBy: request.createdBy,
    dbName: parameters.db_name,
    businessContext: parameters.business_context ?? null,
    priority: request.priority,
    concurrencyKey: request.concurrencyKey,
    progress: 0,
  }
}

function firstExecution(platform: Platform, task: Task, now: Date): NextRecord {
  const steps = task.parameters.workflow === undefined ? STEPS : [START]
  const [step = START, ...remaining] = steps.filter((name) => task.stepStatus[name] !== 'skipped')
  const minutes = task.parameters.step_timeout_minutes ?? platform.config.HELIX_STEP_TIMEOUT_MINUTES
  return {
    execution_id: executionIdAt(platform, task.id, step, now),
    step,
    run_id: executionIdAt(platform, task.id, 'complete', now),
    remaining,
    timeout_ms: minutes * 60_000,
    max_attempts: MAX_ATTEMPTS,
    priority: task.priority,
    concurrency_key: task.concurrencyKey,
    forget: false,
    owner: platform.takesSteps() ? platform.workerId : null,
    lease_expires_at: new Date(now.getTime() + LEASE_MS),
  }
}

/** After commit: goes on with the first step in this process, or sends its message. */
async function begin(platform: Platform, { task, start, outputs }: Plan): Promise<void> {
  if (start === null) return
  const { step, execution_id: executionId } = start
  if (start.owner === null) {
    const message = { function: functionOfStep(step), body: { execution_id: executionId, claim: 0 } }
    await sendMessages(platform, [message])
    return
  }
  const at = task.createdAt
  const running: Task = {
    ...task,
    status: 'in_progress',
    startedAt: at,
    stepStatus: step === START ? task.stepStatus : { ...task.stepStatus, [step]: 'running' },
  }
  const execution = leasedExecution(platform, start, { executionId, taskId: task.id, at })
  handOff(platform, { task: running, execution, memory: new RunMemory(task.id, outputs), fold: new Fold() })
}

/** @returns false when there is such a file */
async function putNew(platform: Platform, key: string, text: string): Promise<boolean> {
  try {
    await platform.files.put(key, text, { ifNoneMatch: '*', derived: true })
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'file_conflict') return false
    throw error
  }
}

/** What this process knows to be taken of the present second; forgetting it costs a few more tries. */
const lastTaken = new WeakMap<Files, { second: string; number: number }>()

/** `task_20250627_143052`, then `…_2`, `…_3`: ids stay unique and sortable however many one second creates. */
class TaskIds {
  readonly #files: Files
  readonly #second: string
  #number = 0 // all up to it are taken, as far as this one has heard

  constructor({ files, clock }: Platform, { idPrefix }: NewTask, now: Date) {
    this.#files = files
    this.#second = `${idPrefix}_${timestampId(now, clock.timeZone)}`
  }

  /** Never one that this process has tried already: however many begin at once, they do not meet again at each try. */
  next(): { id: string; second: string } {
    const last = lastTaken.get(this.#files)
    const number = Math.max(this.#number, last?.second === this.#second ? last.number : 0) + 1
    this.#number = number
    lastTaken.set(this.#files, { second: this.#second, number })
    return { id: number === 1 ? this.#second : `${this.#second}_${number}`, second: this.#second }
  }

  skipTo(number: number): void {
    this.#number = Math.max(this.#number, number - 1)
  }
}
