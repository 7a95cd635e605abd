import type { Clock } from '../../shared/platform/clock.ts'

const TIMER_MS_MAX = 2_147_483_647 // what setTimeout can hold; a longer sleep takes several

/** The time of this machine. @param timeZone IANA name; the process's own zone when absent */
export function systemClock(timeZone?: string): Clock {
  return {
    timeZone: timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    now: () => new Date(),
    async sleep(ms, signal) {
      // Also a sleep of nothing lets the event loop turn: long computations make room for others that way.
      for (let left = ms; left >= 0 && signal?.aborted !== true; left -= TIMER_MS_MAX) {
        await timer(Math.min(left, TIMER_MS_MAX), signal)
      }
    },
  }
}

/** A clock for durations, which never turns back. Milliseconds since some moment. */
export function steadyMs(): number {
  return performance.now()
}

function timer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(handle)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const handle = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
}
