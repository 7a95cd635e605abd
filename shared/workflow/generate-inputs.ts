import type { Field, FieldType, Json, JsonObject, JsonSchema, NodeDefinition } from './definition/definition.ts'
import { itemTypeOf } from './definition/field-types.ts'

/**
 * Inputs to try a definition on that brings none: by type, schema and name, always the same. Where the types leave open
 * what lists hold, there are several; a node is in order when it works on one of them.
 */
export function generateInputs(definition: Pick<NodeDefinition, 'inputs' | 'code'>): readonly JsonObject[] {
  const row = rowFor(definition.code ?? '')
  const open = definition.inputs.some(({ type, schema }) => schema === undefined && (type === 'list' || type === 'any'))
  const items: readonly Json[][] = [rowsLike(row), [100, 80, 120, 90], ['north', 'south', 'north']]
  return (open ? items : items.slice(0, 1)).map((openItems) =>
    Object.fromEntries(definition.inputs.map((field) => [field.name, valueFor(field, { row, openItems })])),
  )
}

interface Material {
  readonly row: JsonObject
  readonly openItems: readonly Json[]
}

// Numbers are told apart by their names, so that a rate is not divided by zero and a window fits its list.
const NUMBERS: readonly (readonly [RegExp, number])[] = [
  [/prev|last|base|before|old|prior/, 80],
  [/rate|ratio|percent|pct|share|factor|threshold/, 0.2],
  [/window|size|top|limit|count|days|^n$|^k$|step/, 2],
]
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/date|day|time|month/, '2024-01-15'],
  [/value|amount|measure|number|metric/, 'amount'],
  [/key|group|column|field|by$|category|name/, 'name'],
  [/unit|period|bucket|granularity/, 'month'],
  [/mail/, 'somebody@example.com'],
  [/url|link/, 'https://example.com'],
]
const ROW: JsonObject = { id: 1, name: 'north', category: 'a', amount: 100, value: 10, quantity: 3, date: '2024-01-15' }
// What every list and text has; anything else that code reads of a row is probably a column.
const METHODS =
  /^(?:length|prototype|constructor|map|filter|reduce|sort|push|slice|join|split|keys|values|entries|from|isArray|PI|E|EPSILON|MAX_SAFE_INTEGER)$/
const COLUMNS_MAX = 20

function rowFor(code: string): JsonObject {
  const read = [...code.matchAll(/\.([A-Za-z_]\w{0,40})\b(?!\s*\()/g)].map((match) => match[1] ?? '')
  const found = [...new Set(read)].filter((name) => !METHODS.test(name) && !(name in ROW)).slice(0, COLUMNS_MAX)
  const columns = found.map((name) => [
    name,
    TEXTS.some(([pattern]) => pattern.test(name)) ? textFor(name) : numberFor(name),
  ])
  return { ...ROW, ...Object.fromEntries(columns) }
}

function rowsLike(row: JsonObject): Json[] {
  const second = Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? value + 1 : value]),
  )
  return [row, { ...second, name: 'south', date: '2024-02-20' }, { ...row, id: 3, amount: 120, date: '2024-02-21' }]
}

function valueFor({ name, type, schema, default: usual }: Field, material: Material): Json {
  if (usual !== undefined) return usual
  const asked = schema === undefined ? undefined : bySchema(schema, name, material)
  return asked ?? byType(type, name, material)
}

function byType(type: FieldType, name: string, material: Material): Json {
  if (type === 'number' || type === 'integer') {
    const number = numberFor(name)
    return type === 'integer' ? Math.max(1, Math.round(number)) : number
  }
  if (type === 'string') return textFor(name)
  if (type === 'boolean') return true
  if (type === 'object') return material.row
  if (type === 'any') return material.openItems[0] ?? null
  const item = itemTypeOf(type)
  if (item === null || item === 'any') return material.openItems
  if (item === 'object') return rowsLike(material.row)
  if (item === 'number' || item === 'integer') return [100, 80, 120, 90]
  if (item === 'string') return ['north', 'south', 'north']
  return [byType(item, name, material)]
}

function bySchema(schema: JsonSchema, name: string, material: Material): Json | undefined {
  if (typeof schema === 'boolean') return undefined
  const { const: only, enum: choices, default: usual, examples, type, properties, items } = schema
  if (only !== undefined) return only
  if (usual !== undefined) return usual
  if (Array.isArray(examples) && examples.length > 0) return examples[0] as Json
  if (Array.isArray(choices) && choices.length > 0) return choices[0] as Json
  if (typeof properties === 'object' && properties !== null) {
    return Object.fromEntries(
      Object.entries(properties).map(([key, part]) => [key, bySchema(part as JsonSchema, key, material) ?? null]),
    )
  }
  if (items !== undefined) {
    const item = bySchema(items as JsonSchema, name, material) ?? null
    return Array.from({ length: Math.max(Number(schema.minItems ?? 0), 2) }, () => item)
  }
  if (type === 'number' || type === 'integer' || schema.minimum !== undefined) return within(numberFor(name), schema)
  if (type === 'string') return textFor(name).padEnd(Number(schema.minLength ?? 0), 'x')
  if (type === 'boolean') return true
  return undefined
}

function within(value: number, { minimum, maximum, exclusiveMinimum, multipleOf, type }: JsonObject): number {
  let number = value
  if (typeof maximum === 'number') number = Math.min(number, maximum)
  if (typeof minimum === 'number') number = Math.max(number, minimum)
  if (typeof exclusiveMinimum === 'number' && number <= exclusiveMinimum) number = exclusiveMinimum + 1
  if (typeof multipleOf === 'number') number = Math.ceil(number / multipleOf) * multipleOf
  return type === 'integer' ? Math.round(number) : number
}

function numberFor(name: string): number {
  return NUMBERS.find(([pattern]) => pattern.test(name))?.[1] ?? 100
}

function textFor(name: string): string {
  return TEXTS.find(([pattern]) => pattern.test(name))?.[1] ?? 'text'
}
