import type { Json } from '../definition/definition.ts'
import type { WorkflowDefinition, WorkflowNode } from '../definition/workflow-definition.ts'
import { parseCondition, referencesOf } from './condition.ts'
import { parseTemplate, type Reference } from './reference.ts'
import { SyntaxFault } from './syntax.ts'

/** A place of a workflow where references stand, or where one can't be read. */
export interface Place {
  /** `nodes.filter.inputs.pairs`, `nodes.filter.when`, `outputs.total`. */
  readonly path: string
  /** The node that it belongs to; null for what the workflow itself answers. */
  readonly node: string | null
  readonly role: 'input' | 'when' | 'for_each' | 'output'
  readonly references: readonly Reference[]
  readonly fault: SyntaxFault | null
}

/** One node comes before another, and where that is said. */
export interface Dependency {
  readonly source: string
  readonly target: string
  readonly via: 'reference' | 'needs' | 'edge'
  readonly path: string
}

/** How a node is named in paths: by its name, or where that says nothing, by its place. */
export function nodePath(node: WorkflowNode, index: number, nodes: readonly WorkflowNode[]): string {
  const first = nodes.findIndex(({ name }) => name === node.name)
  return first === index ? `nodes.${node.name}` : `nodes[${index}]`
}

/** Every place where references stand, in the order of the definition. */
export function placesOf(definition: WorkflowDefinition): Place[] {
  return [
    ...definition.nodes.flatMap((node, index) => placesOfNode(node, nodePath(node, index, definition.nodes))),
    ...Object.entries(definition.outputs ?? {}).flatMap(([name, value]) =>
      placesOfValue(value, `outputs.${name}`, null, 'output'),
    ),
  ]
}

function placesOfNode(node: WorkflowNode, path: string): Place[] {
  const places = Object.entries(node.inputs ?? {}).flatMap(([name, value]) =>
    placesOfValue(value, `${path}.inputs.${name}`, node.name, 'input'),
  )
  const { when, for_each: forEach } = node
  if (when !== undefined) {
    places.push(placeOf(`${path}.when`, node.name, 'when', () => referencesOf(parseCondition(when))))
  }
  if (forEach !== undefined) {
    places.push(placeOf(`${path}.for_each`, node.name, 'for_each', () => referencesIn(forEach)))
  }
  return places
}

function placesOfValue(value: Json, path: string, node: string | null, role: 'input' | 'output'): Place[] {
  if (typeof value === 'string') {
    return value.includes('{{') ? [placeOf(path, node, role, () => referencesIn(value))] : []
  }
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item, at) => placesOfValue(item, `${path}[${at}]`, node, role))
  return Object.entries(value).flatMap(([name, one]) => placesOfValue(one, `${path}.${name}`, node, role))
}

function referencesIn(text: string): Reference[] {
  return parseTemplate(text).parts.filter((part) => typeof part !== 'string')
}

function placeOf(path: string, node: string | null, role: Place['role'], read: () => Reference[]): Place {
  try {
    return { path, node, role, references: read(), fault: null }
  } catch (error) {
    if (error instanceof SyntaxFault) return { path, node, role, references: [], fault: error }
    throw error
  }
}

/** All that puts one node before another: references, `needs` and `edges`, whether or not the nodes exist. */
export function dependenciesOf(definition: WorkflowDefinition, places: readonly Place[]): Dependency[] {
  const references = places.flatMap(({ node, path, references: found }) =>
    node === null
      ? []
      : found.flatMap((one) =>
          one.kind === 'node' ? [{ source: one.node, target: node, via: 'reference' as const, path }] : [],
        ),
  )
  const needs = definition.nodes.flatMap((node, index) =>
    (node.needs ?? []).map((source, at) => ({
      source,
      target: node.name,
      via: 'needs' as const,
      path: `${nodePath(node, index, definition.nodes)}.needs[${at}]`,
    })),
  )
  const edges = (definition.edges ?? []).map(({ source, target }, at) => ({
    source,
    target,
    via: 'edge' as const,
    path: `edges[${at}]`,
  }))
  return [...references, ...needs, ...edges]
}
