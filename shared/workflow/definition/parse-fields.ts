import { checkSchema } from './check-schema.ts'
import {
  type Field,
  type FieldType,
  type Json,
  type JsonObject,
  type JsonSchema,
  NAME_PATTERN,
  PLAIN_TYPES,
} from './definition.ts'
import { checkDescription } from './descriptions.ts'
import { fieldTypeOf } from './field-types.ts'
import { below, type Findings } from './findings.ts'
import { nearestName } from './near-miss.ts'
import { expectObject, refuseUnknown, textIn, wrongType } from './shape.ts'
import { checkValue } from './values.ts'

const FIELD_KEYS = ['name', 'type', 'required', 'default', 'description', 'schema']
const FIELDS_MAX = 50
const RESERVED = new Set(['constructor', 'prototype'])
const SHORT_TYPES: Readonly<Record<string, string>> = {
  str: 'string',
  text: 'string',
  int: 'integer',
  float: 'number',
  double: 'number',
  decimal: 'number',
  bool: 'boolean',
  dict: 'object',
  map: 'object',
  json: 'any',
  tuple: 'list',
}

/** Inputs or outputs as a list of fields, whether they were written as a list or as a map. */
export function parseFields(given: Json | undefined, path: string, findings: Findings): readonly Field[] {
  if (given === undefined || given === null) return []
  const entries = entriesOf(given, path, findings)
  if (entries.length > FIELDS_MAX) {
    findings.error('too_many', path, { count: entries.length, max: FIELDS_MAX })
    return []
  }
  const seen = new Set<string>()
  return entries.flatMap((entry) => {
    const field = parseField(entry, findings)
    if (field === null) return []
    if (seen.has(field.name)) findings.error('duplicate_name', entry.path, { name: field.name })
    seen.add(field.name)
    return [field]
  })
}

interface Entry {
  /** Null where the name is inside, as `name`. */
  readonly name: string | null
  readonly value: Json
  readonly path: string
}

function entriesOf(given: Json, path: string, findings: Findings): readonly Entry[] {
  if (Array.isArray(given)) {
    return (given as readonly Json[]).map((value, index) => namedEntry(value, below(path, index)))
  }
  if (typeof given === 'object' && given !== null) {
    return Object.entries(given).map(([name, value]) => ({ name, value, path: below(path, name) }))
  }
  wrongType(given, 'list<object>', path, findings)
  return []
}

/** `- amount: number` is what many write in a list. */
function namedEntry(value: Json, path: string): Entry {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const [only, ...more] = Object.entries(value)
    if (only !== undefined && more.length === 0 && !FIELD_KEYS.includes(only[0])) {
      return { name: only[0], value: only[1], path: below(path, only[0]) }
    }
  }
  return { name: null, value, path }
}

function parseField({ name: outer, value, path }: Entry, findings: Findings): Field | null {
  const written: Json = typeof value === 'string' && outer !== null ? { type: value } : (value ?? {})
  const object = expectObject(written, path, findings)
  if (object === null) return null
  refuseUnknown(object, FIELD_KEYS, path, findings)
  const name = outer ?? textIn(object, 'name', path, findings, { required: true })
  const named = name !== undefined && isGoodName(name, outer === null ? below(path, 'name') : path, findings)
  const type = parseType(object, path, findings)
  const description = textIn(object, 'description', path, findings, { max: 500 })
  if (description !== undefined) checkDescription(description, below(path, 'description'), findings)
  const required = object.required ?? true
  if (typeof required !== 'boolean') wrongType(required, 'boolean', below(path, 'required'), findings)
  const schema = parseSchema(object.schema, below(path, 'schema'), findings)
  if (!named) return null
  const field: Field = {
    name,
    type: type ?? 'any',
    required: required === true && object.default === undefined,
    ...(object.default === undefined ? {} : { default: object.default }),
    ...(description === undefined ? {} : { description }),
    ...(schema === undefined ? {} : { schema }),
  }
  if (field.default !== undefined && type !== null) checkValue(field.default, field, below(path, 'default'), findings)
  return field
}

function isGoodName(name: string, path: string, findings: Findings): boolean {
  if (!NAME_PATTERN.test(name)) findings.error('bad_name', path, { name }, suggestedName(name))
  else if (RESERVED.has(name)) findings.error('reserved_name', path, { name })
  else return true
  return false
}

/** A name that would do, made from one that does not: `Sales Growth` gives `sales_growth`. */
export function suggestedName(name: string): string | undefined {
  if (/[./\\]/.test(name)) return undefined // a path is no slip of the pen
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
  const made = words
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '')
    .slice(0, 50)
  return NAME_PATTERN.test(made) && made !== name ? made : undefined
}

function parseType(object: JsonObject, path: string, findings: Findings): FieldType | null {
  const at = below(path, 'type')
  const written = object.type
  if (written === undefined || written === null) {
    findings.error('missing_field', at, { name: 'type' })
    return null
  }
  if (typeof written !== 'string') {
    wrongType(written, 'string', at, findings)
    return null
  }
  const type = fieldTypeOf(written)
  const nearest = SHORT_TYPES[written.toLowerCase()] ?? nearestName(written, PLAIN_TYPES)
  if (type === null) findings.error('unknown_type', at, { value: written, known: PLAIN_TYPES.join(', ') }, nearest)
  return type
}

function parseSchema(given: Json | undefined, path: string, findings: Findings): JsonSchema | undefined {
  if (given === undefined || given === null) return undefined
  const before = findings.list.length
  checkSchema(given, path, findings)
  return findings.list.length === before ? (given as JsonSchema) : undefined
}
