import type { Language, Severity } from '../../platform/problems.ts'
import type { DirtyType } from './dirty-type.ts'
import type { Impact } from './impact.ts'

export type Text = Readonly<Record<Language, string>>

/** What a check says of one task. */
export interface Found {
  readonly executionId: string | null
  readonly fileName: string | null
  /** What exactly is wrong, where the check's own sentence leaves that open. */
  readonly detail?: Text
}

/** One piece of dirty data. */
export interface Finding extends Found {
  /** Name of the check that found it. */
  readonly check: string
  readonly type: DirtyType
  readonly severity: Severity
  readonly taskId: string
  readonly impact: Impact
  readonly meaning: Text
  readonly repair: Text
}

/** The same in every look at the same thing. */
export function findingKey({ check, taskId, executionId, fileName }: Finding): string {
  return JSON.stringify([check, taskId, executionId, fileName])
}

/** How many findings there are of each type. */
export function countByType(findings: readonly Pick<Finding, 'type'>[]): Record<DirtyType, number> {
  const counts = { A: 0, B: 0, C: 0, D: 0, E: 0 }
  for (const { type } of findings) counts[type] += 1
  return counts
}
