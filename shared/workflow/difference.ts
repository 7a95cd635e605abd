import type { Language } from '../platform/problems.ts'
import type { Json, JsonObject } from './definition/definition.ts'
import { below } from './definition/findings.ts'

const RELATIVE_ERROR_MAX = 1e-9 // 0.1 + 0.2 is as good as 0.3

/** Where an answer differs from what a test expects, in words; null where it does not. What is not expected is not looked at. */
export function differenceOf(answered: JsonObject, expected: JsonObject, language: Language): string | null {
  for (const [name, value] of Object.entries(expected)) {
    const found = difference(answered[name] ?? null, value, name)
    if (found === null) continue
    const { path, got, wanted } = found
    return language === 'zh'
      ? `${path} 应为 ${short(wanted)}，实际为 ${short(got)}`
      : `${path} should be ${short(wanted)}, but is ${short(got)}`
  }
  return null
}

interface Difference {
  readonly path: string
  readonly got: Json
  readonly wanted: Json
}

function difference(got: Json, wanted: Json, path: string): Difference | null {
  if (typeof got === 'number' && typeof wanted === 'number') {
    const near = Math.abs(got - wanted) <= RELATIVE_ERROR_MAX * Math.max(1, Math.abs(wanted))
    return near ? null : { path, got, wanted }
  }
  if (Array.isArray(got) && Array.isArray(wanted)) {
    if (got.length !== wanted.length) return { path, got, wanted }
    return first(wanted.map((item: Json, index) => difference(got[index] as Json, item, below(path, index))))
  }
  if (isObject(got) && isObject(wanted)) {
    const keys = [...new Set([...Object.keys(got), ...Object.keys(wanted)])]
    return first(keys.map((key) => difference(got[key] ?? null, wanted[key] ?? null, below(path, key))))
  }
  return got === wanted ? null : { path, got, wanted }
}

function first(differences: readonly (Difference | null)[]): Difference | null {
  return differences.find((found) => found !== null) ?? null
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const SHOWN_MAX = 100

function short(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
