import { Problem } from '../../platform/problems.ts'
import type { Json, JsonObject } from '../definition/definition.ts'
import type { PathPart, Reference } from './reference.ts'
import { parseTemplate, referenceText } from './reference.ts'

/** What references are looked up in while a workflow runs. */
export interface ValueScope {
  readonly inputs: JsonObject
  /** What a node gave; undefined while it has not run, or because it was skipped. */
  outputsOf(node: string): JsonObject | undefined
  /** Inside `for_each`. */
  readonly item?: Json | undefined
  readonly index?: number | undefined
}

/** The value that a reference stands for; undefined where there is none. Only a value's own properties are seen. */
export function lookUp(reference: Reference, scope: ValueScope): Json | undefined {
  switch (reference.kind) {
    case 'node': {
      const outputs = scope.outputsOf(reference.node)
      return outputs === undefined ? undefined : valueAt(outputs, [reference.output, ...reference.path])
    }
    case 'input':
      return valueAt(scope.inputs, [reference.input, ...reference.path])
    case 'item':
      return scope.item === undefined ? undefined : valueAt(scope.item, reference.path)
    case 'index':
      return scope.index
  }
}

function valueAt(from: Json, path: readonly PathPart[]): Json | undefined {
  let value: Json | undefined = from
  for (const part of path) {
    if (value === undefined || value === null) return undefined
    value = partOf(value, part)
  }
  return value
}

function partOf(value: Exclude<Json, null>, part: PathPart): Json | undefined {
  if (part === 'length' && typeof value === 'string') return Array.from(value).length
  if (isList(value)) return part === 'length' ? value.length : typeof part === 'number' ? value[part] : undefined
  if (typeof value !== 'object') return undefined
  const name = String(part)
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/**
 * A value with its references filled in. A text that is one reference becomes that value, as it is; a reference inside a
 * text is written into it (lists and objects as JSON). A lone reference to nothing is null inside a list or an object.
 * @returns undefined for a lone reference to nothing
 * @throws {Problem} `unresolved_reference` for a reference to nothing inside a text
 */
export function fill(template: Json, scope: ValueScope): Json | undefined {
  if (typeof template === 'string') return fillText(template, scope)
  if (typeof template !== 'object' || template === null) return template
  if (isList(template)) return template.map((item) => fill(item, scope) ?? null)
  // fromEntries defines properties, so that a name like __proto__ is one like any other.
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fill(value, scope) ?? null]))
}

function fillText(text: string, scope: ValueScope): Json | undefined {
  if (!text.includes('{{')) return text
  const { parts, whole } = parseTemplate(text)
  if (whole !== null) return lookUp(whole, scope)
  return parts.map((part) => (typeof part === 'string' ? part : written(part, scope))).join('')
}

function written(reference: Reference, scope: ValueScope): string {
  const value = lookUp(reference, scope)
  if (value === undefined) {
    throw new Problem('unresolved_reference', `{{ ${referenceText(reference)} }} has no value here`)
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
