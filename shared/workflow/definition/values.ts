import type { Language } from '../../platform/problems.ts'
import type { Field, FieldType, Finding, Json, JsonObject, NodeDefinition } from './definition.ts'
import { isOfType, itemTypeOf, kindOfValue, typeWord } from './field-types.ts'
import { below, createFindings, type Findings } from './findings.ts'
import { checkBySchema } from './json-schema.ts'
import { nearestName } from './near-miss.ts'

export interface CheckedValues {
  /** With defaults filled in; to be used only when nothing was found. */
  readonly values: JsonObject
  readonly findings: readonly Finding[]
}

const DEPTH_MAX = 64 // a table of nested records has ten; what is deeper is made to break something

/** What a node is to be run on: each value against its field, defaults filled in, unknown names refused. */
export function validateInputs(
  { inputs }: Pick<NodeDefinition, 'inputs'>,
  given: JsonObject,
  language: Language = 'zh',
): CheckedValues {
  const findings = createFindings(language)
  const values = checkInputs(inputs, given, 'inputs', findings)
  return { values, findings: findings.list }
}

/** The same, into findings that are gathered elsewhere. */
export function checkInputs(fields: readonly Field[], given: JsonObject, path: string, findings: Findings): JsonObject {
  const names = fields.map(({ name }) => name)
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      findings.error('unknown_input', below(path, name), { name }, nearestName(name, names))
    }
  }
  const values: Record<string, Json> = {}
  for (const field of fields) {
    const value = Object.hasOwn(given, field.name) ? given[field.name] : undefined
    if (value === undefined || (value === null && field.default !== undefined)) {
      if (field.default !== undefined) values[field.name] = field.default
      else if (field.required) findings.error('missing_input', below(path, field.name), { name: field.name })
    } else if (value === null && !field.required && field.type !== 'any') {
      values[field.name] = null
    } else {
      checkValue(value, field, below(path, field.name), findings)
      values[field.name] = value
    }
  }
  return values
}

/** What a node has answered, against the outputs that it declares. What is not declared is let through with a warning. */
export function validateOutputs(
  { outputs }: Pick<NodeDefinition, 'outputs'>,
  given: JsonObject,
  language: Language = 'zh',
): readonly Finding[] {
  const findings = createFindings(language)
  checkOutputs(outputs, given, 'outputs', findings)
  return findings.list
}

/** The same, into findings that are gathered elsewhere. */
export function checkOutputs(fields: readonly Field[], given: JsonObject, path: string, findings: Findings): void {
  const names = fields.map(({ name }) => name)
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      findings.warning('unknown_output', below(path, name), { name }, nearestName(name, names))
    }
  }
  for (const field of fields) {
    const value = Object.hasOwn(given, field.name) ? given[field.name] : undefined
    if (value === undefined || (value === null && field.type !== 'any')) {
      if (field.required && value === undefined) {
        findings.error('missing_output', below(path, field.name), { name: field.name })
      } else if (field.required) checkValue(null, field, below(path, field.name), findings)
    } else checkValue(value, field, below(path, field.name), findings)
  }
}

/** A value against its field: depth, type, then schema. */
export function checkValue(value: Json, field: Field, path: string, findings: Findings): void {
  if (isDeeperThan(value, DEPTH_MAX)) findings.error('too_deep', path, { max: DEPTH_MAX })
  else if (checkType(value, field.type, path, findings) && field.schema !== undefined) {
    checkBySchema(value, field.schema, path, findings)
  }
}

function checkType(value: Json, type: FieldType, path: string, findings: Findings): boolean {
  const { language } = findings
  if (!isOfType(value, type)) {
    findings.error('wrong_type', path, { expected: typeWord(type, language), found: kindOfValue(value, language) })
    return false
  }
  const item = itemTypeOf(type)
  if (item === null || item === 'any' || !Array.isArray(value)) return true
  const wrong = (value as readonly Json[]).findIndex((one) => !isOfType(one, item))
  if (wrong !== -1) return checkType((value as readonly Json[])[wrong] ?? null, item, below(path, wrong), findings)
  if (itemTypeOf(item) === null) return true
  return (value as readonly Json[]).every((one, index) => checkType(one, item, below(path, index), findings))
}

/** Looks without calling itself, since that is what a deep value would break. */
export function isDeeperThan(value: unknown, max: number): boolean {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }]
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    if (typeof top.value !== 'object' || top.value === null) continue
    if (top.depth >= max) return true
    for (const inner of Object.values(top.value)) open.push({ value: inner, depth: top.depth + 1 })
  }
  return false
}
