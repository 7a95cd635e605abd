import type { Clock } from '../../shared/platform/clock.ts'
import type { Faults } from './faults.ts'

/** A clock that goes as another does, but is ahead of it, or behind where `byMs` is negative. */
export function skewedClock(clock: Clock, byMs: number): Clock {
  if (byMs === 0) return clock
  return {
    timeZone: clock.timeZone,
    get simulated() {
      return clock.simulated === true
    },
    now: () => new Date(clock.now().getTime() + byMs),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  }
}

/**
 * The clock of one process, as far off as the faults decide.
 * @param process a number of its own for each process; counted by itself when absent
 */
export function faultyClock(clock: Clock, faults: Faults, process?: number): Clock {
  const { skew = 0 } = process === undefined ? faults.decide('clock.skew') : faults.decideAt('clock.skew', process)
  return skewedClock(clock, skew)
}
