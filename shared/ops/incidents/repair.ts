import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import type { FaultTarget, Text } from './fault.ts'

/** The right to change something for an incident, as long as no other worker has taken the repair over. */
export interface RepairGuard {
  readonly incidentId: number
  readonly claim: number
  /**
   * Called in the transaction of each change (on the store itself where the change is not in the store): holds the
   * incident's row until that ends, and writes what was before and after to the audit log.
   * @throws {Problem} `lease_lost` when the repair belongs to another worker by now: nothing may be changed then
   */
  hold(tx: Queryable, change?: { readonly before: unknown; readonly after: unknown }): Promise<void>
}

export interface RepairOutcome {
  /** False where the facts no longer held, so that nothing was touched. */
  readonly changed: boolean
  readonly summary: Text
}

/** `unknown` is not `fixed`: it is asked again, and at last a person is. */
export type Verdict = 'fixed' | 'not_fixed' | 'unknown'

/**
 * A way to put something right: one file in `shared/ops/repairs/`, a line in its `all.ts`. May be interrupted anywhere
 * and run again; touches nothing beyond its target: every statement carries the facts it relies on in its `where`.
 */
export interface Repair {
  /** Kebab-case: `resend-message`. */
  readonly name: string
  /** A throw counts as a failed try. */
  run(platform: Platform, target: FaultTarget, guard: RepairGuard): Promise<RepairOutcome>
  /** Asks whether all is well by another question than the detection does. A throw counts as `unknown`. */
  verify(platform: Platform, target: FaultTarget): Promise<Verdict>
}
