import { describe, expect, test } from 'vitest'
import { type Estimate, estimate } from '../../../../shared/ops/cost/estimate.ts'
import { COEFFICIENTS, type Coefficients, MEASURED } from '../../../../shared/ops/cost/measured.ts'
import { PRICES, priceOf } from '../../../../shared/ops/cost/prices.ts'
import { PLATFORMS } from '../../../../shared/ops/cost/workload.ts'
import { workload } from '../../../support/workload-factory.ts'

const limitOf = ({ limits }: Estimate, name: string) => limits.find((use) => use.name === name)
const lineOf = ({ lines }: Estimate, name: string) => lines.find((line) => line.name === name)

describe('a price', () => {
  test('leaves out what a month includes', () => {
    expect(priceOf('workersRequests', 9_000_000)).toBe(0)
    expect(priceOf('workersRequests', 12_000_000)).toBeCloseTo(0.6)
    expect(priceOf('s3Writes', 2_000)).toBeCloseTo(0.01)
  })

  test('says where and when it was read', () => {
    for (const price of Object.values(PRICES)) {
      expect(price.source).not.toBe('')
      expect(price.read).toMatch(/^20\d\d-\d\d$/)
    }
  })
})

describe.each(PLATFORMS)('an estimate for %s', (platform) => {
  test('adds up its lines', () => {
    const { lines, dollarsPerMonth } = estimate(workload(), platform)
    expect(lines.reduce((sum, { dollars }) => sum + dollars, 0)).toBeCloseTo(dollarsPerMonth)
    expect(lines.every(({ dollars, amount }) => dollars >= 0 && Number.isFinite(amount))).toBe(true)
  })

  test('never costs less, and never leaves more room, at a higher rate', () => {
    const found = [1, 10, 100, 1_000, 10_000].map((tasksPerMinute) => estimate(workload({ tasksPerMinute }), platform))
    const costs = found.map(({ dollarsPerMonth }) => dollarsPerMonth)
    expect(costs).toEqual(costs.toSorted((a, b) => a - b))
    const used = found.map(({ binding }) => binding?.utilisation ?? 0)
    expect(used).toEqual(used.toSorted((a, b) => a - b))
  })

  test('names the rate at which its first limit is met, which uses that limit up', () => {
    const { binding } = estimate(workload(), platform)
    const tasksPerMinute = binding?.tasksPerMinuteMax ?? 0
    expect(tasksPerMinute).toBeGreaterThan(0)
    expect(limitOf(estimate(workload({ tasksPerMinute }), platform), binding?.name ?? '')?.utilisation).toBeCloseTo(1)
  })

  test('lists the fullest limit first', () => {
    const shares = estimate(workload(), platform).limits.map(({ utilisation }) => utilisation)
    expect(shares).toEqual(shares.toSorted((a, b) => b - a))
  })
})

test("tasks under way follow Little's law", () => {
  expect(estimate(workload({ tasksPerMinute: 120, taskSeconds: 30 }), 'aws').runningTasks).toBe(60)
})

test('a longer task sends more heartbeats, also when it has nothing more to say', () => {
  const writes = [2_000, 3_000].map((taskSeconds) => estimate(workload({ taskSeconds }), 'aws').task.storeWrites)
  const [short = 0, long = 0] = writes
  expect((long - short) / 200).toBeCloseTo(1, 1) // one each five seconds
})

test('items that end close to each other share a report, and those that take long get one each', () => {
  const { storeWrites: fixed, items } = COEFFICIENTS
  const of = ([perTask, perTable, perPair]: Coefficients) => perTask + perTable * 40 + perPair * 200
  const reports = (taskSeconds: number) =>
    estimate(workload({ taskSeconds }), 'aws').task.storeWrites - of(fixed) - taskSeconds / 5
  expect(reports(1)).toBeLessThan(of(items) / 4)
  expect(reports(3_600) / of(items)).toBeCloseTo(MEASURED.reportShare, 2)
})

test('a message is three operations of Queues', () => {
  expect(lineOf(estimate(workload({ tasksPerMinute: 1 }), 'cloudflare'), 'queuesOperations')?.amount).toBe(3 * 43_200)
})

test("a store far away makes a task longer, and lets in as many: no round trip is under the schedule's lock", () => {
  const [near, far] = [1, 20].map((roundTripMs) => estimate(workload({ roundTripMs }), 'aws'))
  if (near === undefined || far === undefined) throw new Error('Two estimates were asked for')
  expect(far.task.seconds).toBeGreaterThan(near.task.seconds * 2)
  expect(limitOf(far, 'schedule_lock')?.tasksPerMinuteMax).toBe(limitOf(near, 'schedule_lock')?.tasksPerMinuteMax)
})

test('a store is full when its cores are, and is planned with room beside the engine', () => {
  const full = limitOf(estimate(workload(), 'aws'), 'store_cpu')?.tasksPerMinuteMax ?? 0
  const busy = (full / 60) * (estimate(workload(), 'aws').task.storeCpuMs / 1_000)
  expect(busy).toBeCloseTo(MEASURED.cores)
  expect(estimate(workload({ tasksPerMinute: full }), 'aws').storeCores).toBe(MEASURED.cores * 2)
})

test("the model's rate is a limit where it is given", () => {
  const llm = {
    requestsPerTask: 100,
    tokensPerRequest: 2_000,
    secondsPerRequest: 5,
    requestsPerMinuteMax: 500,
    tokensPerMinuteMax: 5e6,
  }
  const found = estimate(workload({ tasksPerMinute: 1, llm }), 'cloudflare')
  expect(limitOf(found, 'llm_requests')).toMatchObject({ utilisation: 0.2, tasksPerMinuteMax: 5 })
  expect(limitOf(found, 'llm_tokens')).toMatchObject({ used: 200_000, tasksPerMinuteMax: 25 })
  expect(found.binding?.name).toBe('llm_requests')
  expect(limitOf(estimate(workload(), 'cloudflare'), 'llm_requests')).toBeUndefined()
})
