/** How a process ended. */
export interface ProcessExit {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
}

/** A crash, and what came before it. */
export interface Crash extends ProcessExit {
  readonly at: Date
  /** How long the process had run. */
  readonly uptimeMs: number
}

export type RestartDecision =
  /** It ended of its own will, as asked: nothing is wrong. */
  | { readonly kind: 'end' }
  | { readonly kind: 'restart'; readonly delayMs: number }
  | { readonly kind: 'give-up'; readonly reason: 'configuration' | 'crash-loop'; readonly crashes: number }

export const DELAY_MS_MIN = 1_000
export const DELAY_MS_MAX = 60_000
export const STABLE_MS = 60_000 // a runner that lasted so long was well: the next delay is the shortest again
export const CRASHES_MAX = 8 // one after the other they take about three minutes, long enough for a neighbour to come back
export const CRASH_WINDOW_MS = 10 * 60_000

const CONFIGURATION_CODES = [2, 3] // usage, configuration: the same again would end the same
/** With which a runner asks to be started again: that is no crash, and nothing is to be waited for. */
export const RESTART_CODE = 75
const UNREACHABLE_CODE = 4 // a store that is down for an hour is no reason to stay down after it

/** What to do about a process that has ended by itself. @param crashes all so far, oldest first, this one last */
export function decideRestart(crashes: readonly Crash[], exit: ProcessExit): RestartDecision {
  if (exit.code === 0) return { kind: 'end' }
  if (exit.code !== null && CONFIGURATION_CODES.includes(exit.code)) {
    return { kind: 'give-up', reason: 'configuration', crashes: 1 }
  }
  if (exit.code === RESTART_CODE) return { kind: 'restart', delayMs: 0 }
  const last = crashes.at(-1)
  const recent = crashes.filter(
    ({ at, code }) =>
      code !== UNREACHABLE_CODE &&
      code !== RESTART_CODE &&
      last !== undefined &&
      last.at.getTime() - at.getTime() < CRASH_WINDOW_MS,
  )
  if (recent.length >= CRASHES_MAX) return { kind: 'give-up', reason: 'crash-loop', crashes: recent.length }
  return { kind: 'restart', delayMs: Math.min(DELAY_MS_MAX, DELAY_MS_MIN * 2 ** (inARow(crashes) - 1)) }
}

/** Crashes since the process last lasted long enough to be called stable; 1 at least. */
function inARow(crashes: readonly Crash[]): number {
  const stable = crashes.findLastIndex(({ uptimeMs }) => uptimeMs >= STABLE_MS)
  return Math.max(1, stable === -1 ? crashes.length : crashes.length - stable)
}
