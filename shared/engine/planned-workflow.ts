import { isStep, PIPELINE, STEPS } from './pipeline.ts'
import type { StepStatus, StepStatuses } from './transitions.ts'

/**
 * What the engine must know of a workflow that a task runs: which node waits for which, and who works it. What nodes are
 * given and what they give is the business of their functions.
 */
export interface PlannedWorkflow {
  readonly id: string
  readonly version: number
  /** In an order in which every node comes after those that it needs. */
  readonly nodes: readonly PlannedNode[]
  readonly inputs: Readonly<Record<string, unknown>>
}

export interface PlannedNode {
  readonly name: string
  /** By its name in the manifest. */
  readonly function: string
  readonly needs: readonly string[]
  readonly timeout_ms: number
  readonly max_attempts: number
}

/**
 * Every run of a workflow begins with an execution that sees to its inputs, and ends with one that sees to its outputs,
 * also where a node has failed. No node may be called so.
 */
export const START = 'start'
export const END = 'end'

const BORDERS: Readonly<Record<string, string>> = { [START]: 'workflow-start', [END]: 'workflow-end' }

/** The function of an execution whose row does not name it: of a step of the pipeline, or of a border of a workflow. */
export function functionOfStep(step: string): string {
  return isStep(step) ? PIPELINE[step].function : (BORDERS[step] ?? step)
}

/** @param execution as its row says */
export function functionOf({ step, functionName }: { step: string; functionName: string | null }): string {
  return functionName ?? functionOfStep(step)
}

/** What people call a step or a node. */
export function titleOf(step: string): { readonly zh: string; readonly en: string } {
  return isStep(step) ? PIPELINE[step].title : { zh: step, en: step }
}

/** The names under which a task's `step_status` is kept, in the order in which people read them. */
export function stepNames(workflow: PlannedWorkflow | undefined): readonly string[] {
  return workflow === undefined ? STEPS : workflow.nodes.map(({ name }) => name)
}

const DONE: readonly (StepStatus | undefined)[] = ['completed', 'skipped']

/** Nodes that may begin: none of what they need is missing, and nobody has begun them. */
export function readyNodes({ nodes }: PlannedWorkflow, statuses: StepStatuses): PlannedNode[] {
  return nodes.filter(
    ({ name, needs }) => statuses[name] === 'pending' && needs.every((needed) => DONE.includes(statuses[needed])),
  )
}

/** Percent of a run whose nodes stand so. */
export function workflowProgress({ nodes }: PlannedWorkflow, statuses: StepStatuses): number {
  const done = nodes.filter(({ name }) => DONE.includes(statuses[name])).length
  return nodes.length === 0 ? 100 : Math.floor((100 * done) / nodes.length)
}
