import { type Language, Problem } from '../platform/problems.ts'
import type { Finding, Json, JsonObject } from './definition/definition.ts'
import { type ParsedNode, parseNodeText, parseNodeValue } from './definition/parse-node.ts'
import { readText } from './definition/read-text.ts'

/** A body in YAML or JSON that is a definition, or holds one (or its text) under `definition`. */
export function parseNodeBody(text: string, language: Language): ParsedNode {
  const read = readText(text, language)
  const { value, findings } = read
  if (value === undefined) return { definition: null, findings }
  const inner = soleDefinition(value)
  if (typeof inner === 'string') return parseNodeText(inner, language)
  if (inner !== undefined) {
    return parseNodeValue(inner, language, {
      placeOf: (path) => read.placeOf(`definition.${path}`),
      blockPlaceOf: (path) => read.blockPlaceOf(`definition.${path}`),
    })
  }
  return parseNodeValue(value, language, read)
}

export interface TrialBody {
  readonly parsed: ParsedNode
  readonly inputs?: JsonObject
}

/**
 * The body of a trial: `{definition, inputs}` in YAML or JSON, or a definition alone.
 * @throws {Problem} `invalid_request` when it is neither
 */
export function parseTrialBody(text: string, language: Language): TrialBody {
  const value = jsonIn(text) ?? readText(text, language).value
  if (!isObject(value) || value.definition === undefined) return { parsed: parseNodeBody(text, language) }
  const { definition, inputs, ...others } = value
  const unknown = Object.keys(others)
  const errors = unknown.map((path) => ({ path, message: language === 'zh' ? '未知字段' : 'is not a known field' }))
  if (inputs !== undefined && inputs !== null && !isObject(inputs)) {
    errors.push({ path: 'inputs', message: language === 'zh' ? '应为对象' : 'must be an object' })
  }
  if (errors.length > 0) {
    const told = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
    throw new Problem('invalid_request', told, { errors })
  }
  const parsed =
    typeof definition === 'string' ? parseNodeText(definition, language) : parseNodeValue(definition ?? null, language)
  return { parsed, ...(isObject(inputs) ? { inputs } : {}) }
}

/** Findings as they are answered: errors first. */
export function sortedFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => Number(one.severity === 'warning') - Number(other.severity === 'warning'))
}

function soleDefinition(value: Json): Json | undefined {
  return isObject(value) && Object.keys(value).length === 1 ? value.definition : undefined
}

/** Inputs may be long; as JSON they are read without looking for places. */
function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined // then it is YAML, or nothing: the reader tells
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
