import type { FieldType, Json, JsonObject } from './definition.ts'
import { isOfType, kindOfValue, typeWord } from './field-types.ts'
import { below, type Findings } from './findings.ts'
import { nearestName } from './near-miss.ts'
import { isSafePattern } from './patterns.ts'

type Kind = 'schema' | 'schemas' | 'schema_map' | 'names' | 'number' | 'boolean' | 'pattern' | 'type' | 'list' | 'any'

// What is understood. References are left out: a definition stands for itself, and a cycle could not be followed.
const KEYWORDS: Readonly<Record<string, Kind>> = {
  type: 'type',
  enum: 'list',
  const: 'any',
  properties: 'schema_map',
  required: 'names',
  additionalProperties: 'schema',
  items: 'schema',
  minItems: 'number',
  maxItems: 'number',
  uniqueItems: 'boolean',
  minLength: 'number',
  maxLength: 'number',
  pattern: 'pattern',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  not: 'schema',
  title: 'any',
  description: 'any',
  default: 'any',
  examples: 'any',
  format: 'any',
  $schema: 'any',
  $comment: 'any',
}
const TYPES = ['array', 'string', 'number', 'integer', 'boolean', 'object', 'null']

/** Checks that a JSON Schema is one, and that it uses only what is understood here. */
export function checkSchema(schema: Json, path: string, findings: Findings): void {
  if (typeof schema === 'boolean') return
  if (!isObject(schema)) {
    findings.error('not_an_object', path, { found: kindOfValue(schema, findings.language) })
    return
  }
  for (const [name, value] of Object.entries(schema)) {
    const at = below(path, name)
    const kind = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined
    if (kind === undefined) {
      findings.error('unknown_keyword', at, { name }, nearestName(name, Object.keys(KEYWORDS)))
    } else checkKeyword(kind, value, at, findings)
  }
}

function checkKeyword(kind: Kind, value: Json, path: string, findings: Findings): void {
  const { language } = findings
  const expected = EXPECTED[kind]
  if (expected !== undefined && !isOfType(value, expected)) {
    findings.error('wrong_type', path, { expected: typeWord(expected, language), found: kindOfValue(value, language) })
  } else if (kind === 'schema') checkSchema(value, path, findings)
  else if (kind === 'type') checkTypes(value, path, findings)
  else if (kind === 'pattern' && !isSafePattern(String(value))) findings.error('unsafe_pattern', path)
  else if (kind === 'schema_map' || kind === 'schemas') checkEach(value, path, findings)
}

const EXPECTED: Readonly<Partial<Record<Kind, FieldType>>> = {
  number: 'number',
  boolean: 'boolean',
  pattern: 'string',
  schema_map: 'object',
  schemas: 'list',
  names: 'list',
  list: 'list',
}

function checkEach(value: Json, path: string, findings: Findings): void {
  if (Array.isArray(value)) {
    for (const [index, part] of (value as readonly Json[]).entries()) checkSchema(part, below(path, index), findings)
  } else if (isObject(value)) {
    for (const [name, part] of Object.entries(value)) checkSchema(part, below(path, name), findings)
  }
}

function checkTypes(value: Json, path: string, findings: Findings): void {
  for (const name of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
    if (typeof name === 'string' && TYPES.includes(name)) continue
    const written = String(name)
    findings.error('unknown_type', path, { value: written, known: TYPES.join(', ') }, nearestName(written, TYPES))
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
