import { PIPELINE } from '../../shared/engine/pipeline.ts'
import type { PlannedNode, PlannedWorkflow } from '../../shared/engine/planned-workflow.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { isBuiltInStep, type JsonObject } from '../../shared/workflow/definition/definition.ts'
import { validateInputs } from '../../shared/workflow/definition/values.ts'
import type { WorkflowDefinition } from '../../shared/workflow/definition/workflow-definition.ts'
import { type PlanNode, planOf } from '../../shared/workflow/graph/plan.ts'
import { loadNode } from '../../shared/workflow/node-store.ts'

const MAX_ATTEMPTS = 3

/**
 * What the engine needs of a workflow, frozen in the task that runs it.
 * @param workflow a version that has been saved, so that it is sound
 * @throws {Problem} `invalid_inputs` naming each input that is missing, unknown or of another type
 */
export async function plannedRun(
  platform: Platform,
  workflow: { id: string; version: number; definition: WorkflowDefinition },
  inputs: JsonObject,
  language: 'zh' | 'en',
): Promise<PlannedWorkflow> {
  const values = checkedInputs(workflow.id, workflow.definition, inputs, language)
  const nodes = await Promise.all(planOf(workflow.definition).map((node) => plannedNode(platform, node)))
  return { id: workflow.id, version: workflow.version, nodes, inputs: values }
}

/**
 * The inputs with the defaults of those that are left out.
 * @param runs what is to be run, by the name that people know
 * @throws {Problem} `invalid_inputs` naming each input that is missing, unknown or of another type
 */
export function checkedInputs(
  runs: string,
  definition: Pick<WorkflowDefinition, 'inputs'>,
  inputs: JsonObject,
  language: 'zh' | 'en',
): JsonObject {
  const { values, findings } = validateInputs(definition, inputs, language)
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return values
  const asked = definition.inputs.map(({ name, type }) => `"${name}": <${type}>`)
  throw new Problem('invalid_inputs', `Cannot run ${runs}: ${errors.map(({ message }) => message).join('; ')}`, {
    ...(asked.length === 0 ? {} : { hint: `{"inputs": {${asked.join(', ')}}}` }),
    errors: errors.map(({ path, message }) => ({ path, message })),
  })
}

async function plannedNode(platform: Platform, node: PlanNode): Promise<PlannedNode> {
  const minutes = platform.config.HELIX_STEP_TIMEOUT_MINUTES
  return {
    name: node.name,
    function: await functionOf(platform, node),
    needs: node.needs,
    timeout_ms: node.timeoutSeconds === null ? minutes * 60_000 : node.timeoutSeconds * 1_000,
    max_attempts: node.maxAttempts ?? MAX_ATTEMPTS,
  }
}

async function functionOf({ store }: Platform, { node, version }: PlanNode): Promise<string> {
  if (isBuiltInStep(node)) return PIPELINE[node].function
  const { step } = await loadNode(store, node, version ?? undefined)
  return step !== undefined && isBuiltInStep(step) ? PIPELINE[step].function : 'workflow-node'
}

/** Whether a run reads a business database. */
export function readsSource(workflow: PlannedWorkflow): boolean {
  return workflow.nodes.some((node) => node.function !== 'workflow-node')
}
