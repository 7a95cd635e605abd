import type { Json, JsonObject } from '../definition/definition.ts'
import type { WorkflowDefinition, WorkflowNode } from '../definition/workflow-definition.ts'
import { parseCondition, referencesOf } from '../graph/condition.ts'
import type { KnownNodes } from '../graph/known-nodes.ts'
import { dependenciesOf, placesOf } from '../graph/places.ts'
import { parseTemplate } from '../graph/reference.ts'
import { SyntaxFault } from '../graph/syntax.ts'

export interface CleanedWorkflow {
  readonly definition: WorkflowDefinition
  /** The nodes that were taken out, in the order of the definition. */
  readonly removedNodes: readonly { readonly name: string; readonly reason: RemovalReason }[]
  readonly removedEdges: number
}

export type RemovalReason = 'unknown_node' | 'node_disabled' | 'needs_removed_node'

/**
 * A workflow without the nodes that can't run: those whose definition does not exist or is disabled, and those that need
 * an output of one which was taken out. Their edges go with them; what came before and after one is joined, so that the
 * order of the others stays. An input that may be missing and that referred to one is left out.
 */
export function removeInvalidNodes(definition: WorkflowDefinition, known: KnownNodes): CleanedWorkflow {
  const removed = new Map<string, RemovalReason>()
  for (const { name, node, version } of definition.nodes) {
    const found = known.find(node, version)
    if (found === null) removed.set(name, 'unknown_node')
    else if (!found.enabled) removed.set(name, 'node_disabled')
  }
  for (let before = -1; before < removed.size; ) {
    before = removed.size
    for (const node of definition.nodes) {
      if (!removed.has(node.name) && needsOneOf(node, removed, known)) removed.set(node.name, 'needs_removed_node')
    }
  }
  if (removed.size === 0) return { definition, removedNodes: [], removedEdges: 0 }
  return without(definition, removed)
}

/** Whether a node can't do without what a removed one would have given. */
function needsOneOf(node: WorkflowNode, removed: ReadonlyMap<string, unknown>, known: KnownNodes): boolean {
  if (mentions([node.for_each ?? null], removed) || conditionMentions(node.when, removed)) return true
  const fields = new Map(known.find(node.node, node.version)?.inputs.map((field) => [field.name, field]))
  return Object.entries(node.inputs ?? {}).some(([name, value]) => {
    const field = fields.get(name)
    const required = field === undefined || (field.required && field.default === undefined)
    return required && mentions(value, removed)
  })
}

function without(definition: WorkflowDefinition, removed: ReadonlyMap<string, RemovalReason>): CleanedWorkflow {
  const dependencies = dependenciesOf(definition, placesOf(definition))
  const isGone = (name: string) => removed.has(name)
  const names = new Set(definition.nodes.map(({ name }) => name))
  const sources = new Map<string, string[]>()
  for (const { source, target } of dependencies) sources.set(target, [...(sources.get(target) ?? []), source])
  // What stands before a node, seen past all that were removed.
  const standing = (name: string): string[] => {
    const found = new Set<string>()
    const waiting = new Set([name])
    for (const one of waiting) {
      for (const source of sources.get(one) ?? []) {
        if (isGone(source)) waiting.add(source)
        else if (names.has(source)) found.add(source)
      }
    }
    return [...found]
  }
  const nodes = definition.nodes
    .filter(({ name }) => !isGone(name))
    .map((node) => {
      const inputs = Object.entries(node.inputs ?? {}).filter(([, value]) => !mentions(value, removed))
      const joined = (sources.get(node.name) ?? []).filter(isGone).flatMap(standing)
      const needs = [...new Set([...(node.needs ?? []).filter((name) => !isGone(name)), ...joined])]
      const { inputs: _, needs: __, ...rest } = node
      return {
        ...rest,
        ...(node.inputs === undefined ? {} : { inputs: Object.fromEntries(inputs) }),
        ...(needs.length === 0 ? {} : { needs }),
      }
    })
  const edges = (definition.edges ?? []).filter(({ source, target }) => !isGone(source) && !isGone(target))
  const outputs = Object.entries(definition.outputs ?? {}).filter(([, value]) => !mentions(value, removed))
  const { edges: _, outputs: __, ...rest } = definition
  return {
    definition: {
      ...rest,
      nodes,
      ...(edges.length === 0 ? {} : { edges }),
      ...(definition.outputs === undefined ? {} : { outputs: Object.fromEntries(outputs) as JsonObject }),
    },
    removedNodes: [...removed].map(([name, reason]) => ({ name, reason })),
    removedEdges: new Set(
      dependencies
        .filter(({ source, target }) => isGone(source) || isGone(target))
        .map(({ source, target }) => `${source} ${target}`),
    ).size,
  }
}

function mentions(value: Json, removed: ReadonlyMap<string, unknown>): boolean {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' && value.includes('{{') && read(() => parseTemplate(value).parts, removed)
  }
  return (Object.values(value) as Json[]).some((one) => mentions(one, removed))
}

function conditionMentions(when: string | undefined, removed: ReadonlyMap<string, unknown>): boolean {
  return when !== undefined && read(() => referencesOf(parseCondition(when)), removed)
}

/** What can't be read refers to nothing. */
function read(references: () => readonly unknown[], removed: ReadonlyMap<string, unknown>): boolean {
  try {
    return references().some((one) => removed.has((one as { node?: string }).node ?? ''))
  } catch (error) {
    if (error instanceof SyntaxFault) return false
    throw error
  }
}
