import { beforeEach, describe, expect, test } from 'vitest'
import { budgetedPlatform } from '../../../../shared/ops/errors/budgeted-platform.ts'
import { ErrorBudgets } from '../../../../shared/ops/errors/error-budgets.ts'
import { clockSkew } from '../../../../shared/ops/faults/clock-skew.ts'
import { deadLetterPile } from '../../../../shared/ops/faults/dead-letter-pile.ts'
import { degradedComponent } from '../../../../shared/ops/faults/degraded-component.ts'
import { fullDisk } from '../../../../shared/ops/faults/full-disk.ts'
import { llmUnreachable } from '../../../../shared/ops/faults/llm-unreachable.ts'
import { sandboxFailureRate } from '../../../../shared/ops/faults/sandbox-failure-rate.ts'
import { sourceUnreachable } from '../../../../shared/ops/faults/source-unreachable.ts'
import { repairOwn } from '../../../../shared/ops/incidents/check-incidents.ts'
import type { FaultClass } from '../../../../shared/ops/incidents/fault.ts'
import { sampleMachine } from '../../../../shared/ops/metrics/machine-samples.ts'
import { REPAIRS } from '../../../../shared/ops/repairs/all.ts'
import type { DeadLetter } from '../../../../shared/platform/dead-letters.ts'
import { unseenMachine } from '../../../../shared/platform/machine.ts'
import type { Platform } from '../../../../shared/platform/platform.ts'
import { Problem } from '../../../../shared/platform/problems.ts'
import type { Source } from '../../../../shared/platform/source.ts'
import { engineKit, newRun, stepsWith } from '../../../support/engine-kit.ts'
import { awayLlm, type Checked, incidentsIn, round } from '../../../support/incident-kit.ts'
import { sourcesOf, type TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
let platform: TestPlatform
beforeEach(async () => {
  platform = await kit.open({ functions: stepsWith() })
})

const incidents = () => incidentsIn(kit.store)

/** Three checks a minute apart, on the platform with its error budgets. */
async function checks(fault: FaultClass, changes: Partial<Platform>, times = 1): Promise<Checked> {
  const whole = { ...budgetedPlatform({ ...platform, ...changes }, new ErrorBudgets()), sent: platform.sent }
  for (let time = 0; time < times; time++) {
    await round(whole, REPAIRS, [fault])
    await platform.clock.advance(61_000)
  }
  return whole
}

describe('source_unreachable', () => {
  const answering = { readOnly: async () => ({ rows: [], rowCount: 0 }), [Symbol.asyncDispose]: async () => undefined }
  const open = async () => answering as unknown as Source

  test('a source that does not answer is told to a person, and over once it answers', async () => {
    const silent = async () => {
      throw new Problem('source_unreachable', 'The source "bad" does not answer')
    }
    const sources = (bad: typeof silent | typeof open) =>
      sourcesOf([
        { name: 'good', open },
        { name: 'bad', open: bad },
      ])
    await checks(sourceUnreachable, { sources: sources(silent) }, 5)
    expect(await incidents()).toMatchObject([
      { fault: 'source_unreachable', target: 'bad', status: 'escalated', rule: 'source-silent', severity: 'P1' },
    ])
    await checks(sourceUnreachable, { sources: sources(open) }, 2)
    expect(await incidents()).toMatchObject([{ target: 'bad', status: 'verified' }])
  })

  test('a detector that meets a fault of its own says so', async () => {
    const broken = async () => {
      throw new Error('out of cheese')
    }
    await checks(sourceUnreachable, { sources: sourcesOf([{ name: 'odd', open: broken }]) })
    expect(await incidents()).toMatchObject([{ fault: 'detector_failed', target: 'source_unreachable' }])
  })
})

test('a model that has failed three times in a row is asked again, and called once it answers', async () => {
  const llm = awayLlm()
  const whole = budgetedPlatform({ ...platform, llm }, new ErrorBudgets())
  for (let times = 0; times < 3; times++) await whole.llm?.complete({} as never).catch(() => undefined)
  await checks(llmUnreachable, { llm }, 2)
  expect(await incidents()).toMatchObject([{ fault: 'llm_unreachable', target: 'llm', status: 'escalated' }])
  llm.fails = false
  await checks(llmUnreachable, { llm }, 2)
  expect(await incidents()).toMatchObject([{ status: 'verified' }])
  const { rows } = await kit.store.query('select state, consecutive_failures from error_budgets')
  expect(rows).toEqual([{ state: 'closed', consecutive_failures: 0 }])
})

test.each(['files', 'queue', 'sandbox'])(
  'the component %s is called again once it does its work',
  async (operation) => {
    await kit.store.query(
      `insert into error_budgets (operation, consecutive_failures, state, last_error_code, probe_at, updated_at, failing_since)
     values ($1, 4, 'degraded', 'internal', $2::timestamptz + interval '50 seconds', $2, $2)`,
      [operation, platform.clock.now()],
    )
    await checks(degradedComponent, {})
    await platform.settled()
    expect(await incidents()).toMatchObject([{ target: operation, status: 'verified', outcome: { changed: true } }])
  },
)

describe('full_disk', () => {
  const machineWith = (free: () => number) => ({
    read: async () => ({ ...(await unseenMachine().read()), disk: { freeBytes: free(), totalBytes: 1_000 } }),
  })

  test('a disk that is nearly full has what is old deleted at once, and is well when there is room', async () => {
    let free = 20
    const machine = machineWith(() => free)
    const { files } = platform
    const deleting = {
      ...files,
      delete: async (keys: readonly string[]) => {
        await files.delete(keys)
        free = 500
      },
    }
    await checks(fullDisk, { machine, files: deleting })
    expect(await incidents()).toMatchObject([
      { fault: 'full_disk', severity: 'P0', status: 'verified', repair: 'free-disk' },
    ])
  })

  test('a disk of another process is seen by whoever leads, and freed by that process', async () => {
    let free = 20
    const other = { ...(await kit.open({ workerId: 'other:1' })), machine: machineWith(() => free) }
    await sampleMachine(other)
    await checks(fullDisk, { machine: machineWith(() => 900) })
    expect(await incidents()).toMatchObject([{ fault: 'full_disk', status: 'diagnosed', facts: { instance: 'other' } }])
    free = 500
    expect(await repairOwn(other)).toBe(1)
    expect(await incidents()).toMatchObject([{ status: 'verified' }])
  })

  test('a disk is seen and freed at once by the process that has it, though another one leads', async () => {
    let free = 20
    const files = {
      ...platform.files,
      delete: async (keys: readonly string[]) => {
        await platform.files.delete(keys)
        free = 500
      },
    }
    const other = { ...(await kit.open({ workerId: 'other:1' })), machine: machineWith(() => free), files }
    expect(await repairOwn(other)).toBe(1)
    expect(await incidents()).toMatchObject([{ fault: 'full_disk', status: 'verified', facts: { instance: 'other' } }])
    expect(await repairOwn({ ...platform, machine: machineWith(() => 900) })).toBe(0)
  })

  test('a disk that stays full is escalated as P0', async () => {
    await checks(fullDisk, { machine: machineWith(() => 20) }, 3)
    expect(await incidents()).toMatchObject([{ status: 'escalated', attempts: 2 }])
    const { rows } = await kit.store.query('select rule, severity from alerts')
    expect(rows).toEqual([{ rule: 'incident_full_disk', severity: 'P0' }])
  })
})

test('a dead message whose work still waits is sent again, and others stay dead', async () => {
  await newRun(platform)
  const message = platform.sent.splice(0)[0] ?? { function: '', body: { execution_id: '', claim: 0 } }
  const letter = (id: string, execution_id: string): DeadLetter => {
    const body = { execution_id, claim: message.body.claim }
    return {
      id,
      message: { function: 'x', body },
      reason: 'HTTP 400',
      attempt: 1,
      deliveries: 1,
      diedAt: platform.clock.now(),
    }
  }
  const letters = new Map([letter('one', message.body.execution_id), letter('two', 'gone')].map((one) => [one.id, one]))
  await checks(deadLetterPile, {
    deadLetters: { list: async () => [...letters.values()], redrive: async (id) => letters.delete(id) },
  })
  expect([...letters.keys()]).toEqual(['two'])
  expect(await incidents()).toMatchObject([
    { fault: 'dead_letter_pile', status: 'verified', facts: { letters: ['one'], of: 2 } },
  ])
})

test('a sandbox most of whose runs fail by the same node is told to a person, with the name of the node', async () => {
  await kit.store.query(
    `insert into sandbox_runs (node_name, origin, success, exit_code, error_code, duration_ms, created_at)
     select case when n <= 4 then 'bad' else 'good' end, 'workflow', n > 4, 0, case when n <= 4 then 'sandbox_error' end, 1, $1
       from generate_series(1, 10) n`,
    [platform.clock.now()],
  )
  await checks(sandboxFailureRate, {})
  expect(await incidents()).toMatchObject([
    { rule: 'node-fails', facts: { node: 'bad', failed: 4, runs: 10 }, repair: null },
  ])
  await platform.clock.advance(16 * 60_000)
  await checks(sandboxFailureRate, {}, 2)
  expect(await incidents()).toMatchObject([{ status: 'verified' }])
})

test('a sandbox that crashed and works again is one incident: what failed before it was verified is not found once more', async () => {
  const crash = (count: number) =>
    kit.store.query(
      `insert into sandbox_runs (node_name, origin, success, exit_code, error_code, duration_ms, created_at)
       select 'any', 'workflow', false, 1, 'sandbox_crashed', 1, $1 from generate_series(1, $2::integer)`,
      [platform.clock.now(), count],
    )
  await crash(10)
  await platform.clock.advance(1_000)
  await checks(sandboxFailureRate, {})
  await platform.clock.advance(60_000)
  await checks(sandboxFailureRate, {})
  expect(await incidents()).toMatchObject([{ rule: 'engine-fails', status: 'verified', verdict: 'fixed' }])
  await crash(5)
  await platform.clock.advance(1_000)
  await checks(sandboxFailureRate, {})
  expect(await incidents()).toHaveLength(2)
})

describe('clock_skew', () => {
  test('a clock that is far from the server’s is told to a person', async () => {
    const real = { ...platform.clock, simulated: false }
    await checks(clockSkew, { clock: real })
    expect(await incidents()).toMatchObject([
      { fault: 'clock_skew', rule: 'clock-behind', status: 'escalated', target: 'test:1' },
    ])
  })

  test('the clock of another process is judged by what that process says', async () => {
    await kit.store.query(
      `insert into metric_samples (metric, labels, at, value, instance) values ('clock_skew_seconds', '{"worker_id": "other:1"}', $1, 600, 'other')`,
      [platform.clock.now()],
    )
    await checks(clockSkew, { clock: { ...platform.clock, simulated: false } })
    const found = (await incidents()).map(({ target, rule, status }) => [target, rule, status])
    expect(found.toSorted()).toEqual([
      ['other:1', 'clock-ahead', 'escalated'],
      ['test:1', 'clock-behind', 'escalated'],
    ])
  })

  test('a clock that somebody moves on purpose is no fault', async () => {
    await checks(clockSkew, {})
    expect(await incidents()).toEqual([])
  })
})
