/** A JSON Schema (2020-12), as far as descriptions of APIs use it. */
export type Schema = Readonly<Record<string, unknown>>

const ERRORS_MAX = 5 // of one answer: the first ones name the cause, the others repeat it
const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
}

/** What of a value is not as its schema says, each with its place: `data.tasks[0].status: …`. @param root where `$ref` leads */
export function schemaErrors(schema: unknown, value: unknown, root: unknown): string[] {
  return [...errorsOf(schema, value, root, '')].slice(0, ERRORS_MAX)
}

/** What a `$ref` of a document leads to; undefined where it leads nowhere. */
export function resolveRef(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#/')) return undefined
  return ref
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), root)
}

function* errorsOf(schema: unknown, value: unknown, root: unknown, at: string): Generator<string> {
  if (schema === true || schema === undefined) return
  if (!isObject(schema)) return yield `${at}: nothing is allowed here`
  if (typeof schema.$ref === 'string') {
    const target = resolveRef(root, schema.$ref)
    if (target === undefined) yield `${at}: the schema refers to ${schema.$ref}, which there is not`
    else yield* errorsOf(target, value, root, at)
  }
  yield* combinationErrors(schema, value, root, at)
  if (schema.type !== undefined && !listOf(schema.type).some((type) => isOfType(value, String(type)))) {
    return yield `${at}: should be ${listOf(schema.type).join(' or ')}, is ${typeName(value)}`
  }
  if (Array.isArray(schema.enum) && !schema.enum.some((allowed) => isSame(allowed, value))) {
    yield `${at}: should be one of ${JSON.stringify(schema.enum)}, is ${shortly(value)}`
  }
  if ('const' in schema && !isSame(schema.const, value)) {
    yield `${at}: should be ${shortly(schema.const)}, is ${shortly(value)}`
  }
  if (typeof value === 'string') yield* stringErrors(schema, value, at)
  if (typeof value === 'number') yield* numberErrors(schema, value, at)
  if (Array.isArray(value)) yield* arrayErrors(schema, value, root, at)
  else if (isObject(value)) yield* objectErrors(schema, value, root, at)
}

function* combinationErrors(schema: Schema, value: unknown, root: unknown, at: string): Generator<string> {
  for (const part of asList(schema.allOf)) yield* errorsOf(part, value, root, at)
  for (const key of ['anyOf', 'oneOf']) {
    const choices = asList(schema[key])
    if (choices.length === 0) continue
    const failures = choices.map((choice) => [...errorsOf(choice, value, root, at)])
    if (failures.some((errors) => errors.length === 0)) continue
    // The choice that fits best says what is wrong.
    const [nearest = []] = failures.toSorted((one, other) => one.length - other.length)
    yield nearest[0] ?? `${at}: fits none of ${choices.length} schemas`
  }
}

function* stringErrors({ pattern, minLength, maxLength, format }: Schema, value: string, at: string) {
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) {
    yield `${at}: ${shortly(value)} does not match ${pattern}`
  }
  const length = [...value].length
  if (typeof minLength === 'number' && length < minLength) yield `${at}: is shorter than ${minLength}`
  if (typeof maxLength === 'number' && length > maxLength) yield `${at}: is longer than ${maxLength}`
  const form = typeof format === 'string' && typeof pattern !== 'string' ? FORMATS[format] : undefined
  if (form !== undefined && !form.test(value)) yield `${at}: ${shortly(value)} is no ${String(format)}`
}

function* numberErrors({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema, value: number, at: string) {
  if (typeof minimum === 'number' && value < minimum) yield `${at}: ${value} is less than ${minimum}`
  if (typeof maximum === 'number' && value > maximum) yield `${at}: ${value} is more than ${maximum}`
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) yield `${at}: ${value} is too small`
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) yield `${at}: ${value} is too large`
}

function* arrayErrors(schema: Schema, value: readonly unknown[], root: unknown, at: string): Generator<string> {
  const { minItems, maxItems, items } = schema
  if (typeof minItems === 'number' && value.length < minItems) yield `${at}: has fewer than ${minItems} items`
  if (typeof maxItems === 'number' && value.length > maxItems) yield `${at}: has more than ${maxItems} items`
  const leading = asList(schema.prefixItems)
  for (const [index, item] of value.entries()) yield* errorsOf(leading[index] ?? items, item, root, `${at}[${index}]`)
}

function* objectErrors(schema: Schema, value: Schema, root: unknown, at: string): Generator<string> {
  const properties = isObject(schema.properties) ? schema.properties : {}
  for (const key of asList(schema.required)) if (!(String(key) in value)) yield `${at}: ${String(key)} is missing`
  for (const [key, item] of Object.entries(value)) {
    const place = at === '' ? key : `${at}.${key}`
    if (isObject(schema.propertyNames)) yield* errorsOf(schema.propertyNames, key, root, place)
    if (Object.hasOwn(properties, key)) yield* errorsOf(properties[key], item, root, place)
    else if (schema.additionalProperties === false) yield `${place}: is not described`
    else yield* errorsOf(schema.additionalProperties, item, root, place)
  }
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value)
  return type === 'number' ? typeof value === 'number' : typeName(value) === type
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function shortly(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
