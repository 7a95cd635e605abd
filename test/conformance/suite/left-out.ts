import type { Capability } from '../target.ts'

/** Why a case was not played, for the matrix. */
export type LeftOutReason =
  | { readonly kind: 'capability'; readonly capability: Capability; readonly why: string }
  | { readonly kind: 'given'; readonly why: string }

/** Thrown by a case that can't be played with what the suite was given. */
export class LeftOut extends Error {
  override readonly name = 'LeftOut'
  readonly reason: LeftOutReason

  constructor(reason: LeftOutReason) {
    super(reason.why)
    this.reason = reason
  }
}
