import { readBytes, readText } from '../platform/files.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import { loadCheckpoints } from './checkpoints.ts'
import type { Execution } from './execution.ts'
import type { Taken } from './handed.ts'
import { putHeld } from './held-file.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { TaskLogLevel } from './log-lines.ts'
import type { FileType, Output } from './outputs.ts'
import type { Task } from './task.ts'
import { outputOfFile } from './task-files.ts'

export interface FileOptions {
  readonly type: FileType
  readonly description?: string
  readonly primary?: boolean
}

export interface ItemContext {
  readonly signal: AbortSignal
  /** Writes a file of this item; it is recorded together with the item's checkpoint. */
  writeFile(name: string, content: string | Uint8Array, options: FileOptions): Promise<void>
}

/** What a step sees of the engine. */
export interface StepContext {
  readonly task: Task
  readonly execution: Execution
  /** Aborts on timeout, cancellation, a lost lease. */
  readonly signal: AbortSignal
  readonly language: 'zh' | 'en'
  /** A line of the task's log, in the task's language. */
  log(level: TaskLogLevel, message: { zh: string; en: string }, extra?: Record<string, unknown>): void
  /** Writes a file of the step that belongs to no item; recorded when the step finishes. */
  writeFile(name: string, text: string, options: FileOptions): Promise<void>
  /** A file of the task as text, or null. */
  readFile(name: string): Promise<string | null>
  /** A file of the task to the byte, or null. */
  readBytes(name: string): Promise<Uint8Array | null>
  /**
   * Runs `work` for each item that has no checkpoint yet, several at a time, and stores each result.
   * Results come in the order of the items, as JSON gives them back.
   * @param key unique per item within the step, stable over restarts
   * @param options.share the part of the step's progress that this walk covers, from 0 to 1
   */
  forEachItem<Item, Result>(
    items: readonly Item[],
    key: (item: Item) => string,
    work: (item: Item, context: ItemContext) => Promise<Result>,
    options?: { share?: readonly [from: number, to: number]; concurrency?: number },
  ): Promise<Result[]>
}

const CONCURRENCY = 4 // below the six connections that the strictest platform allows at once
const MODULE: Readonly<Record<string, string>> = {
  ddl_generation: 'DDLMDGenerator',
  qa_generation: 'QuestionSQLGenerator',
  sql_validation: 'SQLValidator',
  training_load: 'TrainingDataLoader',
}

/** Collects what a step's work writes outside its items, for the finishing transaction. */
export interface StepScope {
  readonly context: StepContext
  readonly outputs: readonly Output[]
}

/** @param fresh whether the step begins at its first item, so that no checkpoints need be looked for */
export function openStep(
  platform: Platform,
  { task, execution, fold, fresh }: Pick<Taken, 'task' | 'execution' | 'fold' | 'fresh'>,
  keeper: LeaseKeeper,
  language: 'zh' | 'en',
): StepScope {
  const outputs: Output[] = []
  const write = async (into: Output[], name: string, content: string | Uint8Array, options: FileOptions) => {
    await fold.settle() // a file of an execution that never was would be nobody's
    await putHeld(platform.files, keeper, `${task.id}/${name}`, content)
    into.push(outputOfFile(name, options.type, content, options.description ?? '', options.primary ?? false))
  }
  const ids =
    platform.trace === undefined ? {} : { trace_id: platform.trace.traceId, request_id: platform.trace.requestId }
  let checkpoints: Promise<Map<string, unknown>> | undefined = fresh ? Promise.resolve(new Map()) : undefined
  const rest: Omit<StepContext, 'signal'> = {
    task,
    execution,
    language,
    log: (level, message, extra = {}) =>
      keeper.log({
        level,
        message: message[language],
        at: platform.clock.now(),
        module: MODULE[execution.step] ?? 'WorkflowNode',
        function: null,
        extra: { ...ids, ...extra },
      }),
    writeFile: (name, text, options) => write(outputs, name, text, options),
    readFile: (name) => readText(platform.files, `${task.id}/${name}`),
    readBytes: (name) => readBytes(platform.files, `${task.id}/${name}`),
    forEachItem: async (items, key, work, options = {}) => {
      checkpoints ??= loadCheckpoints(platform.store, task.id, execution.step)
      const done = await checkpoints
      const [from, to] = options.share ?? [0, 1]
      const keys = uniqueKeys(items, key)
      const pending = keys.filter((name) => !done.has(name)).length
      let finished = items.length - pending
      const advance = () => keeper.setShare(from + ((to - from) * finished) / Math.max(1, items.length))
      advance()
      await runItems(items, options.concurrency ?? CONCURRENCY, keeper, async (item, index) => {
        const name = keys[index] ?? ''
        if (done.has(name)) return
        keeper.begin()
        const itemOutputs: Output[] = []
        const writeFile: ItemContext['writeFile'] = (file, content, options) =>
          write(itemOutputs, file, content, options)
        const result = await work(item, Object.assign(new Abortable(keeper), { writeFile }))
        const value = toJson(result)
        done.set(name, value)
        finished += 1
        advance()
        await keeper.keep({ item: name, value, outputs: itemOutputs, at: platform.clock.now() })
      })
      return keys.map((name) => done.get(name) as Awaited<ReturnType<typeof work>>)
    },
  }
  return { context: Object.assign(new Abortable(keeper), rest), outputs }
}

/** Makes a signal only when it is asked for, which few steps do. */
class Abortable {
  readonly #keeper: LeaseKeeper

  constructor(keeper: LeaseKeeper) {
    this.#keeper = keeper
  }

  get signal(): AbortSignal {
    return this.#keeper.signal
  }
}

/** Starts items in order while nothing speaks against it, waits for those in flight, then tells why it stopped. */
async function runItems<Item>(
  items: readonly Item[],
  concurrency: number,
  keeper: LeaseKeeper,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries()
  let failure: unknown
  let stop: Error | null = null
  const lane = async () => {
    for (const [index, item] of waiting) {
      stop ??= keeper.reasonToStop()
      if (stop !== null || failure !== undefined) return
      await work(item, index).catch((error: unknown) => {
        failure ??= error
      })
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane))
  if (failure !== undefined) throw keeper.reasonToStop(true) ?? failure
  if (stop !== null) throw stop
}

function uniqueKeys<Item>(items: readonly Item[], key: (item: Item) => string): string[] {
  const keys = items.map(key)
  const twice = keys.find((name, index) => keys.indexOf(name) !== index)
  if (twice !== undefined) throw new Problem('internal', `Two items of a step have the key "${twice}"`)
  return keys
}

/** The value as a later reader of its checkpoint will see it. */
function toJson(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}

/** The files that a finished step must have, said by the step itself. */
export interface StepResult {
  /** Kept as the execution's result. */
  readonly result: Record<string, unknown>
  /** File names without which the step is not completed. */
  readonly required: readonly string[]
  /** Of a node of a workflow: its condition does not hold, and nothing was done. */
  readonly skipped?: boolean
}
