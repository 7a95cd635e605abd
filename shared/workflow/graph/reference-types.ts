import type { Field } from '../definition/definition.ts'
import { nearestName } from '../definition/near-miss.ts'
import type { WorkflowDefinition, WorkflowNode } from '../definition/workflow-definition.ts'
import type { GraphFindings } from './graph-findings.ts'
import type { NodeSignature } from './known-nodes.ts'
import type { Place } from './places.ts'
import { type PathPart, parseTemplate, type Reference, referenceText } from './reference.ts'
import type { Text } from './syntax.ts'
import { ANY, propertiesOf, typeAt, typeOfField, typeText, type ValueType } from './types.ts'

/** Where a reference leads: to a type, or nowhere, and why. */
type Target =
  | { readonly type: ValueType }
  | { readonly type: null; readonly why: Text; readonly nearest?: string | undefined }

/** What references of a workflow lead to. */
export interface ReferenceTypes {
  /** Tells where one leads nowhere. */
  check(reference: Reference, place: Place): void
  /** `any` for one that leads nowhere. @param node whose items it may mean */
  of(reference: Reference, node: WorkflowNode | null): ValueType
}

export function typesOfReferences(
  definition: WorkflowDefinition,
  signatures: ReadonlyMap<string, NodeSignature | null>,
  findings: GraphFindings,
): ReferenceTypes {
  const nodes = new Map(definition.nodes.map((node) => [node.name, node]))

  const of = (reference: Reference, node: WorkflowNode | null): ValueType => targetOf(reference, node).type ?? ANY

  function targetOf(reference: Reference, node: WorkflowNode | null): Target {
    const root = rootOf(reference, node)
    return root.type === null ? root : inside(root.type, reference.path)
  }

  function rootOf(reference: Reference, node: WorkflowNode | null): Target {
    switch (reference.kind) {
      case 'input':
        return fieldOf(definition.inputs, reference.input, {
          zh: `工作流没有名为“${reference.input}”的输入`,
          en: `the workflow has no input "${reference.input}"`,
        })
      case 'node':
        return outputOf(reference.node, reference.output)
      default:
        if (node?.for_each === undefined) return NO_ITEM
        return { type: reference.kind === 'index' ? { base: 'integer' } : itemOf(node.for_each) }
    }
  }

  function outputOf(name: string, output: string): Target {
    const node = nodes.get(name)
    if (node === undefined) {
      const why = { zh: `工作流中没有节点“${name}”`, en: `the workflow has no node "${name}"` }
      return { type: null, why, nearest: nearestName(name, nodes.keys()) }
    }
    const signature = signatures.get(name)
    if (signature === null || signature === undefined) return { type: ANY } // that there is no such node is told already
    const missing = { zh: `节点“${name}”没有输出“${output}”`, en: `the node "${name}" has no output "${output}"` }
    const found = fieldOf(signature.outputs, output, missing)
    // A node that runs for each item gives a list of what each run gave.
    return found.type !== null && node.for_each !== undefined ? { type: { base: 'list', item: found.type } } : found
  }

  function itemOf(forEach: string): ValueType {
    try {
      const { whole } = parseTemplate(forEach)
      // No item of another node's list: that could go round in a circle, and is refused.
      const list = whole === null ? ANY : of(whole, null)
      return list.item ?? ANY
    } catch {
      return ANY
    }
  }

  return {
    of,
    check(reference, place) {
      const mayHaveItem = place.role === 'input' && place.node !== null
      const target = targetOf(reference, mayHaveItem ? (nodes.get(place.node) ?? null) : null)
      if (target.type !== null) return
      const values = { reference: referenceText(reference), why: target.why }
      findings.error('unresolved_reference', place.path, values, target.nearest)
    },
  }
}

const NO_ITEM: Target = {
  type: null,
  why: {
    zh: 'item 和 index 只能用于设置了 for_each 的节点的输入',
    en: 'item and index are there in the inputs of a node with for_each only',
  },
}

function fieldOf(fields: readonly Field[], name: string, why: Text): Target {
  const field = fields.find((one) => one.name === name)
  if (field !== undefined) return { type: typeOfField(field) }
  return {
    type: null,
    why,
    nearest:
      nearestName(
        name,
        fields.map((one) => one.name),
      ) ?? only(fields),
  }
}

/** Where there is one thing only, it was meant. */
function only(fields: readonly Field[]): string | undefined {
  return fields.length === 1 ? fields[0]?.name : undefined
}

function inside(type: ValueType, path: readonly PathPart[]): Target {
  let at = type
  for (const part of path) {
    const next = typeAt(at, part)
    if (next === null) {
      const [name, shown] = [typeText(at), typeof part === 'number' ? `[${part}]` : part]
      const why = { zh: `${name} 没有 ${shown}`, en: `${name} has no ${shown}` }
      return { type: null, why, nearest: nearestName(String(part), propertiesOf(at)) }
    }
    at = next
  }
  return { type: at }
}
