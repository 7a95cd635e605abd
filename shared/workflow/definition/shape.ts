import type { Json, JsonObject } from './definition.ts'
import { kindOfValue, typeWord } from './field-types.ts'
import { below, type Findings } from './findings.ts'
import { nearestName } from './near-miss.ts'

/** The value as an object, or null with a finding. */
export function expectObject(value: Json | undefined, path: string, findings: Findings): JsonObject | null {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  findings.error('not_an_object', path, { found: kindOfValue(value, findings.language) })
  return null
}

export function wrongType(value: Json | undefined, expected: string, path: string, findings: Findings): void {
  const { language } = findings
  findings.error('wrong_type', path, { expected: typeWord(expected, language), found: kindOfValue(value, language) })
}

/** Refuses keys that mean nothing. @param meant other words for a known key, which no distance would find */
export function refuseUnknown(
  object: JsonObject,
  known: readonly string[],
  path: string,
  findings: Findings,
  meant: Readonly<Record<string, string>> = {},
): void {
  for (const name of Object.keys(object)) {
    if (known.includes(name)) continue
    const nearest = (Object.hasOwn(meant, name) ? meant[name] : undefined) ?? nearestName(name, known)
    findings.error('unknown_field', below(path, name), { name }, nearest)
  }
}

interface TextRules {
  readonly required?: boolean
  readonly max?: number
}

/** A text under a key; undefined where it is missing or wrong, which the findings then say. */
export function textIn(
  object: JsonObject,
  key: string,
  path: string,
  findings: Findings,
  { required = false, max = 200 }: TextRules = {},
): string | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  const at = below(path, key)
  if (value === undefined || value === null) {
    if (required) findings.error('missing_field', at, { name: key })
    return undefined
  }
  if (typeof value !== 'string') wrongType(value, 'string', at, findings)
  else if (value.trim() === '' && required) findings.error('empty_text', at)
  else if (value.length > max) findings.error('too_long', at, { length: value.length, max })
  else return value
  return undefined
}
