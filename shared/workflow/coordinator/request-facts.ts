import type { FieldType, Json, JsonObject } from '../definition/definition.ts'
import { NAME_PATTERN } from '../definition/definition.ts'
import { fieldTypeOf } from '../definition/field-types.ts'
import { suggestedName } from '../definition/parse-fields.ts'
import type { Stated } from '../templates/template.ts'
import { conceptsIn } from './concepts.ts'

/** What a request says, as far as rules can tell. */
export interface RequestFacts {
  readonly text: string
  readonly inputs: readonly Stated[]
  readonly outputs: readonly Stated[]
}

/** Reads inputs and outputs out of the context, else out of the words. */
export function factsOf(text: string, context: Json | undefined): RequestFacts {
  const given = isObject(context) ? context : {}
  const inputs = statedIn(firstOf(given, ['inputs', 'input', 'input_fields', 'input_schema', 'parameters']))
  const outputs = statedIn(firstOf(given, ['outputs', 'output', 'output_fields', 'output_schema', 'returns']))
  const told = typeof context === 'string' ? `${text}\n${context}` : text
  const written = writtenIn(told)
  return {
    text,
    inputs: unique(inputs.length > 0 ? inputs : written.inputs),
    outputs: unique(outputs.length > 0 ? outputs : written.outputs),
  }
}

function firstOf(object: JsonObject, keys: readonly string[]): Json | undefined {
  return keys.map((key) => object[key]).find((value) => value !== undefined && value !== null)
}

const STATED_MAX = 30

/** Names, fields, a map of types, or a map of example values. */
function statedIn(value: Json | undefined): readonly Stated[] {
  if (typeof value === 'string') return namesIn(value)
  if (Array.isArray(value)) return (value as readonly Json[]).slice(0, STATED_MAX).flatMap(statedItem)
  if (!isObject(value)) return []
  const { properties } = value
  const entries = Object.entries(isObject(properties) ? properties : value).slice(0, STATED_MAX)
  return entries.flatMap(([name, item]) => stated(name, typeNamed(item) ?? typeOfExample(item)))
}

function statedItem(item: Json): readonly Stated[] {
  if (typeof item === 'string') {
    const [, name = item, type] = /^\s*([^\s:(]+)\s*[:(]\s*([\w<>]+)\)?\s*$/.exec(item) ?? []
    return stated(name, type === undefined ? null : fieldTypeOf(type))
  }
  if (!isObject(item) || typeof item.name !== 'string') return []
  return stated(item.name, typeNamed(item))
}

function stated(written: string, type: FieldType | null): readonly Stated[] {
  const name = NAME_PATTERN.test(written) ? written : (suggestedName(written) ?? nameFromConcepts(written))
  return name === undefined || name === 'constructor' || name === 'prototype' ? [] : [{ name, type }]
}

/** A name in a request is made of what it speaks of: 本期销售额 gives `sales_current`. */
function nameFromConcepts(text: string): string | undefined {
  const concepts = conceptsIn(text)
  return concepts.length === 0 ? undefined : concepts.join('_').slice(0, 50)
}

function typeNamed(item: Json): FieldType | null {
  if (typeof item === 'string') return fieldTypeOf(item)
  return isObject(item) && typeof item.type === 'string' ? fieldTypeOf(item.type) : null
}

function typeOfExample(item: Json): FieldType | null {
  if (typeof item === 'number') return 'number'
  if (typeof item === 'boolean') return 'boolean'
  if (Array.isArray(item)) {
    const kinds = new Set((item as readonly Json[]).map((one) => (isObject(one) ? 'object' : typeof one)))
    const [kind] = kinds
    return kinds.size === 1 && kind !== undefined ? (fieldTypeOf(`list<${kind}>`) ?? 'list') : 'list'
  }
  return isObject(item) ? 'object' : null
}

const OUTPUT_WORDS =
  /输出|返回|得到|产出|结果(?:是|为)|\b(?:outputs?|returns?|returning|yields?|produces?|results? in|gives? back)\b/i
const INPUT_WORDS =
  /输入|入参|参数(?:是|为|有|：|:)|给定|\b(?:inputs?|given|takes?|taking|parameters?|arguments?|from)\b/i
const CLAUSE_END = /[。；;\n]|[.](?=\s|$)/

/** Inputs and outputs that the words themselves name. */
function writtenIn(text: string): { readonly inputs: readonly Stated[]; readonly outputs: readonly Stated[] } {
  const inputs: Stated[] = []
  const outputs: Stated[] = []
  for (const clause of text.split(CLAUSE_END)) {
    const marks = [
      ...matchesOf(clause, INPUT_WORDS).map((at) => ({ ...at, into: inputs })),
      ...matchesOf(clause, OUTPUT_WORDS).map((at) => ({ ...at, into: outputs })),
    ].toSorted((one, other) => one.from - other.from)
    for (const [index, { to, into }] of marks.entries()) {
      into.push(...namesIn(clause.slice(to, marks[index + 1]?.from)))
    }
    // A name with an underscore is no word of the language: it names data.
    if (marks.length === 0)
      inputs.push(...(clause.match(/\b[a-z][a-z0-9]*_[a-z0-9_]+\b/g) ?? []).flatMap((name) => stated(name, null)))
  }
  return {
    inputs: unique(inputs),
    outputs: unique(outputs).filter(({ name }) => !inputs.some((one) => one.name === name)),
  }
}

function matchesOf(text: string, pattern: RegExp): readonly { readonly from: number; readonly to: number }[] {
  return [...text.matchAll(new RegExp(pattern, 'gi'))].map(({ 0: found, index }) => ({
    from: index,
    to: index + found.length,
  }))
}

const NO_NAME =
  /^(?:a|an|the|of|and|or|is|are|as|two|three|numbers?|values?|lists?|column|columns|field|fields|text|string|this|that|it|its|for|with|by|to|from|in|on|each|both|new|one|node|calculate|compute)$/i

/** Names in a part of a sentence: identifiers, else business words between commas. */
function namesIn(text: string): readonly Stated[] {
  const identifiers = [...text.matchAll(/\b([A-Za-z][A-Za-z0-9_]*)\b(?:\s*[:(（]\s*([a-z<>]+)\s*[)）]?)?/g)]
  const named = identifiers
    .filter(
      ({ 1: name = '' }) =>
        !NO_NAME.test(name) && (/_/.test(name) || /[,，、:：(]|和|与/.test(text) || identifiers.length <= 2),
    )
    .flatMap(({ 1: name = '', 2: type }) => stated(name, type === undefined ? null : fieldTypeOf(type)))
  if (named.length > 0) return unique(named).slice(0, STATED_MAX)
  return unique(
    text
      .split(/[,，、：:]|和|与|及/)
      .flatMap((part) => (/\p{Script=Han}/u.test(part) ? stated(part.trim(), null) : [])),
  ).slice(0, STATED_MAX)
}

function unique(all: readonly Stated[]): readonly Stated[] {
  return all.filter(({ name }, index) => all.findIndex((one) => one.name === name) === index)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
