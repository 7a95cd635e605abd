import type { StepContext, StepResult } from '../../shared/engine/step-context.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Field, JsonObject } from '../../shared/workflow/definition/definition.ts'
import { validateInputs } from '../../shared/workflow/definition/values.ts'
import type { WorkflowDefinition } from '../../shared/workflow/definition/workflow-definition.ts'
import { evaluateWhen, type PlanNode, planOf, resolveInputs } from '../../shared/workflow/graph/plan.ts'
import type { ValueScope } from '../../shared/workflow/graph/values.ts'
import { keepOutputs, loadOutputs } from '../../shared/workflow/run/node-outputs.ts'
import { loadWorkflow } from '../../shared/workflow/workflow-store.ts'

/** A node of a workflow that is being worked, and what it may refer to. */
export interface NodeRun {
  readonly node: PlanNode
  readonly scope: ValueScope
}

/** Reads the version of the workflow that the task started with. */
export async function workflowOf({ task }: StepContext, platform: Platform): Promise<WorkflowDefinition> {
  const { workflow } = task.parameters
  if (workflow === undefined) throw new Problem('internal', `${task.id} runs no workflow`)
  return (await loadWorkflow(platform.store, workflow.id, workflow.version)).definition
}

/** What an execution of a workflow's node is to work. */
export async function openNodeRun(context: StepContext, platform: Platform): Promise<NodeRun> {
  const { task, execution } = context
  const node = planOf(await workflowOf(context, platform)).find(({ name }) => name === execution.step)
  if (node === undefined) throw new Problem('internal', `The workflow of ${task.id} has no node "${execution.step}"`)
  return { node, scope: await scopeOf(context, platform, node.needs) }
}

/** The inputs of the run, and what those nodes have given. */
export async function scopeOf(
  { task }: StepContext,
  { store, files }: Platform,
  nodes: readonly string[],
): Promise<ValueScope> {
  const outputs = await loadOutputs(store, files, task.id, nodes)
  const inputs = (task.parameters.workflow?.inputs ?? {}) as JsonObject
  return { inputs, outputsOf: (node) => outputs.get(node) }
}

/** The end of a node that is not worked because its condition does not hold; null where it is to be worked. */
export function skippedByCondition(context: StepContext, { node, scope }: NodeRun): StepResult | null {
  if (evaluateWhen(node, scope)) return null
  return skip(context, {
    zh: `条件不成立，跳过节点：${node.when}`,
    en: `Skipped: the condition does not hold: ${node.when}`,
  })
}

/**
 * What a node is given: references filled in, defaults added, each value of its type.
 * @returns null where an input is missing because the node that would give it was skipped
 * @throws {Problem} `type_mismatch` naming every input that is wrong
 */
export function inputsOf(context: StepContext, { node, scope }: NodeRun, fields: readonly Field[]): JsonObject | null {
  const { values, findings } = validateInputs({ inputs: fields }, resolveInputs(node, scope, fields), context.language)
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return values
  const skipped = node.needs.some((name) => context.task.stepStatus[name] === 'skipped')
  if (skipped && errors.every(({ code }) => code === 'missing_input')) return null
  throw new Problem(
    'type_mismatch',
    `The inputs of the node "${node.name}": ${errors.map(({ message }) => message).join('; ')}`,
    {
      errors: errors.map(({ path, message }) => ({ path, message })),
    },
  )
}

/** The end of a node that has nothing to work on. */
export function skippedForInputs(context: StepContext): StepResult {
  return skip(context, {
    zh: '上游节点被跳过，缺少输入，跳过本节点',
    en: 'Skipped: a node that it needs was skipped, and its inputs are missing',
  })
}

function skip(context: StepContext, message: { zh: string; en: string }): StepResult {
  context.log('INFO', message)
  return { result: { skipped: true, reason: message[context.language] }, required: [], skipped: true }
}

/** The end of a node that has given something. @param result what else its execution keeps */
export async function ended(
  context: StepContext,
  outputs: JsonObject,
  result: Readonly<Record<string, unknown>> = {},
  required: readonly string[] = [],
): Promise<StepResult> {
  const { kept, text } = keepOutputs(context.execution.step, outputs)
  if (text === null || !('outputs_file' in kept)) return { result: { ...result, ...kept }, required }
  await context.writeFile(kept.outputs_file, text, { type: 'json', description: `Outputs: ${context.execution.step}` })
  return { result: { ...result, ...kept }, required: [...required, kept.outputs_file] }
}
