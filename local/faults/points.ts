import type { FaultSettings } from '../../shared/platform/fault-settings.ts'
import { seededRandom, seedOf } from '../../shared/platform/random.ts'

/** Where something can go wrong, with what can: of each group at most one strikes. */
export const FAULT_POINTS = {
  'queue.send': [['drop'], ['duplicate'], ['delay'], ['reorder']],
  /** Nothing by seed: what happens to a message on its way was decided when it was sent. A list may name it. */
  'queue.delivery': [],
  'cron.tick': [['drop', 'duplicate']],
  'store.query': [['cut-before', 'cut-after']],
  'store.transaction': [['cut-before', 'cut-inside', 'cut-after']],
  'store.together': [['cut-before', 'cut-after']],
  'files.put': [['fail', 'torn']],
  'files.append': [['fail', 'torn']],
  'files.delete': [['fail']],
  'clock.skew': [['skew']],
  invocation: [['crash-before', 'crash-after']],
} as const satisfies Record<string, readonly (readonly FaultName[])[]>

export type FaultPoint = keyof typeof FAULT_POINTS

/**
 * What goes wrong. `cut-…` is the store's connection (before the statement, inside the transaction, after commit but
 * before the answer), `fail` and `torn` a write of a file, `crash-…` an invocation before or after what it awaits.
 */
export type FaultName =
  | 'drop'
  | 'duplicate'
  | 'delay'
  | 'reorder'
  | 'cut-before'
  | 'cut-inside'
  | 'cut-after'
  | 'fail'
  | 'torn'
  | 'skew'
  | 'crash-before'
  | 'crash-after'

/**
 * The faults of one decision, each with its value: milliseconds of a `delay` or `skew`, at which statement of the
 * transaction for `cut-inside`, at which await of the invocation for `crash-…` (from 1), 0 for the others.
 */
export type Chosen = Partial<Record<FaultName, number>>

const STATEMENTS_USUAL = 4 // a transaction with fewer is cut at its commit
const AWAITS_LOG2 = 7 // one to 128 awaits; as many die in the first ones as in the long stretch after them

/** Decides from the seed, the point and the decision's number alone: what else was decided does not disturb it. */
export function chooseFaults(settings: FaultSettings, point: FaultPoint, number: number): Chosen {
  const chosen: Chosen = {}
  for (const group of FAULT_POINTS[point] as readonly (readonly FaultName[])[]) {
    const [first] = group
    if (first === undefined) continue
    const draw = (what: string) => seededRandom(seedOf(`${settings.seed} ${point} ${number} ${first} ${what}`))()
    if (draw('strikes') >= rateOf(settings, first)) continue
    const fault = group[Math.floor(draw('which') * group.length)] ?? first
    const value = amountOf(settings, fault, draw('value'))
    if (value !== null) chosen[fault] = value
  }
  return chosen
}

function rateOf(settings: FaultSettings, fault: FaultName): number {
  if (fault === 'delay') return settings.delay.maxMs > 0 ? 1 : 0
  if (fault === 'skew') return settings.skewMs > 0 ? 1 : 0
  if (fault === 'drop' || fault === 'duplicate' || fault === 'reorder') return settings[fault]
  if (fault.startsWith('crash')) return settings.crash
  return fault.startsWith('cut') ? settings.store : settings.files
}

/** Null where the amount comes out as nothing. */
function amountOf({ delay, skewMs }: FaultSettings, fault: FaultName, drawn: number): number | null {
  if (fault === 'delay') return Math.round(delay.minMs + drawn * (delay.maxMs - delay.minMs)) || null
  if (fault === 'skew') return Math.round((2 * drawn - 1) * skewMs) || null
  if (fault === 'cut-inside') return 1 + Math.floor(drawn * STATEMENTS_USUAL)
  return fault.startsWith('crash') ? Math.floor(2 ** (drawn * AWAITS_LOG2)) : 0
}
