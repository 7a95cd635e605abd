import type { Severity } from '../../platform/problems.ts'
import type { DirtyType } from './dirty-type.ts'
import type { Finding, Found, Text } from './finding.ts'
import type { Picture } from './picture.ts'
import type { PlanDraft } from './plan-draft.ts'

/**
 * One kind of dirty data: what it is, how bad, how it is found, and what a clean-up does about it. A check is a function of
 * one task's picture, and judges nothing that an execution under way may be writing right now.
 */
export interface Check {
  /** Kebab-case. */
  readonly name: string
  readonly type: DirtyType
  readonly severity: Severity
  readonly meaning: Text
  /** What a clean-up does, said beforehand. */
  readonly repair: Text
  find(picture: Picture): readonly Found[]
  /** Adds to the plan what puts one finding right. */
  plan(found: Finding, picture: Picture, draft: PlanDraft): void
}
