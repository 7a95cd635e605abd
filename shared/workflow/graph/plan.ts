import { Problem } from '../../platform/problems.ts'
import { BUILT_IN_STEPS, type Field, isBuiltInStep, type Json, type JsonObject } from '../definition/definition.ts'
import type { WorkflowDefinition, WorkflowNode } from '../definition/workflow-definition.ts'
import { parseCondition } from './condition.ts'
import { holds } from './evaluate.ts'
import { orderOf } from './order.ts'
import { dependenciesOf, placesOf } from './places.ts'
import { parseTemplate } from './reference.ts'
import { convert, typeOfField } from './types.ts'
import { fill, isList, type ValueScope } from './values.ts'

/** A node of a workflow that is about to run. */
export interface PlanNode {
  readonly name: string
  /** The node definition or built-in step. */
  readonly node: string
  /** Frozen; null for a built-in step. */
  readonly version: string | null
  readonly isStep: boolean
  /** The nodes directly before it, in the order of the plan. */
  readonly needs: readonly string[]
  /** The nodes directly after it, in the order of the plan. */
  readonly next: readonly string[]
  /** The longest way from a beginning: nodes of one level may run side by side. */
  readonly level: number
  readonly inputs: JsonObject
  readonly when: string | null
  readonly forEach: string | null
  readonly maxAttempts: number | null
  readonly timeoutSeconds: number | null
  readonly definition: WorkflowNode
}

/**
 * A workflow's nodes in the order in which they may run, each with what it waits for.
 * @throws {Problem} `workflow_cycle`; anything else that validation refuses is left out
 */
export function planOf(definition: WorkflowDefinition): readonly PlanNode[] {
  const names = definition.nodes.map(({ name }) => name)
  const edges = dependenciesOf(definition, placesOf(definition)).filter(({ source }) => names.includes(source))
  const ordering = orderOf({ names, edges })
  if (ordering.kind === 'cyclic') {
    throw new Problem('workflow_cycle', ordering.cycles.map((cycle) => cycle.join(' → ')).join('; '))
  }
  const level = new Map(ordering.levels.flatMap((members, at) => members.map((name) => [name, at] as const)))
  const byName = new Map(definition.nodes.map((node) => [node.name, node]))
  return ordering.order.flatMap((name) => {
    const node = byName.get(name)
    if (node === undefined) return []
    const before = new Set(edges.filter(({ target }) => target === name).map(({ source }) => source))
    const after = new Set(edges.filter(({ source }) => source === name).map(({ target }) => target))
    return [
      {
        name,
        node: node.node,
        version: node.version ?? null,
        isStep: isBuiltInStep(node.node),
        needs: ordering.order.filter((other) => before.has(other)),
        next: ordering.order.filter((other) => after.has(other)),
        level: level.get(name) ?? 0,
        inputs: node.inputs ?? {},
        when: node.when ?? null,
        forEach: node.for_each ?? null,
        maxAttempts: node.retry?.max_attempts ?? null,
        timeoutSeconds: node.timeout_seconds ?? null,
        definition: node,
      },
    ]
  })
}

/**
 * The inputs of a node, references filled in. An input whose reference leads to nothing (of a node that was skipped, past
 * the end of a list) is left out, so that its default, or the check of its inputs, decides.
 * @param fields what the node declares: numbers and truths become text where text is asked for
 * @throws {Problem} `unresolved_reference` for a reference to nothing inside a text
 */
export function resolveInputs(
  node: Pick<PlanNode, 'node' | 'inputs'>,
  scope: ValueScope,
  fields: readonly Field[] = declaredBy(node.node),
): JsonObject {
  const types = new Map(fields.map((field) => [field.name, typeOfField(field)]))
  return Object.fromEntries(
    Object.entries(node.inputs).flatMap(([name, template]) => {
      const value = fill(template, scope)
      const type = types.get(name)
      return value === undefined ? [] : [[name, type === undefined ? value : convert(value, type)]]
    }),
  )
}

function declaredBy(node: string): readonly Field[] {
  return isBuiltInStep(node) ? BUILT_IN_STEPS[node].inputs : []
}

/** Whether a node is to run: always without a condition. `item` and `index` are not known to it. @throws {Problem} `type_mismatch` */
export function evaluateWhen(node: Pick<PlanNode, 'name' | 'when'>, scope: ValueScope): boolean {
  if (node.when === null) return true
  const { item, index, ...outside } = scope
  return holds(parseCondition(node.when), { ...outside, outputsOf: (name) => scope.outputsOf(name) })
}

/** What a node runs for, one by one; null for one that runs once. @throws {Problem} `type_mismatch` when it is no list */
export function resolveItems(node: Pick<PlanNode, 'name' | 'forEach'>, scope: ValueScope): readonly Json[] | null {
  if (node.forEach === null) return null
  const { whole } = parseTemplate(node.forEach)
  const items = whole === null ? undefined : fill(node.forEach, scope)
  if (items === undefined || items === null) return []
  if (isList(items)) return items
  throw new Problem('type_mismatch', `for_each of the node "${node.name}" takes a list: ${node.forEach} is none`)
}

/** What a workflow answers, references filled in; null where one leads to nothing. */
export function resolveOutputs(definition: WorkflowDefinition, scope: ValueScope): JsonObject {
  return Object.fromEntries(
    Object.entries(definition.outputs ?? {}).map(([name, template]) => [name, fill(template, scope) ?? null]),
  )
}
