import type { Draws } from './chance.ts'
import type { FaultKind, Plan } from './plan.ts'

/** A fault that struck, at one step of the schedule. */
export interface Strike {
  readonly step: number
  readonly kind: FaultKind
}

/** Which of the possible faults strikes, by the plan's weights; null where the plan has switched all of them off. */
export function chooseFault(plan: Plan, possible: readonly FaultKind[], draws: Draws): FaultKind | null {
  return draws.weighted<FaultKind>(Object.fromEntries(possible.map((kind) => [kind, plan.faults[kind] ?? 0])))
}

export const OF_PROCESS: readonly FaultKind[] = [
  'crash-before',
  'crash-after',
  'kill-before',
  'kill-after',
  'freeze',
  'stop',
]
export const OF_CALL: readonly FaultKind[] = [...OF_PROCESS, 'refuse', 'cut', 'stall']
export const OF_SEND: readonly FaultKind[] = [...OF_CALL, 'drop', 'double', 'delay', 'overtake']
