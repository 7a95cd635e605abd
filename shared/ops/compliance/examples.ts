import type { RawFinding } from './finding.ts'
import { isObject, type Schema, schemaErrors } from './json-schema.ts'

// What lies below these is data, not a description.
const DATA = new Set(['example', 'examples', 'default', 'enum', 'const'])
// Below these stand names of people's own, any of which may be called `example`.
const NAMES = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'paths',
  'schemas',
  'responses',
  'content',
  'headers',
])

/** The examples of a document that are not as their own schemas say: whoever copies one is refused. */
export function exampleFindings(document: unknown): RawFinding[] {
  return [...findingsIn(document, document, [], false)]
}

function* findingsIn(node: unknown, root: unknown, place: readonly string[], isNames: boolean): Generator<RawFinding> {
  if (Array.isArray(node)) {
    for (const [at, item] of node.entries()) yield* findingsIn(item, root, [...place, String(at)], false)
    return
  }
  if (!isObject(node)) return
  if (!isNames) {
    const schema = isObject(node.schema) ? node.schema : node
    for (const [name, example] of examplesOf(node)) {
      const errors = schemaErrors(schema, example, root)
      if (errors.length === 0) continue
      const where = `/openapi.json#/${[...place, name].map(escaped).join('/')}`
      const expected = 'an example that its schema allows'
      yield { endpoint: where, rule: 'example_mismatch', expected, found: errors.join('; ') }
    }
  }
  for (const [key, value] of Object.entries(node)) {
    if (!isNames && DATA.has(key)) continue
    yield* findingsIn(value, root, [...place, key], !isNames && NAMES.has(key))
  }
}

/** A schema lists its examples; a body or a parameter names them, each with its `value`. */
function examplesOf({ example, examples }: Schema): (readonly [place: string, example: unknown])[] {
  const one = example === undefined ? [] : [['example', example] as const]
  if (Array.isArray(examples)) return [...one, ...examples.map((item, at) => [`examples/${at}`, item] as const)]
  const named = isObject(examples) ? Object.entries(examples) : []
  return [
    ...one,
    ...named.flatMap(([name, item]) =>
      isObject(item) && 'value' in item ? [[`examples/${name}`, item.value] as const] : [],
    ),
  ]
}

function escaped(part: string): string {
  return part.startsWith('examples/') ? part : part.replaceAll('~', '~0').replaceAll('/', '~1')
}
