import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { FunctionDefinition } from '../../functions/manifest.ts'
import { type Accepted, acceptTask } from '../../shared/engine/accept-task.ts'
import { sendMessages } from '../../shared/engine/messages.ts'
import { PIPELINE, STEPS, type StepName } from '../../shared/engine/pipeline.ts'
import type { PlannedWorkflow } from '../../shared/engine/planned-workflow.ts'
import type { StepWork } from '../../shared/engine/run-step.ts'
import { type StartedRun, startStep } from '../../shared/engine/start-run.ts'
import { stepFunction, workFunction } from '../../shared/engine/step-function.ts'
import { requireTask, type Task } from '../../shared/engine/task.ts'
import { clearStore } from './store-factory.ts'
import { type TestPlatform, type TestPlatformOptions, testPlatform } from './test-platform.ts'
import { openTestStore, type TestStore } from './test-store.ts'

export interface EngineKit {
  /** Only inside a test. */
  readonly store: TestStore
  /** A platform on the file's store: several share it, as several processes do. */
  open(options?: TestPlatformOptions): Promise<TestPlatform>
}

/** What a test file of the engine needs: one store, empty before each test. */
export function engineKit(): EngineKit {
  let opened: TestStore | undefined
  const store = (): TestStore => {
    if (opened === undefined) throw new Error('The store is open inside tests only')
    return opened
  }
  beforeAll(async () => {
    opened = await openTestStore()
  })
  beforeEach(() => clearStore(store()))
  afterAll(async () => await opened?.close())
  return {
    get store() {
      return store()
    },
    open: (options = {}) => testPlatform({ store: store(), ...options }),
  }
}

/** The four steps with the given work, each with an empty one where none is given. */
export function stepsWith(work: Partial<Record<StepName, StepWork>> = {}): FunctionDefinition[] {
  const nothing: StepWork = async () => ({ result: {}, required: [] })
  return STEPS.map((step) => ({
    name: PIPELINE[step].function,
    trigger: 'queue' as const,
    app: stepFunction(step, work[step] ?? nothing),
  }))
}

/** A run of a workflow of which the engine knows only what it must. @param needs of each node, by its name */
export async function newWorkflowRun(
  platform: TestPlatform,
  needs: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  const nodes = Object.entries(needs).map(([name, needed]) => {
    return { name, function: 'workflow-node', needs: needed, timeout_ms: 60_000, max_attempts: 3 }
  })
  return (await accept(platform, { workflow: { id: 'flow', version: 1, nodes, inputs: {} } }, true)).taskId
}

/** The functions of a workflow: its nodes by the given work, and borders that do nothing. */
export function nodesWith(work: Readonly<Record<string, StepWork>> = {}): FunctionDefinition[] {
  const named: StepWork = async (context, platform) =>
    (await work[context.execution.step]?.(context, platform)) ?? { result: {}, required: [] }
  return ['workflow-start', 'workflow-node', 'workflow-end'].map((name) => {
    return { name, trigger: 'queue' as const, app: workFunction(name, named) }
  })
}

/** A task on a source of that name, pending. */
export async function newTask(
  platform: TestPlatform,
  changes: { source?: string; priority?: number } = {},
): Promise<Task> {
  return await requireTask(platform.store, (await accept(platform, changes, false)).taskId)
}

/** A task whose steps run one after the other. */
export async function newRun(
  platform: TestPlatform,
  changes: { source?: string; priority?: number } = {},
): Promise<{ task: Task; run: NonNullable<Accepted['run']> }> {
  const { taskId, run } = await accept(platform, changes, true)
  if (run === null) throw new Error(`The run of ${taskId} was not started`)
  return { task: await requireTask(platform.store, taskId), run }
}

async function accept(
  platform: TestPlatform,
  changes: { source?: string; priority?: number; workflow?: PlannedWorkflow },
  start: boolean,
) {
  const source = changes.source ?? 'shop'
  let accepted: Accepted | undefined
  const request = {
    taskType: 'data_workflow',
    createdBy: 'anonymous',
    priority: changes.priority ?? 0,
    concurrencyKey: source,
    idempotencyKey: null,
    idPrefix: 'task',
    executionMode: start ? 'complete' : 'step',
    parameters: {
      db_name: source,
      enable_sql_validation: true,
      enable_llm_repair: true,
      modify_original_file: true,
      enable_training_data_load: true,
      language: 'en',
      source: { kind: 'configured', name: source },
      workflow: changes.workflow,
    },
  } as const
  await acceptTask(platform, request, {
    requestHash: '',
    start,
    answer: (given) => {
      accepted = given
      return { status: 200, body: given }
    },
  })
  if (accepted === undefined) throw new Error('The task was not accepted')
  return accepted
}

export async function startOne(
  platform: TestPlatform,
  taskId: string,
  step: StepName,
  options: { force?: boolean; clean?: boolean } = {},
): Promise<StartedRun> {
  const request = { taskId, step, force: options.force ?? false, clean: options.clean ?? false }
  const run = await platform.store.transaction((tx) => startStep(platform, tx, request))
  await sendMessages(platform, run.messages)
  return run
}

/** Delivers every message that waits, and those that they lead to, until none is left. @returns the answers' statuses */
export async function deliverAll(platform: TestPlatform): Promise<number[]> {
  const statuses: number[] = []
  for (let message = platform.sent.shift(); message !== undefined; message = platform.sent.shift()) {
    if (message.delaySeconds > 0) await platform.clock.advance(message.delaySeconds * 1000)
    const answer = await platform.dispatch(message)
    statuses.push(answer.status)
    await platform.settled()
  }
  return statuses
}

/** A promise and the means to resolve it: where a test holds a step. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}
