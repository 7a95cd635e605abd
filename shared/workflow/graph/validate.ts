import type { Language } from '../../platform/problems.ts'
import type { Finding } from '../definition/definition.ts'
import { nearestName } from '../definition/near-miss.ts'
import type { WorkflowDefinition, WorkflowNode } from '../definition/workflow-definition.ts'
import { mismatchesIn, type TypeOf, typeOfTemplate } from './check-types.ts'
import { parseCondition } from './condition.ts'
import { type GraphFindings, graphFindings } from './graph-findings.ts'
import type { KnownNodes, NodeSignature } from './known-nodes.ts'
import { orderOf } from './order.ts'
import { type Dependency, dependenciesOf, nodePath, type Place, placesOf } from './places.ts'
import { parseTemplate, type Reference } from './reference.ts'
import { typesOfReferences } from './reference-types.ts'
import { isAcceptable, typeOfField, typeText } from './types.ts'

export const DEPTH_MAX = 100 // nodes one after another; each waits for all before it

export interface GraphCheck {
  readonly findings: readonly Finding[]
  /** The nodes in the order in which they may run; null where there is a cycle. */
  readonly order: readonly string[] | null
  readonly levels: readonly (readonly string[])[] | null
  readonly dependencies: readonly Dependency[]
}

/**
 * Everything that is wrong with a workflow of good shape: nodes that do not exist, references that lead nowhere, types
 * that do not fit, cycles, inputs that are missing or not used. Decided from what is given; nothing is run.
 * @param held nodes, as `name@version`, that the workflow has already: it may keep one that was disabled since
 */
export function checkGraph(
  definition: WorkflowDefinition,
  known: KnownNodes,
  language: Language,
  held: Readonly<Record<string, string>> = {},
): GraphCheck {
  const findings = graphFindings(language)
  if (definition.nodes.length === 0) findings.error('empty_workflow', 'nodes')
  const places = placesOf(definition)
  const dependencies = dependenciesOf(definition, places)
  const order = checkOrder(definition, dependencies, findings)
  const signatures = checkNodes(definition, known, held, findings)
  for (const place of places) tellFault(place, findings)
  const types = typesOfReferences(definition, signatures, findings)
  for (const place of places) for (const reference of place.references) types.check(reference, place)
  for (const [index, node] of definition.nodes.entries()) {
    const path = nodePath(node, index, definition.nodes)
    checkInputs(node, path, signatures.get(node.name) ?? null, (reference) => types.of(reference, node), findings)
    checkConditions(node, path, (reference) => types.of(reference, null), findings)
  }
  checkUnused(definition, places, findings)
  checkNeighbours(definition, dependencies, findings)
  return { findings: findings.list, dependencies, ...order }
}

function checkNodes(
  definition: WorkflowDefinition,
  known: KnownNodes,
  held: Readonly<Record<string, string>>,
  findings: GraphFindings,
) {
  const signatures = new Map<string, NodeSignature | null>()
  for (const [index, node] of definition.nodes.entries()) {
    const path = nodePath(node, index, definition.nodes)
    const found = known.find(node.node, node.version)
    if (!signatures.has(node.name)) signatures.set(node.name, found)
    const versions = known.versionsOf(node.node)
    if (found === null && versions.length > 0) {
      const values = { name: node.node, version: node.version ?? '' }
      findings.error(
        'unknown_version',
        `${path}.version`,
        values,
        nearestName(node.version ?? '', versions) ?? versions[0],
      )
    } else if (found === null) {
      findings.error('unknown_node', `${path}.node`, { name: node.node }, nearestName(node.node, known.names))
    } else if (!found.enabled) {
      const told = Object.hasOwn(held, `${node.node}@${found.version}`) ? findings.warning : findings.error
      told('node_disabled', `${path}.node`, { name: node.node, version: found.version ?? '' })
    }
  }
  return signatures
}

function tellFault({ path, role, fault }: Place, findings: GraphFindings): void {
  if (fault === null) return
  const code = role === 'when' ? 'invalid_condition' : 'invalid_reference'
  findings.error(code, path, { column: fault.span.start + 1, why: fault.text }, fault.nearest)
}

function checkInputs(
  { name: node, inputs = {} }: WorkflowNode,
  path: string,
  signature: NodeSignature | null,
  typeOf: TypeOf,
  findings: GraphFindings,
): void {
  if (signature === null) return
  const fields = new Map(signature.inputs.map((field) => [field.name, field]))
  for (const [name, template] of Object.entries(inputs)) {
    const field = fields.get(name)
    if (field === undefined) {
      findings.error('unknown_input', `${path}.inputs.${name}`, { node, name }, nearestName(name, fields.keys()))
      continue
    }
    const [given, wanted] = [readable(() => typeOfTemplate(template, typeOf)), typeOfField(field)]
    if (given === null || isAcceptable(given, wanted)) continue
    const [from, to] = [typeText(given), typeText(wanted)]
    const why = { zh: `输入需要 ${to}，得到的是 ${from}`, en: `${to} is asked for, and ${from} is given` }
    findings.error('type_mismatch', `${path}.inputs.${name}`, { why })
  }
  for (const { name, required, default: usual } of signature.inputs) {
    if (required && usual === undefined && !Object.hasOwn(inputs, name)) {
      findings.error('missing_input', `${path}.inputs.${name}`, { node, name })
    }
  }
}

function checkConditions(
  { when, for_each: forEach }: WorkflowNode,
  path: string,
  typeOf: TypeOf,
  findings: GraphFindings,
) {
  if (when !== undefined) {
    for (const why of readable(() => mismatchesIn(parseCondition(when), typeOf)) ?? []) {
      findings.error('type_mismatch', `${path}.when`, { why })
    }
  }
  const items = forEach === undefined ? null : readable(() => parseTemplate(forEach))
  if (items === null) return
  if (items.whole === null) {
    const why = {
      zh: 'for_each 应为一个引用，例如 {{ inputs.items }}',
      en: 'for_each is one reference, such as {{ inputs.items }}',
    }
    findings.error('invalid_reference', `${path}.for_each`, { column: 1, why })
    return
  }
  const type = typeOf(items.whole)
  if (type.base === 'list' || type.base === 'any') return
  const why = {
    zh: `for_each 需要列表，得到的是 ${typeText(type)}`,
    en: `for_each takes a list, not ${typeText(type)}`,
  }
  findings.error('type_mismatch', `${path}.for_each`, { why })
}

/** What can't be read has been told already. */
function readable<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

function checkUnused(definition: WorkflowDefinition, places: readonly Place[], findings: GraphFindings): void {
  const used = new Set(places.flatMap(({ references }) => references.map(inputOf)))
  for (const { name } of definition.inputs)
    if (!used.has(name)) findings.warning('unused_input', `inputs.${name}`, { name })
}

function inputOf(reference: Reference): string | null {
  return reference.kind === 'input' ? reference.input : null
}

/** `needs` and `edges` that name a node which is none; references are told with their own reason. */
function checkNeighbours(definition: WorkflowDefinition, dependencies: readonly Dependency[], findings: GraphFindings) {
  const names = new Set(definition.nodes.map(({ name }) => name))
  for (const { source, target, via, path } of dependencies) {
    if (via === 'reference') continue
    for (const [end, name] of [
      ['source', source],
      ['target', target],
    ] as const) {
      if (names.has(name)) continue
      const at = via === 'edge' ? `${path}.${end}` : path
      const why = { zh: `工作流中没有节点“${name}”`, en: `the workflow has no node "${name}"` }
      findings.error('unresolved_reference', at, { reference: name, why }, nearestName(name, names))
    }
  }
}

function checkOrder(definition: WorkflowDefinition, dependencies: readonly Dependency[], findings: GraphFindings) {
  const names = [...new Set(definition.nodes.map(({ name }) => name))]
  const edges = dependencies.filter(({ source, target }) => names.includes(source) && names.includes(target))
  const found = orderOf({ names, edges })
  if (found.kind === 'ordered') {
    const depth = found.levels.length
    if (depth > DEPTH_MAX) findings.error('too_deep', 'nodes', { depth, max: DEPTH_MAX })
    return { order: found.order, levels: found.levels }
  }
  for (const cycle of found.cycles) {
    // The way back is what most likely should not be there.
    const back = edges.find(({ source, target }) => source === cycle.at(-2) && target === cycle.at(-1))
    findings.error('workflow_cycle', back?.path ?? 'nodes', { cycle: cycle.join(' → ') })
  }
  return { order: null, levels: null }
}
