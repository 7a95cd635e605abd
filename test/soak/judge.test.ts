import { expect, test } from 'vitest'
import type { Calm } from './calm.ts'
import { judge, type SoakRecord } from './judge.ts'

const CALM: Calm = { left: [], false: [], dirty: [], failures: [], alertsFiring: [] }

const MB = 2 ** 20

function samplesOf(figures: (minute: number) => Readonly<Record<string, number>>) {
  return Array.from({ length: 30 }, (_, minute) => ({ at: minute * 60, figures: figures(minute) }))
}

function run(changes: Partial<SoakRecord> = {}): SoakRecord {
  return {
    seconds: 1_800,
    daysLeapt: 0,
    store: 'server',
    end: null,
    samples: samplesOf((minute) => ({ heap: 100 * MB, rss: 300 * MB, 'rows data_pipeline_tasks': 30 + (minute % 3) })),
    healthMs: [2, 3, 4],
    traffic: { tasks: 100 },
    answers: 1_000,
    failures: {},
    errors: [],
    told: {},
    faults: { drop: 3 },
    incidents: [{ fault: 'lost_message', rule: 'no-message', status: 'verified', count: 3, changed: 3 }],
    deliveries: [1],
    calm: CALM,
    ...changes,
  }
}

test('a run that stays flat and comes to rest has nothing against it', () => {
  expect(judge(run())).toEqual([])
})

test('memory and tables of tasks that grow are named with how much', () => {
  const samples = samplesOf((minute) => ({ heap: (100 + 2 * minute) * MB, 'rows task_events': 500 * minute }))
  expect(judge(run({ samples }))).toEqual([
    expect.stringMatching(/^growth: heap grew by 38\.\d MB/),
    expect.stringMatching(/^growth: rows task_events grew by 9\d{3}/),
  ])
})

test('memory that does nothing but rise is named long before it has grown as much as noise may', () => {
  const heap = (of: (minute: number) => number) => samplesOf((minute) => ({ heap: (100 + of(minute)) * MB }))
  expect(judge(run({ samples: heap((minute) => 0.2 * minute) }))).toEqual([
    expect.stringMatching(/^growth: heap grew by 3\.\d MB/),
  ])
  expect(judge(run({ samples: heap((minute) => 4 * (minute % 2)) }))).toEqual([])
})

test('a table that is mostly dead rows is bloated, though its living ones stay as many', () => {
  const dead = (rows: number) => samplesOf(() => ({ 'rows leases': 4, 'dead leases': rows }))
  expect(judge(run({ samples: dead(5_000) }))).toEqual(['bloat: 5000 rows of leases are dead beside 4'])
  expect(judge(run({ samples: dead(900) }))).toEqual([])
})

test('records that are emptied by age alone may grow unless the clock has leapt past that age', () => {
  const samples = samplesOf((minute) => ({ 'rows metric_samples': 500 * minute }))
  expect(judge(run({ samples }))).toEqual([])
  expect(judge(run({ samples, daysLeapt: 30 }))).toEqual([expect.stringContaining('rows metric_samples')])
})

test('an incident that nothing of the weather can cause is a false one', () => {
  const incidents = [{ fault: 'clock_skew', rule: 'apart', status: 'verified', count: 1, changed: 0 }]
  expect(judge(run({ incidents }))).toEqual([expect.stringMatching(/^false: 1 × clock_skew/)])
})

test('what the calm leaves is told one by one', () => {
  const calm = { ...CALM, left: ['task a'], false: ['incident b'], dirty: ['B c'], failures: ['GET d'] }
  expect(judge(run({ calm })).map((text) => text.split(':')[0])).toEqual(['left', 'false', 'dirty', 'answer'])
})

test('a dead runner, slow health, an error of its own and an answer of 500 are told', () => {
  const errors = [{ event: 'cron.failed', text: 'cron.failed: x', count: 2, first: {} }]
  const failures = { 'GET /metrics 500 internal': 1, 'GET /metrics 503 store_unavailable': 9 }
  const told = judge(run({ end: 'SIGSEGV', healthMs: [2_000], errors, failures, calm: null }))
  expect(told.map((text) => text.split(':')[0])).toEqual(['end', 'health', 'log', 'answer'])
})

test('slow health on a machine that was busy with others says so', () => {
  const busy = (waited: number) => samplesOf((minute) => ({ computed_ms: minute * 1_000, waited_ms: minute * waited }))
  const told = (waited: number) => judge(run({ healthMs: [2_000], samples: busy(waited) }))
  expect(told(3_000)).toEqual(['health: p99 is 2000 ms; it waited for a processor 75 % of the time it was ready'])
  expect(told(100)).toEqual(['health: p99 is 2000 ms'])
})
