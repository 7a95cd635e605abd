import type { Platform } from '../../platform/platform.ts'
import type { Language, Layer, Severity } from '../../platform/problems.ts'

/** A sentence for people, in both languages. */
export type Text = Readonly<Record<Language, string>>

/** Anything that JSON carries, by name. */
export type Facts = Readonly<Record<string, unknown>>

/** One thing that looks ill. */
export interface FaultTarget {
  /** Stable from check to check, up to 300 characters: an incident is the pair of its fault and this. */
  readonly id: string
  /**
   * What was seen; a repair compares it with what is there before it changes anything. `signs`, where there are any, tell
   * one fault of the target from another: texts that stay the same as long as the fault does.
   */
  readonly facts: Facts
  /** When it fell ill, as far as anybody can tell. */
  readonly occurredAt: Date | null
}

export interface Detection {
  /** At most some hundreds: a check is bounded, and the next one sees the rest. */
  readonly ill: readonly FaultTarget[]
  /** How many are ill, where there are more than are listed. */
  readonly count?: number
  /** How many targets were looked at, those that are well included: the storm brake goes by the share. */
  readonly of: number
}

export interface Diagnosis {
  /** The rule that fits, kebab-case: `message-never-arrived`. */
  readonly rule: string
  /** Why, with the figures that led there. */
  readonly explanation: Text
  /** Name of the repair; null where only a person can help. */
  readonly repair: string | null
}

/** A kind of fault: one file in `shared/ops/faults/`, a line in its `all.ts`. */
export interface FaultClass {
  /** Snake case: `lost_message`. */
  readonly name: string
  readonly severity: Severity
  readonly layer: Layer
  readonly meaning: Text
  /** What its targets are: `execution`, `task`, `source`, `session` … */
  readonly kind: string
  /** Strikes many at once by its nature: that all have it says nothing against the look, and no storm is seen in it. */
  readonly isCommon?: boolean
  /** Looks once, changes nothing. A throw is reported by itself: it never counts as "no fault". */
  detect(platform: Platform): Promise<Detection>
  /** Explains one target from its facts and, where they don't suffice, from another look. Changes nothing. */
  diagnose(platform: Platform, target: FaultTarget): Promise<Diagnosis>
}
