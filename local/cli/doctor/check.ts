import type { Config } from '../../../shared/platform/config.ts'
import { maskText } from '../../../shared/platform/mask.ts'
import { type Language, PROBLEMS, Problem } from '../../../shared/platform/problems.ts'
import { sentence } from '../failure.ts'
import type { Text } from '../language.ts'

/** What a check has found. */
export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do next, unless all is well. */
  readonly next?: string | undefined
}

/** What a check may look at. */
export interface Patient {
  readonly config: Config
  readonly language: Language
  say(text: Text): string
  /** Where a runner that is alive on the data directory listens. */
  readonly runnerUrl: string | null
}

/** One thing that Helix needs. A check looks and changes nothing that lasts. */
export interface Check {
  readonly name: Text
  /** Several findings where there are several such things. */
  examine(patient: Patient): Promise<Finding | readonly Finding[]>
}

/** What was thrown, as a finding. */
export function failed(thrown: unknown, { language }: Pick<Patient, 'language'>, next?: string): Finding {
  if (thrown instanceof Problem) {
    const detail = sentence(PROBLEMS[thrown.code].title[language], maskText(thrown.message), language)
    return { status: 'fail', detail, next: thrown.hint ?? next }
  }
  return { status: 'fail', detail: maskText(thrown instanceof Error ? thrown.message : String(thrown)), next }
}
