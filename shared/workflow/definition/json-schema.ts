import type { FieldType, Json, JsonObject, JsonSchema } from './definition.ts'
import { isOfType, kindOfValue, typeWord } from './field-types.ts'
import { below, type Findings } from './findings.ts'
import { matchesPattern } from './patterns.ts'

const TYPES = {
  array: 'list',
  string: 'string',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  object: 'object',
}

/** Checks a value against a JSON Schema that `checkSchema` has accepted. Everything that does not fit is told. */
export function checkBySchema(value: Json, schema: JsonSchema, path: string, findings: Findings): void {
  if (schema === true) return
  if (schema === false) {
    findings.error('not_allowed', path)
    return
  }
  checkType(value, schema, path, findings)
  checkChoices(value, schema, path, findings)
  if (typeof value === 'string') checkString(value, schema, path, findings)
  else if (typeof value === 'number') checkNumber(value, schema, path, findings)
  else if (Array.isArray(value)) checkList(value, schema, path, findings)
  else if (typeof value === 'object' && value !== null) checkObject(value as JsonObject, schema, path, findings)
  checkCombinations(value, schema, path, findings)
}

/** A text that is equal for values that are: keys in order. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}

function checkType(value: Json, { type }: JsonObject, path: string, findings: Findings): void {
  if (type === undefined) return
  const types = Array.isArray(type) ? (type as readonly string[]) : [String(type)]
  const { language } = findings
  const fits = types.some((name) =>
    name === 'null' ? value === null : isOfType(value, (TYPES[name as keyof typeof TYPES] ?? name) as FieldType),
  )
  if (fits) return
  const expected = types
    .map((name) => typeWord(TYPES[name as keyof typeof TYPES] ?? name, language))
    .join(language === 'zh' ? '或' : ' or ')
  findings.error('wrong_type', path, { expected, found: kindOfValue(value, language) })
}

function checkChoices(value: Json, schema: JsonObject, path: string, findings: Findings): void {
  const known = schema.const === undefined ? schema.enum : [schema.const]
  if (!Array.isArray(known)) return
  const text = canonicalJson(value)
  const choices = (known as Json[]).map(canonicalJson)
  if (!choices.includes(text)) findings.error('not_in_enum', path, { value: text, known: choices.join(', ') })
}

function checkString(value: string, schema: JsonObject, path: string, findings: Findings): void {
  const { minLength: min, maxLength: max, pattern } = schema
  const length = [...value].length
  if (typeof min === 'number' && length < min) findings.error('too_short', path, { length, min })
  if (typeof max === 'number' && length > max) findings.error('too_long', path, { length, max })
  if (typeof pattern !== 'string') return
  const matches = matchesPattern(pattern, value)
  if (matches === null) findings.error('pattern_unchecked', path, { length, pattern })
  else if (!matches) findings.error('pattern_mismatch', path, { value, pattern })
}

function checkNumber(value: number, schema: JsonObject, path: string, findings: Findings): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const low = typeof minimum === 'number' && value < minimum
  const high = typeof maximum === 'number' && value > maximum
  const atLow = typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum
  const atHigh = typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum
  if (low || high || atLow || atHigh) {
    const min = String(minimum ?? (exclusiveMinimum === undefined ? '-∞' : `>${String(exclusiveMinimum)}`))
    const max = String(maximum ?? (exclusiveMaximum === undefined ? '∞' : `<${String(exclusiveMaximum)}`))
    findings.error('out_of_range', path, { value, min, max })
  }
  if (typeof multipleOf !== 'number' || multipleOf <= 0) return
  const times = value / multipleOf
  if (Math.abs(times - Math.round(times)) > 1e-9) findings.error('not_multiple', path, { value, of: multipleOf })
}

function checkList(value: readonly Json[], schema: JsonObject, path: string, findings: Findings): void {
  const { minItems: min, maxItems: max, uniqueItems, items } = schema
  const count = value.length
  if (typeof min === 'number' && count < min) findings.error('too_few', path, { count, min })
  if (typeof max === 'number' && count > max) findings.error('too_many', path, { count, max })
  if (uniqueItems === true && new Set(value.map(canonicalJson)).size < count) findings.error('not_unique', path)
  if (items === undefined) return
  for (const [index, item] of value.entries()) checkBySchema(item, items as JsonSchema, below(path, index), findings)
}

function checkObject(value: JsonObject, schema: JsonObject, path: string, findings: Findings): void {
  const { required, additionalProperties: rest } = schema
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>
  for (const name of Array.isArray(required) ? (required as string[]) : []) {
    if (!Object.hasOwn(value, name)) findings.error('missing_field', path, { name })
  }
  for (const [name, item] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (known !== undefined) checkBySchema(item, known, below(path, name), findings)
    else if (rest === false) findings.error('unknown_field', below(path, name), { name })
    else if (rest !== undefined) checkBySchema(item, rest as JsonSchema, below(path, name), findings)
  }
}

function checkCombinations(value: Json, schema: JsonObject, path: string, findings: Findings): void {
  const { allOf, anyOf, oneOf, not } = schema
  for (const part of (allOf ?? []) as readonly JsonSchema[]) checkBySchema(value, part, path, findings)
  const fitting = (parts: Json | undefined) =>
    ((parts ?? []) as readonly JsonSchema[]).filter((part) => fits(value, part, findings)).length
  if (anyOf !== undefined && fitting(anyOf) === 0) findings.error('no_alternative', path)
  if (oneOf !== undefined && fitting(oneOf) !== 1) findings.error('no_alternative', path)
  if (not !== undefined && fits(value, not as JsonSchema, findings)) findings.error('not_allowed', path)
}

function fits(value: Json, schema: JsonSchema, { language }: Findings): boolean {
  let failed = false
  const probe: Findings = {
    language,
    list: [],
    error: () => {
      failed = true
    },
    warning: () => undefined,
    failed: false,
  }
  checkBySchema(value, schema, '', probe)
  return !failed
}
