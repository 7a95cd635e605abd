import type { Language } from '../../platform/problems.ts'
import type { Finding } from './definition.ts'
import { FINDING_TEXTS, type FindingCode } from './finding-texts.ts'

export interface Place {
  readonly line: number
  readonly column: number
}

/** Gathers what is wrong, so that all of it is told at once. */
export interface Findings {
  readonly language: Language
  readonly list: readonly Finding[]
  error(code: FindingCode, path: string, values?: Values, nearest?: string): void
  warning(code: FindingCode, path: string, values?: Values, nearest?: string): void
  /** Whether an error has been found so far. */
  readonly failed: boolean
}

type Values = Readonly<Record<string, string | number>>

const FINDINGS_MAX = 100 // nobody reads more, and a hostile text could have a million

/** @param placeOf where a path stands in the text that was given; nothing when it came as a value */
export function createFindings(
  language: Language,
  placeOf: (path: string) => Place | undefined = () => undefined,
): Findings {
  const list: Finding[] = []
  const add = (severity: Finding['severity'], code: FindingCode, path: string, values: Values, nearest?: string) => {
    if (list.length >= FINDINGS_MAX) return
    const place = placeOf(path)
    list.push({
      code,
      path,
      severity,
      message: findingText(language, code, values, nearest),
      ...(nearest === undefined ? {} : { nearest }),
      ...(place === undefined ? {} : place),
    })
  }
  return {
    language,
    list,
    error: (code, path, values = {}, nearest) => add('error', code, path, values, nearest),
    warning: (code, path, values = {}, nearest) => add('warning', code, path, values, nearest),
    get failed() {
      return hasErrors(list)
    },
  }
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error')
}

/** A path below another: `inputs[0]` and `type` give `inputs[0].type`. */
export function below(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

/** What a finding says, in the caller's language. */
export function findingText(language: Language, code: FindingCode, values: Values = {}, nearest?: string): string {
  const text = FINDING_TEXTS[code][language].replaceAll(/\{(\w+)\}/g, (_, name) => short(String(values[name] ?? '')))
  if (nearest === undefined) return text
  return language === 'zh' ? `${text}；您是否想写“${nearest}”？` : `${text}; did you mean "${nearest}"?`
}

const SHOWN_MAX = 120

/** What a caller wrote, for a message: one line, no control characters, not endless. */
function short(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line
}
