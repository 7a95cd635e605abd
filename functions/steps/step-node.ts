import type { Hono } from 'hono'
import { pairsFileName, parsePairs, renderPairs } from '../../shared/dataset/pairs-file.ts'
import type { StepName } from '../../shared/engine/pipeline.ts'
import type { StepWork } from '../../shared/engine/run-step.ts'
import type { StepContext } from '../../shared/engine/step-context.ts'
import { stepFunction } from '../../shared/engine/step-function.ts'
import type { FunctionEnv } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { BUILT_IN_STEPS, type Json, type JsonObject } from '../../shared/workflow/definition/definition.ts'
import { ended, inputsOf, openNodeRun, skippedByCondition, skippedForInputs } from '../workflows/node-run.ts'

/**
 * A step of the pipeline that is also a node of workflows: what it takes and gives there are its pairs, which lie in a file
 * between the steps of the pipeline.
 */
export function stepNode(step: StepName, work: StepWork): Hono<FunctionEnv> {
  return stepFunction(step, asNode(step, work))
}

function asNode(step: StepName, work: StepWork): StepWork {
  return async (context, platform) => {
    if (context.task.parameters.workflow === undefined) return await work(context, platform)
    const run = await openNodeRun(context, platform)
    const skipped = skippedByCondition(context, run)
    if (skipped !== null) return skipped
    const { inputs: fields, outputs } = BUILT_IN_STEPS[step]
    const inputs = inputsOf(context, run, fields)
    if (inputs === null) return skippedForInputs(context)
    if (inputs.pairs !== undefined && inputs.pairs !== null) await writePairs(context, inputs.pairs)
    const { result, required } = await work(context, platform)
    const given: JsonObject = outputs.some(({ name }) => name === 'pairs') ? { pairs: await readPairs(context) } : {}
    return await ended(context, given, result, required)
  }
}

async function writePairs(context: StepContext, pairs: Json): Promise<void> {
  const text = renderPairs(parsePairs(JSON.stringify(pairs), 'The input "pairs"'))
  await context.writeFile(pairsFile(context), text, { type: 'json', description: 'Question–SQL pairs', primary: true })
}

async function readPairs(context: StepContext): Promise<Json> {
  const text = await context.readFile(pairsFile(context))
  if (text === null) throw new Problem('missing_output', `${pairsFile(context)} is gone`)
  return JSON.parse(text) as Json
}

function pairsFile({ task }: StepContext): string {
  return pairsFileName(task.dbName, task.id)
}
