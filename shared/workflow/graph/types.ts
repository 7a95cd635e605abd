import type { Field, FieldType, Json, JsonSchema, PlainType } from '../definition/definition.ts'
import type { PathPart } from './reference.ts'

/** A type with what is known of what lies inside. */
export interface ValueType {
  readonly base: PlainType
  /** Of a list: what it holds. */
  readonly item?: ValueType
  readonly schema?: JsonSchema
}

export const ANY: ValueType = { base: 'any' }

/** The type that a field declares. */
export function typeOfField({ type, schema }: Pick<Field, 'type' | 'schema'>): ValueType {
  return withSchema(typeOfText(type), schema)
}

/** `list<list<number>>` as a type; what is unknown is `any`. */
export function typeOfText(type: FieldType | string): ValueType {
  const list = /^list<(.+)>$/.exec(type)?.[1]
  if (list !== undefined) return { base: 'list', item: typeOfText(list.trim()) }
  if (type === 'list') return { base: 'list', item: ANY }
  return PLAIN.has(type) ? { base: type as PlainType } : ANY
}

const PLAIN: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'any'])

/** A type as it would be written. */
export function typeText({ base, item }: ValueType): string {
  return base === 'list' && item !== undefined && item.base !== 'any' ? `list<${typeText(item)}>` : base
}

/** The type of what a step into a value leads to; null where there can be nothing. */
export function typeAt(type: ValueType, part: PathPart): ValueType | null {
  if (type.base === 'any') return ANY
  if (part === 'length' && (type.base === 'list' || type.base === 'string')) return { base: 'integer' }
  if (type.base === 'list') return typeof part === 'number' ? (type.item ?? ANY) : null
  if (type.base !== 'object') return null
  const schema = objectOf(type.schema)
  const property = objectOf(schema?.properties)?.[String(part)]
  if (property !== undefined) return typeOfSchema(property)
  return schema?.additionalProperties === false ? null : ANY
}

/** The properties that an object is known to have. */
export function propertiesOf(type: ValueType): string[] {
  return Object.keys(objectOf(objectOf(type.schema)?.properties) ?? {})
}

const BASES: Readonly<Record<string, PlainType>> = {
  string: 'string',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  array: 'list',
  object: 'object',
}

function typeOfSchema(schema: Json): ValueType {
  const known = objectOf(schema)
  const name = known?.type
  const base = typeof name === 'string' && Object.hasOwn(BASES, name) ? BASES[name] : undefined
  return base === undefined ? ANY : withSchema(base === 'list' ? { base, item: ANY } : { base }, known ?? true)
}

function withSchema(type: ValueType, schema: JsonSchema | undefined): ValueType {
  if (schema === undefined) return type
  const items = objectOf(schema)?.items
  const vague = type.base === 'list' && (type.item === undefined || type.item.base === 'any')
  const item = items !== undefined && (vague || type.item?.schema === undefined) ? itemOf(type, items) : type.item
  return item === undefined ? { ...type, schema } : { ...type, item, schema }
}

function itemOf({ item }: ValueType, items: Json): ValueType {
  const told = typeOfSchema(items)
  return item === undefined || item.base === 'any' || told.base === item.base ? told : item
}

function objectOf(value: Json | JsonSchema | undefined): Readonly<Record<string, Json>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : undefined
}

/**
 * Whether every value of one type can be given where another is asked for: the same type, or one that loses nothing when
 * it is turned into it (an integer into a number, a number or a truth into text). What is `any` is checked when it runs.
 */
export function isAcceptable(given: ValueType, wanted: ValueType): boolean {
  if (given.base === 'any' || wanted.base === 'any' || given.base === wanted.base) {
    return given.base !== 'list' || wanted.base !== 'list' || isAcceptable(given.item ?? ANY, wanted.item ?? ANY)
  }
  if (wanted.base === 'number') return given.base === 'integer'
  return wanted.base === 'string' && ['number', 'integer', 'boolean'].includes(given.base)
}

/** A value as the type asks for it, where `isAcceptable` lets it through: only numbers and truths become text. */
export function convert(value: Json, wanted: ValueType): Json {
  if (wanted.base === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value)
  if (wanted.base === 'list' && Array.isArray(value) && wanted.item !== undefined && wanted.item.base !== 'any') {
    const { item } = wanted
    return value.map((one: Json) => convert(one, item))
  }
  return value
}

/** The type of a value without references. */
export function typeOfValue(value: Json): ValueType {
  if (value === null) return ANY
  if (Array.isArray(value)) return { base: 'list', item: commonType(value.map(typeOfValue)) }
  if (typeof value === 'number') return { base: Number.isInteger(value) ? 'integer' : 'number' }
  if (typeof value === 'boolean' || typeof value === 'string') return { base: typeof value as 'boolean' | 'string' }
  return { base: 'object' }
}

/** What all of some types are; `any` where they have nothing in common. */
export function commonType(types: readonly ValueType[]): ValueType {
  const [first, ...rest] = types
  if (first === undefined) return ANY
  const widest = types.find((type) => types.every((one) => isAcceptable(one, type) && one.base !== 'any'))
  if (widest !== undefined && (widest.base !== 'string' || rest.every(({ base }) => base === 'string'))) return widest
  return ANY
}
