import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planOf } from './plan.ts'
import { planFrom, playSeed } from './play.ts'
import { shrink } from './shrink.ts'
import { openTheatre, type Theatre } from './stage.ts'
import { playSystematically } from './systematic.ts'

const SEEDS = 40
const RUN = fileURLToPath(new URL('./run.ts', import.meta.url))
const MINUTES = 60_000

let theatre: Theatre

beforeAll(async () => {
  theatre = await openTheatre()
})
afterAll(async () => await theatre.close())

async function inAnotherProcess(seed: number): Promise<{ hash: string }> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    RUN,
    '--seed',
    `${seed}`,
    '--json',
  ])
  return JSON.parse(stdout) as { hash: string }
}

describe('the simulator', () => {
  test(`finds nothing wrong in ${SEEDS} worlds, in which everything happens that may`, {
    timeout: 10 * MINUTES,
  }, async () => {
    const counts: Record<string, number> = {}
    const violations: unknown[] = []
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await playSeed(theatre, seed)
      if (outcome.violation !== null) violations.push({ seed, ...outcome.violation })
      for (const [what, times] of Object.entries(outcome.counts)) counts[what] = (counts[what] ?? 0) + times
    }
    expect(violations).toEqual([])
    const rare = [
      'kills',
      'crashes',
      'takeovers',
      'hand-offs',
      'fault cut',
      'fault freeze',
      'message duplicated',
      'running to cancelled',
      'request flow',
    ]
    expect(rare.filter((what) => (counts[what] ?? 0) === 0)).toEqual([])
  })

  test('plays a seed bit for bit again, also after others and in another process', {
    timeout: 2 * MINUTES,
  }, async () => {
    const faulty = [3, 11, 25].map((seed) => ({ seed, rate: planOf(seed).faultRate }))
    expect(Math.max(...faulty.map(({ rate }) => rate))).toBeGreaterThan(0)
    for (const { seed } of faulty) {
      const first = await playSeed(theatre, seed)
      await playSeed(theatre, seed + 1)
      expect((await playSeed(theatre, seed)).hash).toBe(first.hash)
      expect((await inAnotherProcess(seed)).hash).toBe(first.hash)
    }
  })

  test('tells seeds apart by their traces', { timeout: MINUTES }, async () => {
    const [one, other] = [await playSeed(theatre, 1), await playSeed(theatre, 2)]
    expect(one.hash).not.toBe(other.hash)
  })

  test('survives a crash before and after each await of a port of a task of four steps, and of a run of a workflow', {
    timeout: 5 * MINUTES,
  }, async () => {
    const { points, failures } = await playSystematically(theatre)
    expect(failures).toEqual([])
    expect(points).toBeGreaterThan(100)
  })
})

test('a failing seed is shrunk to the faults and the size that it takes', async () => {
  const needed = [40, 170]
  let played = 0
  const small = await shrink(
    '2-fenced',
    { ...planFrom(7), faults: Array.from({ length: 30 }, (_, index) => index * 10) },
    async ({ faults, tasks = 0 }) => {
      played += 1
      const broken = needed.every((step) => faults?.includes(step)) && tasks >= 2
      const violation = broken ? { invariant: '2-fenced', message: '' } : null
      return { seed: 7, hash: '', steps: 0, struck: [], violation, counts: {}, trace: null }
    },
  )
  expect(small).toEqual({ faults: needed, runners: 1, tasks: 2, requests: 1 })
  expect(played).toBeLessThan(100)
})
