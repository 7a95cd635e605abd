import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../shared/platform/clock.ts'

interface Sleeper {
  readonly dueMs: number
  readonly wake: () => void
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Wakes the sleepers that fall due, in order, and lets each one's work run before the next is woken. */
  advance(ms: number): Promise<void>
  /** How many sleeps have not ended yet. */
  sleepers(): number
}

const SETTLE_TURNS = 5 // turns of the event loop that woken work gets: enough for chains of promises without real input or output

export function manualClock(options: { start?: string; timeZone?: string } = {}): ManualClock {
  let nowMs = Date.parse(options.start ?? '2025-06-27T06:30:52.000Z')
  const waiting = new Set<Sleeper>()
  return {
    timeZone: options.timeZone ?? 'Asia/Shanghai',
    simulated: true,
    now: () => new Date(nowMs),
    sleepers: () => waiting.size,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true || ms <= 0) return resolve()
        const wake = () => {
          waiting.delete(sleeper)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const sleeper: Sleeper = { dueMs: nowMs + ms, wake }
        waiting.add(sleeper)
        signal?.addEventListener('abort', wake)
      }),
    async advance(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (let next = earliest(waiting, untilMs); next !== undefined; next = earliest(waiting, untilMs)) {
        nowMs = Math.max(nowMs, next.dueMs)
        next.wake()
        await settle()
      }
      nowMs = untilMs
    },
  }
}

function earliest(waiting: ReadonlySet<Sleeper>, untilMs: number): Sleeper | undefined {
  let first: Sleeper | undefined
  for (const sleeper of waiting) {
    if (sleeper.dueMs <= untilMs && (first === undefined || sleeper.dueMs < first.dueMs)) first = sleeper
  }
  return first
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await setImmediate()
}
