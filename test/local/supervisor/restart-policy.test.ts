import { describe, expect, test } from 'vitest'
import {
  CRASH_WINDOW_MS,
  CRASHES_MAX,
  type Crash,
  DELAY_MS_MAX,
  decideRestart,
  STABLE_MS,
} from '../../../local/supervisor/restart-policy.ts'

const START = Date.parse('2026-11-21T00:00:00Z')

/** Crashes so many milliseconds apart, each after the given uptime. */
function crashes(count: number, { apartMs = 1_000, uptimeMs = 10, code = 1 as number | null } = {}): Crash[] {
  return Array.from({ length: count }, (_, n) => ({
    at: new Date(START + n * apartMs),
    uptimeMs,
    code,
    signal: code === null ? 'SIGKILL' : null,
  }))
}

const decide = (all: readonly Crash[]) => decideRestart(all, all.at(-1) ?? { code: 0, signal: null })

describe('a runner that has ended by itself', () => {
  test('with 0 was asked to, and is not started again', () => {
    expect(decide([])).toEqual({ kind: 'end' })
  })

  test.each([2, 3])('with %i can not run with this configuration, and is not started again', (code) => {
    expect(decide(crashes(1, { code }))).toEqual({ kind: 'give-up', reason: 'configuration', crashes: 1 })
  })

  test('by a crash or a kill is started again, each time after twice the delay, up to the longest', () => {
    const delays = Array.from({ length: 9 }, (_, n) => decide(crashes(n + 1, { apartMs: CRASH_WINDOW_MS, code: null })))
    expect(delays.map((decision) => (decision.kind === 'restart' ? decision.delayMs : decision.kind))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ])
  })

  test('after a time that was long enough to call it stable is started again after the shortest delay', () => {
    const last = crashes(1, { uptimeMs: STABLE_MS })
    expect(decide([...crashes(5), ...last])).toEqual({ kind: 'restart', delayMs: 1_000 })
    expect(decide([...crashes(5), ...last, ...crashes(1)])).toEqual({ kind: 'restart', delayMs: 2_000 })
  })

  test('too often within the window is given up, and not when some of it was long ago', () => {
    expect(decide(crashes(CRASHES_MAX - 1)).kind).toBe('restart')
    expect(decide(crashes(CRASHES_MAX))).toEqual({ kind: 'give-up', reason: 'crash-loop', crashes: CRASHES_MAX })
    const apartMs = Math.ceil(CRASH_WINDOW_MS / (CRASHES_MAX - 1))
    expect(decide(crashes(CRASHES_MAX, { apartMs })).kind).toBe('restart')
  })

  test('since its store does not answer is tried for as long as that takes', () => {
    expect(decide(crashes(31, { code: 4 }))).toEqual({ kind: 'restart', delayMs: DELAY_MS_MAX })
  })
})
