import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { type Change, createWorkflow, replaceWorkflow } from '../../shared/workflow/change-workflow.ts'
import {
  BUILT_IN_STEPS,
  isBuiltInStep,
  type Json,
  type NodeDefinition,
} from '../../shared/workflow/definition/definition.ts'
import { loadNode } from '../../shared/workflow/node-store.ts'
import { findWorkflow, type Workflow } from '../../shared/workflow/workflow-store.ts'

/**
 * The workflow `run_<node>`, which is that node alone: what it asks for it is given, and what it gives is the answer. Made
 * or brought up to the node's version where needed.
 */
export async function workflowOfNode(
  platform: Platform,
  name: string,
  version: string | null,
  change: Change,
): Promise<Workflow> {
  const id = `run_${name}`
  const definition = await definitionOf(platform, name, version)
  const found = await findWorkflow(platform.store, id)
  return await platform.store.transaction(async (tx) => {
    if (found === null) return (await createWorkflow(platform, tx, { id, definition }, change)).workflow
    return (await replaceWorkflow(platform, tx, id, { definition, ifMatch: '*' }, change)).workflow
  })
}

async function definitionOf(platform: Platform, name: string, version: string | null): Promise<Json> {
  const { inputs, outputs } = await signatureOf(platform, name, version)
  return {
    name: `run_${name}`,
    inputs: inputs as unknown as Json,
    nodes: [
      {
        name,
        node: name,
        ...(version === null ? {} : { version }),
        inputs: Object.fromEntries(inputs.map((input) => [input.name, `{{ inputs.${input.name} }}`])),
      },
    ],
    outputs: Object.fromEntries(outputs.map((output) => [output.name, `{{ nodes.${name}.outputs.${output.name} }}`])),
  }
}

async function signatureOf(
  platform: Platform,
  name: string,
  version: string | null,
): Promise<Pick<NodeDefinition, 'inputs' | 'outputs'>> {
  if (!isBuiltInStep(name)) return await loadNode(platform.store, name, version ?? undefined)
  if (name === 'ddl_generation') return BUILT_IN_STEPS[name]
  throw new Problem('request_rejected', `The step ${name} works on what earlier steps have written`, {
    hint: 'Ask for the whole pipeline, or execute the step of a task',
  })
}
