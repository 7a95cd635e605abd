import type { Clock } from '../../shared/platform/clock.ts'

/** A clock that stands still: under an adjustable one, time passes only when somebody advances it. */
export function standingClock(at: Date, timeZone: string): Clock {
  return {
    timeZone,
    simulated: true,
    now: () => new Date(at),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms <= 0 || signal?.aborted === true) resolve()
        else signal?.addEventListener('abort', () => resolve(), { once: true })
      }),
  }
}
