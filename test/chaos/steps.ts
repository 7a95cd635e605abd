import type { FunctionDefinition } from '../../functions/manifest.ts'
import { PIPELINE, STEPS, type StepName } from '../../shared/engine/pipeline.ts'
import { stepFunction } from '../../shared/engine/step-function.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { seededRandom, seedOf } from '../../shared/platform/random.ts'

/** One item of a step: everything about it follows from the task's number. */
export interface PlannedItem {
  readonly key: string
  /** The file that it writes, if any. */
  readonly file: { readonly name: string; readonly text: string } | null
  /** How long it takes, after its file is written. */
  readonly pauseMs: number
  readonly value: { readonly key: string; readonly number: number }
}

export interface PlannedStep {
  readonly items: readonly PlannedItem[]
  /** Written at the end, from the items' results. */
  readonly summary: { readonly name: string; readonly text: string }
  /** `once`: its first attempt fails and may be tried again; `always`: it fails for good. */
  readonly fails: 'never' | 'once' | 'always'
}

/** What a step does, told to whoever judges afterwards. Survives a kill: it is written at once. */
export type Tell = (event: Readonly<Record<string, unknown>>) => void

const SHAPES: Readonly<Record<StepName, { items: number; file: (key: string) => string; summary: string }>> = {
  ddl_generation: { items: 3, file: (key) => `${key}.ddl`, summary: 'metadata.txt' },
  qa_generation: { items: 2, file: (key) => `qs_${key}.json`, summary: 'qs_chaos_pair.json' },
  sql_validation: { items: 2, file: (key) => `sql_validation_${key}.json`, summary: 'quality_report.json' },
  training_load: { items: 1, file: (key) => `training_load_${key}.log`, summary: 'training_load_chaos.log' },
}

const SLOW_ONE_IN = 12 // tasks whose items take long enough to be frozen in the middle of one
const SLOW_MS = 1_200
const PAUSE_MS_MAX = 30
const FAILS_ONCE_ONE_IN = 40
const FAILS_ONE_IN = 200

/** The number that a task of this run carries in its business context. */
export const CONTEXT = /^chaos (\d+)$/

/** All that a step of the task with that number does. */
export function planOf(task: number, step: StepName): PlannedStep {
  const shape = SHAPES[step]
  const random = seededRandom(seedOf(`${task} ${step}`))
  const slow = task % SLOW_ONE_IN === 0
  const items = Array.from({ length: shape.items }, (_, index): PlannedItem => {
    const key = `${step}_${index + 1}`
    const value = { key, number: Math.floor(random() * 1_000_000) }
    return {
      key,
      value,
      file: index % 2 === 0 ? { name: shape.file(key), text: `${key} of task ${task}: ${value.number}\n` } : null,
      pauseMs: slow ? SLOW_MS : Math.floor(random() * PAUSE_MS_MAX),
    }
  })
  const text = summaryText(
    task,
    items.map(({ value }) => value),
  )
  return { items, summary: { name: shape.summary, text }, fails: fateOf(task, step) }
}

/** Whether the script lets the task fail. */
export function isToFail(task: number): boolean {
  return STEPS.some((step) => planOf(task, step).fails === 'always')
}

function fateOf(task: number, step: StepName): PlannedStep['fails'] {
  if (step === 'sql_validation' && task % FAILS_ONE_IN === 101) return 'always'
  return step === 'qa_generation' && task % FAILS_ONCE_ONE_IN === 7 ? 'once' : 'never'
}

function summaryText(task: number, values: readonly PlannedItem['value'][]): string {
  return `${JSON.stringify({ task, values, sum: values.reduce((sum, { number }) => sum + number, 0) })}\n`
}

/** The four steps as this run plays them. Whatever they write names the claim under which it was written. */
export function chaosSteps(tell: Tell): FunctionDefinition[] {
  return STEPS.map((step) => ({ name: PIPELINE[step].function, trigger: 'queue', app: chaosStep(step, tell) }))
}

function chaosStep(step: StepName, tell: Tell) {
  return stepFunction(step, async (context, platform) => {
    const { executionId, claim, attempt } = context.execution
    const task = Number(CONTEXT.exec(context.task.parameters.business_context ?? '')?.[1])
    const { items, summary, fails } = planOf(task, step)
    if (fails === 'always') throw new Problem('source_empty', 'This step is scripted to fail')
    if (fails === 'once' && attempt === 0) throw new Problem('source_unreachable', 'This attempt is scripted to fail')
    const log = (text: string) => context.log('INFO', { zh: `chaos: ${text}`, en: `chaos: ${text}` }, { claim })
    const description = `claim ${claim}`
    const values = await context.forEachItem(
      items,
      ({ key }) => key,
      async ({ key, file, pauseMs, value }, item) => {
        tell({ event: 'chaos.item', execution_id: executionId, item: key, claim })
        if (file !== null) await item.writeFile(file.name, file.text, { type: 'txt', description })
        // Deaf to the signal on purpose: a worker that was frozen goes straight on to its report.
        await platform.clock.sleep(pauseMs)
        log(`item ${key}`)
        return value
      },
    )
    await context.writeFile(summary.name, summaryText(task, values), { type: 'txt', description })
    log('step done')
    const required = [...items.flatMap(({ file }) => file?.name ?? []), summary.name]
    return { result: { claim, items: values.length }, required }
  })
}
