import { jsonbText } from '../../platform/jsonb-text.ts'
import type { Language } from '../../platform/problems.ts'
import {
  BUILT_IN_STEP_NAMES,
  type Finding,
  isBuiltInStep,
  type Json,
  type JsonObject,
  NAME_PATTERN,
  SEMVER_PATTERN,
} from '../definition/definition.ts'
import { below, createFindings, type Findings, hasErrors, type Place } from '../definition/findings.ts'
import { nearestName } from '../definition/near-miss.ts'
import { parseFields, suggestedName } from '../definition/parse-fields.ts'
import { readText } from '../definition/read-text.ts'
import { expectObject, refuseUnknown, textIn, wrongType } from '../definition/shape.ts'
import type { WorkflowDefinition, WorkflowEdge, WorkflowNode } from '../definition/workflow-definition.ts'

export interface ParsedWorkflow {
  /** What it calls itself, as people write it into a file. */
  readonly id: string | undefined
  /** In its canonical form; null when its shape is wrong. */
  readonly definition: WorkflowDefinition | null
  readonly findings: readonly Finding[]
  /** Where a path stands in the text, if there was one. */
  placeOf(path: string): Place | undefined
}

export const WORKFLOW_ID = /^[a-z0-9][a-z0-9_-]{0,79}$/i
export const NODES_MAX = 200 // a person can't follow more, and each is an execution
const EDGES_MAX = 2_000
const OUTPUTS_MAX = 50
const ATTEMPTS_MAX = 10
const TIMEOUT_SECONDS_MAX = 24 * 3_600
const NAME_LENGTH_MAX = 200
const DESCRIPTION_LENGTH_MAX = 2_000
const DEPTH_MAX = 48 // of values: the deepest that is read from a text, and some room for what is around it
const KEYS = ['id', 'name', 'description', 'inputs', 'nodes', 'edges', 'outputs']
const MEANT: Readonly<Record<string, string>> = {
  steps: 'nodes',
  tasks: 'nodes',
  parameters: 'inputs',
  results: 'outputs',
}
const NODE_KEYS = ['name', 'node', 'version', 'inputs', 'needs', 'when', 'retry', 'timeout_seconds', 'for_each']
const NODE_MEANT: Readonly<Record<string, string>> = {
  type: 'node',
  uses: 'node',
  step: 'node',
  id: 'name',
  depends_on: 'needs',
  dependencies: 'needs',
  after: 'needs',
  condition: 'when',
  if: 'when',
  foreach: 'for_each',
  loop: 'for_each',
  timeout: 'timeout_seconds',
  retries: 'retry',
  params: 'inputs',
  with: 'inputs',
}
/** The first and the last execution of every run are called so; the others are words of references. */
const RESERVED = ['start', 'end', 'constructor', 'prototype']

/** Reads a workflow as it was given: YAML or JSON as a text, or a value. Its shape only; `checkGraph` looks at the rest. */
export function parseWorkflow(given: Json, language: Language): ParsedWorkflow {
  if (typeof given !== 'string') return parseValue(given, language)
  const { value, findings, placeOf } = readText(given, language)
  if (value === undefined) return { id: undefined, definition: null, findings, placeOf }
  return parseValue(value, language, placeOf)
}

function parseValue(
  value: Json,
  language: Language,
  placeOf: ParsedWorkflow['placeOf'] = () => undefined,
): ParsedWorkflow {
  const findings = createFindings(language, placeOf)
  if (!isShallow(value)) {
    findings.error('too_deep', '', { max: DEPTH_MAX })
    return { id: undefined, definition: null, findings: findings.list, placeOf }
  }
  // What Postgres can't keep in a jsonb.
  if (jsonbText(value) !== JSON.stringify(value)) findings.error('bad_text', '')
  const object = expectObject(value, '', findings)
  const id = object === null ? undefined : idIn(object, findings)
  const definition = object === null ? null : definitionOf(object, findings)
  return { id, definition: hasErrors(findings.list) ? null : definition, findings: findings.list, placeOf }
}

function idIn(object: JsonObject, findings: Findings): string | undefined {
  const id = textIn(object, 'id', '', findings)
  if (id !== undefined && !WORKFLOW_ID.test(id)) findings.error('bad_id', 'id', { id })
  return id
}

function definitionOf(object: JsonObject, findings: Findings): WorkflowDefinition {
  refuseUnknown(object, KEYS, '', findings, MEANT)
  const name = textIn(object, 'name', '', findings, { max: NAME_LENGTH_MAX })
  const description = textIn(object, 'description', '', findings, { max: DESCRIPTION_LENGTH_MAX })
  const inputs = parseFields(object.inputs, 'inputs', findings)
  if (object.nodes === undefined || object.nodes === null) findings.error('missing_field', 'nodes', { name: 'nodes' })
  const nodes = listOf(object.nodes, 'nodes', NODES_MAX, findings, nodeEntries).flatMap(
    (one) => nodeOf(one, findings) ?? [],
  )
  for (const [index, node] of nodes.entries()) {
    if (nodes.findIndex((one) => one.name === node.name) < index) {
      findings.error('duplicate_name', `nodes[${index}].name`, { name: node.name })
    }
  }
  const edges = listOf(object.edges, 'edges', EDGES_MAX, findings).flatMap((one) => edgeOf(one, findings) ?? [])
  const outputs =
    object.outputs === undefined || object.outputs === null ? undefined : outputsOf(object.outputs, findings)
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    inputs,
    nodes,
    ...(edges.length === 0 ? {} : { edges }),
    ...(outputs === undefined ? {} : { outputs }),
  }
}

interface Entry {
  readonly value: Json
  readonly path: string
}

function listOf(
  given: Json | undefined,
  path: string,
  max: number,
  findings: Findings,
  otherwise: (given: Json, path: string) => readonly Entry[] | null = () => null,
): readonly Entry[] {
  if (given === undefined || given === null) return []
  const entries = Array.isArray(given)
    ? given.map((value: Json, index) => ({ value, path: below(path, index) }))
    : otherwise(given, path)
  if (entries === null) {
    wrongType(given, 'list<object>', path, findings)
    return []
  }
  if (entries.length <= max) return entries
  findings.error('too_many', path, { count: entries.length, max })
  return []
}

/** Nodes by name, as many write them: `{ "filter": { "node": … } }`. */
function nodeEntries(given: Json, path: string): readonly Entry[] | null {
  if (typeof given !== 'object' || given === null) return null
  return Object.entries(given).map(([name, value]) => ({
    value: typeof value === 'object' && value !== null && !Array.isArray(value) ? { name, ...value } : value,
    path: below(path, name),
  }))
}

function nodeOf({ value, path }: Entry, findings: Findings): WorkflowNode | null {
  const object = expectObject(value, path, findings)
  if (object === null) return null
  refuseUnknown(object, NODE_KEYS, path, findings, NODE_MEANT)
  const name = textIn(object, 'name', path, findings, { required: true })
  if (name !== undefined) checkName(name, below(path, 'name'), findings)
  const [node, suffix] = (textIn(object, 'node', path, findings, { required: true }) ?? '').split('@', 2)
  const version = textIn(object, 'version', path, findings) ?? suffix
  if (node !== undefined && node !== '') checkNodeName(node, version, path, findings)
  if (version !== undefined && !SEMVER_PATTERN.test(version)) {
    findings.error('bad_version', below(path, 'version'), { value: version })
  }
  const inputs =
    object.inputs === undefined || object.inputs === null ? undefined : inputsOf(object.inputs, path, findings)
  const needs = needsOf(object.needs, below(path, 'needs'), findings)
  const when = whenOf(object, path, findings)
  const maxAttempts = attemptsOf(object.retry, below(path, 'retry'), findings)
  const timeout = numberIn(
    object.timeout_seconds,
    below(path, 'timeout_seconds'),
    [0.05, TIMEOUT_SECONDS_MAX],
    findings,
  )
  const forEach = textIn(object, 'for_each', path, findings, { max: 1_000 })
  return {
    name: name ?? '',
    node: node ?? '',
    ...(version === undefined ? {} : { version }),
    ...(inputs === undefined ? {} : { inputs }),
    ...(needs.length === 0 ? {} : { needs }),
    ...(when === undefined ? {} : { when }),
    ...(maxAttempts === undefined ? {} : { retry: { max_attempts: maxAttempts } }),
    ...(timeout === undefined ? {} : { timeout_seconds: timeout }),
    ...(forEach === undefined ? {} : { for_each: forEach }),
  }
}

function checkName(name: string, path: string, findings: Findings): void {
  if (!NAME_PATTERN.test(name)) findings.error('bad_name', path, { name }, suggestedName(name))
  else if (RESERVED.includes(name)) findings.error('reserved_name', path, { name })
}

function checkNodeName(node: string, version: string | undefined, path: string, findings: Findings): void {
  if (!NAME_PATTERN.test(node)) {
    findings.error(
      'bad_name',
      below(path, 'node'),
      { name: node },
      nearestName(node, BUILT_IN_STEP_NAMES) ?? suggestedName(node),
    )
  } else if (isBuiltInStep(node) && version !== undefined) {
    findings.error('unknown_field', below(path, 'version'), { name: 'version' })
  }
}

function inputsOf(given: Json, path: string, findings: Findings): JsonObject | undefined {
  return expectObject(given, below(path, 'inputs'), findings) ?? undefined
}

function needsOf(given: Json | undefined, path: string, findings: Findings): string[] {
  if (typeof given === 'string') return [given]
  const needed = listOf(given, path, NODES_MAX, findings).flatMap(({ value, path: at }) => {
    if (typeof value === 'string') return [value]
    wrongType(value, 'string', at, findings)
    return []
  })
  return [...new Set(needed)]
}

function whenOf(object: JsonObject, path: string, findings: Findings): string | undefined {
  if (typeof object.when === 'boolean') return String(object.when)
  return textIn(object, 'when', path, findings, { max: 2_000 })
}

function attemptsOf(given: Json | undefined, path: string, findings: Findings): number | undefined {
  if (given === undefined || given === null) return undefined
  if (typeof given === 'number') return integerIn(given, path, findings)
  const object = expectObject(given, path, findings)
  if (object === null) return undefined
  refuseUnknown(object, ['max_attempts'], path, findings, { attempts: 'max_attempts', times: 'max_attempts' })
  return integerIn(object.max_attempts, below(path, 'max_attempts'), findings)
}

function integerIn(given: Json | undefined, path: string, findings: Findings): number | undefined {
  if (typeof given === 'number' && !Number.isInteger(given)) {
    wrongType(given, 'integer', path, findings)
    return undefined
  }
  return numberIn(given, path, [1, ATTEMPTS_MAX], findings)
}

function numberIn(
  given: Json | undefined,
  path: string,
  [min, max]: readonly [number, number],
  findings: Findings,
): number | undefined {
  if (given === undefined || given === null) return undefined
  if (typeof given !== 'number') wrongType(given, 'number', path, findings)
  else if (given < min || given > max) findings.error('out_of_range', path, { value: given, min, max })
  else return given
  return undefined
}

function edgeOf({ value, path }: Entry, findings: Findings): WorkflowEdge | null {
  const object = expectObject(value, path, findings)
  if (object === null) return null
  refuseUnknown(object, ['source', 'target'], path, findings, { from: 'source', to: 'target' })
  const source = textIn(object, 'source', path, findings, { required: true })
  const target = textIn(object, 'target', path, findings, { required: true })
  return source === undefined || target === undefined ? null : { source, target }
}

function outputsOf(given: Json, findings: Findings): JsonObject | undefined {
  const object = expectObject(given, 'outputs', findings)
  if (object === null) return undefined
  const names = Object.keys(object)
  for (const name of names) checkName(name, below('outputs', name), findings)
  if (names.length > OUTPUTS_MAX) findings.error('too_many', 'outputs', { count: names.length, max: OUTPUTS_MAX })
  return object
}

/** Whether a value is nested no deeper than anything here may be. It may come from anywhere, so nothing calls itself. */
export function isShallow(value: unknown): boolean {
  let level: readonly unknown[] = [value]
  for (let depth = 0; depth <= DEPTH_MAX; depth++) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
    if (level.length === 0) return true
  }
  return false
}
