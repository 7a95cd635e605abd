import type { Platform } from '../platform/platform.ts'
import { type Language, PROBLEMS, Problem } from '../platform/problems.ts'
import type { JsonObject, NodeDefinition } from './definition/definition.ts'
import { differenceOf } from './difference.ts'
import { executeNode, timeoutOf } from './execute-node.ts'
import { generateInputs } from './generate-inputs.ts'
import { failedRun, type NodeRun, type RunOrigin } from './node-run.ts'
import { checksOf, type TrialCheck } from './trial-checks.ts'

/** One run of a trial, and on what. */
export interface TrialRun extends NodeRun {
  readonly name: string
  readonly origin: 'given' | 'test' | 'generated'
  readonly inputs: JsonObject
  /** What a test of the definition asks for. */
  readonly expected?: JsonObject
  readonly checks: readonly TrialCheck[]
}

/** What became of a trial: its four checks, each over all runs, and the run that decides. */
export interface Trial {
  readonly success: boolean
  readonly checks: readonly TrialCheck[]
  readonly runs: readonly TrialRun[]
  /** The first that failed, else the first. */
  readonly decisive: TrialRun
  readonly duration_ms: number
  /** The most that a run took. */
  readonly memory_bytes: number
}

export interface TrialOptions {
  readonly inputs?: JsonObject
  readonly language: Language
  readonly signal?: AbortSignal
}

const TRIAL_MS_MAX = 60_000 // somebody waits for the answer

/**
 * Tries a definition out: on the inputs that are given, and on its own tests; on generated inputs where there are neither.
 * Nothing is stored but the count of sandboxed runs.
 */
export async function tryNode(platform: Platform, definition: NodeDefinition, options: TrialOptions): Promise<Trial> {
  const { clock } = platform
  const startedAt = clock.now().getTime()
  const endsAt = startedAt + Math.max(TRIAL_MS_MAX, timeoutOf(definition))
  const runs: TrialRun[] = []
  for (const planned of plannedRuns(definition, options.inputs)) {
    const timeoutMs = endsAt - clock.now().getTime()
    const run = await runOnce(platform, definition, planned, { ...options, timeoutMs })
    runs.push(run)
    if (clock.now().getTime() >= endsAt) break
    // Of generated inputs one that fits is enough, the others were guesses; and no guess ends an endless loop.
    if (planned.origin === 'generated' && (succeeded(run) || !mayFitOthers(run))) break
  }
  const counted = runs.at(-1)?.origin === 'generated' ? runs.slice(succeeded(runs.at(-1)) ? -1 : 0) : runs
  const decisive = counted.find((run) => !succeeded(run)) ?? counted[0]
  if (decisive === undefined) throw new Problem('internal', `The trial of "${definition.name}" ran nothing`)
  return {
    success: counted.every(succeeded),
    checks: decisive.checks.map((check) => merged(check, counted)),
    runs: counted,
    decisive,
    duration_ms: Math.max(...counted.map((run) => run.duration_ms)),
    memory_bytes: Math.max(...counted.map((run) => run.memory_bytes)),
  }
}

type Planned = Pick<TrialRun, 'name' | 'origin' | 'inputs' | 'expected'>

function plannedRuns(definition: NodeDefinition, given: JsonObject | undefined): readonly Planned[] {
  const asked: Planned[] = given === undefined ? [] : [{ name: 'inputs', origin: 'given', inputs: given }]
  const tests = (definition.tests ?? []).map(({ name, inputs, outputs }, index): Planned => {
    return {
      name: name ?? `tests[${index}]`,
      origin: 'test',
      inputs,
      ...(outputs === undefined ? {} : { expected: outputs }),
    }
  })
  if (asked.length + tests.length > 0) return [...asked, ...tests]
  return generateInputs(definition).map((inputs): Planned => ({ name: 'generated', origin: 'generated', inputs }))
}

async function runOnce(
  platform: Platform,
  definition: NodeDefinition,
  planned: Planned,
  { language, signal, timeoutMs }: TrialOptions & { timeoutMs: number },
): Promise<TrialRun> {
  const origin: RunOrigin = planned.origin === 'test' ? 'test' : 'trial'
  const abort = signal === undefined ? {} : { signal }
  const run =
    definition.executor_type === 'step'
      ? notRun(definition) // a step works on a task; its definition is all there is to check
      : await executeNode(platform, definition, planned.inputs, { origin, language, timeoutMs, ...abort }).catch(
          (thrown: unknown) => failedByProblem(thrown, language),
        )
  const compared = asExpected(run, planned.expected, language)
  return { ...compared, ...planned, checks: checksOf(definition, compared, language) }
}

function notRun({ outputs }: NodeDefinition): NodeRun {
  const nothing = Object.fromEntries(outputs.map(({ name }) => [name, null]))
  return { success: true, outputs: nothing, exit_code: 0, duration_ms: 0, memory_bytes: 0, logs: [], error: null }
}

/** In a trial a source or model that does not answer is a result like any other. */
function failedByProblem(thrown: unknown, language: Language): NodeRun {
  if (!(thrown instanceof Problem) || thrown.code === 'store_unavailable') throw thrown
  const code = thrown.code === 'llm_failed' ? 'llm_failed' : 'source_failed'
  const message = `${PROBLEMS[thrown.code].title[language]}: ${thrown.message}`
  return failedRun({ code, message, ...(thrown.hint === undefined ? {} : { hint: thrown.hint }) })
}

function asExpected(run: NodeRun, expected: JsonObject | undefined, language: Language): NodeRun {
  if (!run.success || expected === undefined || run.outputs === null) return run
  const difference = differenceOf(run.outputs, expected, language)
  if (difference === null) return run
  const failed = failedRun({ code: 'output_mismatch', message: difference }, run)
  return { ...failed, outputs: run.outputs }
}

/** Whether it is the inputs that may be to blame. */
function mayFitOthers({ error }: TrialRun): boolean {
  return error?.code === 'sandbox_error' || error?.code === 'output_mismatch'
}

function succeeded(run: TrialRun | undefined): boolean {
  return run?.checks.every(({ passed }) => passed) === true
}

/** A check holds when it holds for every run; the first that breaks it is shown, else the one that came nearest. */
function merged(check: TrialCheck, runs: readonly TrialRun[]): TrialCheck {
  const all = runs.flatMap((run) => run.checks.filter(({ name }) => name === check.name))
  const broken = all.find(({ passed }) => !passed)
  const most = all.toSorted((one, other) => Number(other.value) - Number(one.value))[0]
  return broken ?? (typeof check.value === 'number' ? (most ?? check) : check)
}
