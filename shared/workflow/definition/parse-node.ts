import type { Language } from '../../platform/problems.ts'
import { checkBody } from './check-body.ts'
import {
  BUILT_IN_STEP_NAMES,
  EXECUTOR_TYPES,
  type ExecutorType,
  type Finding,
  type Json,
  type JsonObject,
  NAME_PATTERN,
  type NodeDefinition,
  type NodeLimits,
  SEMVER_PATTERN,
} from './definition.ts'
import { checkDescription } from './descriptions.ts'
import { below, createFindings, type Findings, hasErrors, type Place } from './findings.ts'
import { nearestName } from './near-miss.ts'
import { parseFields, suggestedName } from './parse-fields.ts'
import { parseTests } from './parse-tests.ts'
import { type ReadText, readText } from './read-text.ts'
import { expectObject, refuseUnknown, textIn, wrongType } from './shape.ts'

export interface ParsedNode {
  /** In its canonical form; null when there is an error. */
  readonly definition: NodeDefinition | null
  readonly findings: readonly Finding[]
  /** Where its code begins in the text, if in lines of its own. */
  readonly codeBlock?: Place | undefined
  /** Where its code is mentioned. */
  readonly codePlace?: Place | undefined
}

const KEYS = [
  'name', 'version', 'executor_type', 'description', 'inputs', 'outputs', 'code', 'query', 'source', 'prompt', 'step',
  'limits', 'sandbox', 'tests',
] // biome-ignore format: a list of words
const MEANT: Readonly<Record<string, string>> = {
  executor: 'executor_type',
  type: 'executor_type',
  kind: 'executor_type',
  script: 'code',
  source_code: 'code',
  function: 'code',
  sql: 'query',
  statement: 'query',
  params: 'inputs',
  parameters: 'inputs',
  returns: 'outputs',
  result: 'outputs',
  timeout: 'limits',
  timeout_seconds: 'limits',
  examples: 'tests',
}
// A node of such a name would be taken for something else: a step, the built-in workflow, a word of references, a path.
const RESERVED = [
  ...BUILT_IN_STEP_NAMES, 'data_pipeline', 'inputs', 'outputs', 'nodes', 'item', 'index', 'validate', 'trial',
  'constructor', 'prototype',
] // biome-ignore format: a list of words
const LIMITS: Readonly<Record<keyof NodeLimits, readonly [min: number, max: number]>> = {
  timeout_seconds: [0.05, 300],
  memory_mb: [4, 100],
  stack_kb: [16, 256],
  input_kb: [1, 10_240],
  result_kb: [1, 10_240],
  rows: [1, 10_000],
}
const DESCRIPTION_LENGTH_MAX = 2_000

/** Reads and checks a definition in YAML or JSON; everything that is wrong is found at once, with its line. */
export function parseNodeText(text: string, language: Language): ParsedNode {
  const read = readText(text, language)
  if (read.value === undefined) return { definition: null, findings: read.findings }
  return parseNodeValue(read.value, language, read)
}

/** Checks a definition that is already a value. @param text where its parts stood, if in a text */
export function parseNodeValue(
  value: Json,
  language: Language,
  text?: Pick<ReadText, 'placeOf' | 'blockPlaceOf'>,
): ParsedNode {
  const findings = createFindings(language, text?.placeOf)
  const object = expectObject(value, '', findings)
  const definition = object === null ? null : definitionOf(object, findings)
  return {
    definition: hasErrors(findings.list) ? null : definition,
    findings: findings.list,
    codeBlock: text?.blockPlaceOf('code'),
    codePlace: text?.placeOf('code'),
  }
}

function definitionOf(object: JsonObject, findings: Findings): NodeDefinition | null {
  refuseUnknown(object, KEYS, '', findings, MEANT)
  const name = parseName(object, findings)
  const version = parseVersion(object, findings)
  const executor = parseExecutor(object, findings)
  const description = textIn(object, 'description', '', findings, { max: DESCRIPTION_LENGTH_MAX }) ?? ''
  checkDescription(description, 'description', findings)
  const inputs = parseFields(object.inputs, 'inputs', findings)
  const outputs = parseFields(object.outputs, 'outputs', findings)
  const limits = parseLimits(object.limits, findings)
  const sandbox = parseSandbox(object, executor, findings)
  const body = executor === undefined ? {} : checkBody(object, executor, { inputs, outputs }, findings)
  const tests = parseTests(object.tests, { inputs, outputs }, findings)
  if (name === undefined || version === undefined || executor === undefined) return null
  return {
    name,
    version,
    executor_type: executor,
    description,
    inputs,
    outputs,
    ...body,
    ...(limits === undefined ? {} : { limits }),
    sandbox,
    ...(tests.length === 0 ? {} : { tests }),
  }
}

function parseName(object: JsonObject, findings: Findings): string | undefined {
  const name = textIn(object, 'name', '', findings, { required: true })
  if (name === undefined) return undefined
  if (!NAME_PATTERN.test(name)) findings.error('bad_name', 'name', { name }, suggestedName(name))
  else if (RESERVED.includes(name)) findings.error('reserved_name', 'name', { name })
  return name
}

function parseVersion(object: JsonObject, findings: Findings): string | undefined {
  const { version } = object
  if (typeof version === 'number') {
    // YAML reads 1.0 as a number.
    const nearest = Number.isInteger(version) ? `${version}.0.0` : `${version}.0`
    findings.error('bad_version', 'version', { value: version }, nearest)
    return undefined
  }
  const text = textIn(object, 'version', '', findings, { required: true })
  if (text !== undefined && !SEMVER_PATTERN.test(text)) {
    const parts = /^v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?$/.exec(text)
    const nearest = parts === null ? undefined : [1, 2, 3].map((part) => Number(parts[part] ?? 0)).join('.')
    findings.error('bad_version', 'version', { value: text }, nearest)
  }
  return text
}

function parseExecutor(object: JsonObject, findings: Findings): ExecutorType | undefined {
  const written = textIn(object, 'executor_type', '', findings, { required: true })
  if (written === undefined) return undefined
  const known = EXECUTOR_TYPES.find((type) => type === written)
  if (known === undefined) {
    const meant: Readonly<Record<string, ExecutorType>> = {
      javascript: 'code',
      js: 'code',
      python: 'code',
      model: 'llm',
    }
    const nearest = meant[written.toLowerCase()] ?? nearestName(written, EXECUTOR_TYPES)
    findings.error('unknown_executor', 'executor_type', { value: written, known: EXECUTOR_TYPES.join(', ') }, nearest)
  }
  return known
}

function parseSandbox({ sandbox }: JsonObject, executor: ExecutorType | undefined, findings: Findings): boolean {
  if (sandbox === undefined || sandbox === null) return true
  if (typeof sandbox !== 'boolean') {
    wrongType(sandbox, 'boolean', 'sandbox', findings)
    return true
  }
  if (!sandbox && executor === 'code') findings.error('sandbox_off', 'sandbox')
  return sandbox
}

function parseLimits(given: Json | undefined, findings: Findings): NodeLimits | undefined {
  if (given === undefined || given === null) return undefined
  const object = expectObject(given, 'limits', findings)
  if (object === null) return undefined
  const meant = { timeout: 'timeout_seconds', memory: 'memory_mb', stack: 'stack_kb', timeout_ms: 'timeout_seconds' }
  refuseUnknown(object, Object.keys(LIMITS), 'limits', findings, meant)
  const limits: Record<string, number> = {}
  for (const [name, [min, max]] of Object.entries(LIMITS)) {
    const value = object[name]
    if (value === undefined || value === null) continue
    const at = below('limits', name)
    if (typeof value !== 'number') wrongType(value, 'number', at, findings)
    else if (value < min || value > max) findings.error('out_of_range', at, { value, min, max })
    else limits[name] = value
  }
  return limits
}
