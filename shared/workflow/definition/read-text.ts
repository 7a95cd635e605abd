import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Node as YamlNode,
} from 'yaml'
import type { Language } from '../../platform/problems.ts'
import type { Finding, Json } from './definition.ts'
import { below, createFindings, type Findings, type Place } from './findings.ts'
import { boundsOf, DEPTH_MAX } from './text-bounds.ts'

/** A text as a value, with where each part of it stood. */
export interface ReadText {
  /** Undefined when the text can't be read; the findings say why. */
  readonly value: Json | undefined
  readonly findings: readonly Finding[]
  /** Where a path stands; that of its nearest parent for something that is not there. */
  placeOf(path: string): Place | undefined
  /** Where the first line of a text written as a block (`|`) begins; undefined for one written otherwise. */
  blockPlaceOf(path: string): Place | undefined
}

const BYTES_MAX = 1_000_000 // what a request may carry; the code of a node has at most a quarter of it
const ALIASES_MAX = 64 // a hand-written definition repeats itself a few times
const VALUES_MAX = 20_000 // with aliases written out
const INDENT_SHOWN_MAX = 100
const SYNTAX_ERRORS_MAX = 10 // what follows the first is often its consequence
// Postgres keeps neither in a jsonb.
// biome-ignore lint/suspicious/noControlCharactersInRegex: a control character is what is looked for
const BAD_TEXT = /\u0000|\p{Cs}/u
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads YAML 1.2, and JSON, which is a part of it. Nothing a text says can take long: its size and depth are looked at
 * first, and aliases are written out within limits. Duplicate keys, tags and what JSON does not have are refused.
 */
export function readText(text: string, language: Language): ReadText {
  const places = new Map<string, Place>()
  const blocks = new Map<string, Place>()
  const placeOf = (path: string) => nearestPlace(places, path)
  const findings = createFindings(language, placeOf)
  const answer = (value: Json | undefined): ReadText => ({
    value,
    findings: findings.list,
    placeOf,
    blockPlaceOf: (path) => blocks.get(path),
  })
  const bytes = new TextEncoder().encode(text).length
  if (bytes > BYTES_MAX) {
    findings.error('text_too_large', '', { bytes, max: BYTES_MAX })
    return answer(undefined)
  }
  const bounds = boundsOf(text)
  if (bounds !== null) {
    places.set('', bounds.place)
    findings.error(bounds.code, '', { max: bounds.max })
    return answer(undefined)
  }
  const document = parsed(text, places, findings)
  if (document === null) return answer(undefined)
  const value = readValue(document, { places, blocks, text, findings })
  return answer(findings.failed ? undefined : value)
}

function parsed(
  text: string,
  places: Map<string, Place>,
  findings: Findings,
): { readonly document: Document; readonly lines: LineCounter } | null {
  const lines = new LineCounter()
  // Pretty errors copy the line for each of them: a hundred thousand took 25 s.
  const options = { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const
  const documents = parseAllDocuments(text, options)
  const all = 'empty' in documents ? [] : documents
  const problems = all.flatMap(({ errors, warnings }) => [...errors, ...warnings])
  for (const problem of problems.slice(0, SYNTAX_ERRORS_MAX)) {
    const { line, col } = lines.linePos(problem.pos[0])
    places.set('', { line, column: col })
    const detail = problem.message
    if (problem.code === 'TAG_RESOLVE_FAILED')
      findings.error('unknown_tag', '', { tag: detail.split(': ').at(-1) ?? '' })
    else findings.error('syntax', '', { detail })
  }
  places.set('', { line: 1, column: 1 })
  if (problems.length > 0) return null
  const [document] = all
  if (all.length > 1) findings.error('several_documents', '')
  else if (document === undefined || document.contents === null) findings.error('empty', '')
  else return { document, lines }
  return null
}

interface Walk {
  readonly document: Document
  readonly lines: LineCounter
  readonly places: Map<string, Place>
  readonly blocks: Map<string, Place>
  readonly text: string
  readonly findings: Findings
  readonly open: Set<YamlNode>
  values: number
  aliases: number
}

function readValue(
  { document, lines }: { readonly document: Document; readonly lines: LineCounter },
  gathered: Pick<Walk, 'places' | 'blocks' | 'text' | 'findings'>,
): Json | undefined {
  const walk: Walk = { document, lines, ...gathered, open: new Set(), values: 0, aliases: 0 }
  return jsonOf(walk, document.contents, '')
}

/** A node as JSON; null stands in for what a finding was made of. */
function jsonOf(walk: Walk, node: unknown, path: string): Json {
  const { findings } = walk
  if (walk.values > VALUES_MAX || walk.aliases > ALIASES_MAX) return null
  if (++walk.values > VALUES_MAX) {
    findings.error('too_many_values', '', { max: VALUES_MAX })
    return null
  }
  mark(walk, node, path)
  if (isAlias(node)) return aliased(walk, node, path)
  if (isMap(node)) return inside(walk, node, path, () => objectOf(walk, node, path))
  if (isSeq(node)) {
    return inside(walk, node, path, () => node.items.map((item, index) => jsonOf(walk, item, below(path, index))))
  }
  const value = isScalar(node) ? node.value : null
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null
  if (typeof value === 'string') {
    if (isScalar(node) && node.type === 'BLOCK_LITERAL') walk.blocks.set(path, blockPlace(walk, node))
    if (!BAD_TEXT.test(value)) return value
    findings.error('bad_text', path)
    return null
  }
  if (typeof value === 'number' && Number.isFinite(value)) return value
  findings.error('not_json', path, { value: String(value) })
  return null
}

function inside(walk: Walk, node: YamlNode, path: string, work: () => Json): Json {
  if (walk.open.size >= DEPTH_MAX) {
    walk.findings.error('too_deep', path, { max: DEPTH_MAX })
    return null
  }
  walk.open.add(node)
  const value = work()
  walk.open.delete(node)
  return value
}

function aliased(walk: Walk, node: YamlNode & { source: string }, path: string): Json {
  const { findings, document } = walk
  if (++walk.aliases > ALIASES_MAX) {
    findings.error('too_many_aliases', path, { max: ALIASES_MAX })
    return null
  }
  const target = isAlias(node) ? node.resolve(document) : undefined
  if (target === undefined) findings.error('alias_unknown', path, { name: node.source })
  else if (walk.open.has(target)) findings.error('alias_cycle', path, { name: node.source })
  else return jsonOf(walk, target, path)
  return null
}

function objectOf(
  walk: Walk,
  node: { readonly items: readonly { key: unknown; value: unknown }[] },
  path: string,
): Json {
  const { findings } = walk
  const object: Record<string, Json> = {}
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : typeof key === 'string' ? key : undefined
    if (name === undefined) {
      findings.error('bad_key', path)
      continue
    }
    const at = below(path, name)
    if (Object.hasOwn(object, name)) {
      mark(walk, key, at)
      findings.error('duplicate_key', at, { name })
    } else if (FORBIDDEN_KEYS.has(name)) {
      mark(walk, key, at)
      findings.error('forbidden_key', at, { name })
    } else {
      mark(walk, key, at)
      object[name] = jsonOf(walk, value, at)
      mark(walk, key, at)
    }
  }
  return object
}

/** The line after the bar, behind its indentation. */
function blockPlace({ lines, text }: Walk, node: YamlNode): Place {
  const line = lines.linePos(node.range?.[0] ?? 0).line + 1
  const start = lines.lineStarts[line - 1] ?? 0
  return { line, column: 1 + (/^ */.exec(text.slice(start, start + INDENT_SHOWN_MAX))?.[0].length ?? 0) }
}

/** The last mark of a path stands: that of its key, where there is one. */
function mark({ lines, places }: Walk, node: unknown, path: string): void {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  const [start] = Array.isArray(range) ? (range as unknown[]) : []
  if (typeof start !== 'number') return
  const { line, col } = lines.linePos(start)
  places.set(path, { line, column: col })
}

function nearestPlace(places: ReadonlyMap<string, Place>, path: string): Place | undefined {
  for (let at = path; at !== ''; at = at.replace(/(^|\.)[^.[\]]*$|\[\d+\]$/, '')) {
    const found = places.get(at)
    if (found !== undefined) return found
  }
  return places.get('')
}
