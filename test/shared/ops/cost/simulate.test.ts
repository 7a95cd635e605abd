import { describe, expect, test } from 'vitest'
import { scenarioOf } from '../../../../shared/ops/cost/scenario.ts'
import { type Scenario, simulate } from '../../../../shared/ops/cost/simulate.ts'
import { limitUses } from '../../../../shared/ops/cost/usage-limits.ts'
import { usageOfTask } from '../../../../shared/ops/cost/workload.ts'
import { workload } from '../../../support/workload-factory.ts'

/** One queue before some servers, whose theory is known. */
const queue = (changes: Partial<Scenario> = {}): Scenario => ({
  tasksPerMinute: 60,
  minutes: 60,
  stations: [{ name: 'server', servers: 1 }],
  stages: [{ kind: 'use', station: 'server', meanMs: 500 }],
  llmRequestsPerMinute: null,
  seed: 1,
  ...changes,
})

const serverOf = (scenario: Scenario) => simulate(scenario).stations[0]

describe('a simulation', () => {
  test('gives the same answer for the same seed, and another one for another seed', () => {
    expect(simulate(queue())).toEqual(simulate(queue()))
    expect(simulate(queue({ seed: 2 }))).not.toEqual(simulate(queue()))
  })

  test.each([
    ['with room', 60],
    ['beyond its capacity', 300],
  ])('ends every task that arrives, %s', (_, tasksPerMinute) => {
    const { arrived, ended } = simulate(queue({ tasksPerMinute, minutes: 20 }))
    expect(arrived).toBeGreaterThan(tasksPerMinute * 15)
    expect(ended).toBe(arrived)
  })

  test("obeys Little's law: tasks in the system are arrivals times time in the system", () => {
    const { arrived, horizonMs, meanInSystem, taskMs } = simulate(queue())
    expect(meanInSystem).toBeCloseTo((arrived / horizonMs) * taskMs.mean, 6)
  })

  test('waits at one server as long as theory says for chance arrivals and chance service', () => {
    // Arrivals 1/s, service 0.5 s on average: half busy, and 0.5 s of waiting.
    const found = serverOf(queue({ minutes: 600 }))
    expect(found?.utilisation).toBeCloseTo(0.5, 1)
    expect((found?.meanWaitMs ?? 0) / 500).toBeGreaterThan(0.9)
    expect((found?.meanWaitMs ?? 0) / 500).toBeLessThan(1.1)
  })

  test('waits longer, never shorter, under more load', () => {
    const waits = [30, 60, 90, 110, 150].map((tasksPerMinute) => serverOf(queue({ tasksPerMinute }))?.meanWaitMs ?? 0)
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  })

  test('lets no more tasks through than the server can take', () => {
    expect(simulate(queue({ tasksPerMinute: 600 })).tasksPerMinute).toBeLessThan(125)
    expect(
      simulate(queue({ tasksPerMinute: 600, stations: [{ name: 'server', servers: 4 }] })).tasksPerMinute,
    ).toBeGreaterThan(440)
  })

  test('holds a server from its taking to its release, whatever is done in between', () => {
    const stages: Scenario['stages'] = [
      { kind: 'hold', station: 'server' },
      { kind: 'work', meanMs: 500 },
      { kind: 'release', station: 'server' },
    ]
    expect(serverOf(queue({ stages, minutes: 600 }))?.utilisation).toBeCloseTo(0.5, 1)
  })

  test('tries a refused call to the model again until it is let through', () => {
    const stages: Scenario['stages'] = [{ kind: 'llm', meanMs: 100 }]
    const { arrived, ended, llmRefusals, tasksPerMinute } = simulate(
      queue({ stages, minutes: 20, llmRequestsPerMinute: 30 }),
    )
    expect(ended).toBe(arrived)
    expect(llmRefusals).toBeGreaterThan(0)
    expect(tasksPerMinute).toBeLessThan(31)
  })
})

test('the simulation of a workload uses each limit as the paper says, while it has room', () => {
  const given = workload({ tasksPerMinute: 100 })
  const { stations } = simulate(scenarioOf(given, 'cloudflare', 60, 1))
  const paper = limitUses(given, usageOfTask(given, 'cloudflare'), 'cloudflare')
  for (const name of ['store_cpu', 'schedule_lock', 'queue_consumers']) {
    const simulated = stations.find((station) => station.name === name)?.utilisation ?? 0
    const expected = paper.find((use) => use.name === name)?.utilisation ?? 0
    expect(simulated / expected, name).toBeGreaterThan(0.9)
    expect(simulated / expected, name).toBeLessThan(1.1)
  }
})
