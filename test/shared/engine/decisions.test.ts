import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../../shared/engine/backoff.ts'
import { decideFailure } from '../../../shared/engine/ending.ts'
import { decideRescue } from '../../../shared/engine/rescue.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { ago, execution, NOW } from '../../support/execution-factory.ts'

describe('the sweep', () => {
  const lapsed = { leaseExpiresAt: ago(1) }
  const queued = { status: 'queued', heartbeatAt: null, leaseExpiresAt: null, leaseOwner: null } as const
  test.each([
    ['leaves an execution whose lease lives', execution(), { kind: 'leave' }],
    ['takes over one whose lease has lapsed at once', execution(lapsed), { kind: 'requeue', delayMs: 0 }],
    ['backs off after a second failure', execution({ ...lapsed, attempt: 1 }), { kind: 'requeue', delayMs: 1000 }],
    ['fails one that has used its attempts', execution({ ...lapsed, attempt: 2 }), { kind: 'fail' }],
    [
      'cancels a lapsed one that somebody cancelled',
      execution({ ...lapsed, cancelRequestedAt: ago(9) }),
      { kind: 'cancel' },
    ],
    ['sends again what was promised but never taken', execution({ ...lapsed, heartbeatAt: null }), { kind: 'resend' }],
    ['leaves one that was queued a moment ago', execution({ ...queued, availableAt: ago(29) }), { kind: 'leave' }],
    ['sends again what waited 30 s unclaimed', execution({ ...queued, availableAt: ago(30) }), { kind: 'resend' }],
    [
      'leaves one that waits for room',
      execution({ ...queued, admittedAt: null, availableAt: ago(999) }),
      { kind: 'leave' },
    ],
    ['leaves what has ended', execution({ status: 'completed', leaseExpiresAt: null }), { kind: 'leave' }],
  ] as const)('%s', (_, given, decision) => {
    expect(decideRescue(given, NOW, () => 0.5)).toEqual(decision)
  })
})

describe('a failed attempt', () => {
  const passing = new Problem('source_unreachable', 'no answer')
  const lasting = new Problem('source_refused', 'wrong password')
  test('is tried again later while attempts remain', () => {
    const ending = decideFailure(execution(), passing, NOW, () => 0.5)
    expect(ending).toEqual({ kind: 'retry', problem: passing, availableAt: new Date(NOW.getTime() + 500) })
  })
  test('waits as long as the problem says', () => {
    const problem = new Problem('llm_failed', 'busy', { retryAfter: 7 })
    expect(decideFailure(execution(), problem, NOW, () => 0.5)).toMatchObject({
      availableAt: new Date(NOW.getTime() + 7000),
    })
  })
  test('fails for good when the problem would not pass', () => {
    expect(decideFailure(execution(), lasting, NOW, () => 0.5)).toEqual({ kind: 'failed', problem: lasting })
  })
  test('fails for good as the third one', () => {
    expect(decideFailure(execution({ attempt: 2 }), passing, NOW, () => 0.5)).toEqual({
      kind: 'failed',
      problem: passing,
    })
  })
})

test.each([
  [1, 0.999, 999],
  [3, 0.5, 2000],
  [20, 0.999, 59_940],
  [5, 0, 0],
])('after failure %d chance %d waits %d ms', (attempt, chance, ms) => {
  expect(backoffMs(attempt, () => chance)).toBe(ms)
})
