import { describe, expect, test } from 'vitest'
import { listExecutions } from '../../../shared/engine/execution.ts'
import { claimExecution, LEASE_MS, lapseFormerLeases } from '../../../shared/engine/lease.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { rescueExecution, sweepZombies } from '../../../shared/engine/sweep.ts'
import { deliverAll, engineKit, gate, newTask, startOne, stepsWith } from '../../support/engine-kit.ts'
import { manualClock } from '../../support/manual-clock.ts'

const kit = engineKit()

describe('a lease', () => {
  test('that lapsed is taken over, and its former holder can change nothing', async () => {
    const clock = manualClock()
    const held = gate()
    let late: unknown
    const slow: StepWork = async (context) => {
      await held.passed
      await context.writeFile('late.ddl', 'late', { type: 'ddl' }).catch((error: unknown) => {
        late = error
        throw error
      })
      return { result: { by: 'the first' }, required: [] }
    }
    const quick: StepWork = async () => ({ result: { by: 'the second' }, required: [] })
    // The first worker's clock stands still: it neither reports nor notices.
    const frozen = await kit.open({
      functions: stepsWith({ ddl_generation: slow }),
      clock: manualClock(),
      workerId: 'frozen:1',
    })
    const living = await kit.open({
      functions: stepsWith({ ddl_generation: quick }),
      clock,
      workerId: 'living:1',
      files: frozen.files,
    })
    const task = await newTask(frozen)
    await startOne(frozen, task.id, 'ddl_generation')
    const [message] = frozen.sent
    if (message === undefined) throw new Error('no message was sent')
    const first = frozen.dispatch(message)
    await clock.advance(LEASE_MS + 1000)
    while ((await listExecutions(kit.store, task.id))[0]?.claim !== 1) await clock.advance(0)
    expect(await sweepZombies(living)).toMatchObject({ requeued: 1 })
    await deliverAll(living)
    expect((await listExecutions(kit.store, task.id))[0]).toMatchObject({
      status: 'completed',
      result: { by: 'the second' },
      attempt: 1,
    })
    await frozen.clock.advance(0)
    held.open()
    expect((await first).status).toBe(409)
    expect(late).toBeUndefined()
    expect((await listExecutions(kit.store, task.id))[0]).toMatchObject({
      status: 'completed',
      result: { by: 'the second' },
    })
  })

  test('that lapsed because its process got no processor is not taken over by that process', async () => {
    const held = gate()
    const slow: StepWork = async () => {
      await held.passed
      return { result: { by: 'the first' }, required: [] }
    }
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: slow }) })
    const task = await newTask(platform)
    const { execution } = await startOne(platform, task.id, 'ddl_generation')
    const [message] = platform.sent
    if (message === undefined) throw new Error('no message was sent')
    const answer = platform.dispatch(message)
    while ((await listExecutions(kit.store, task.id))[0]?.claim !== 1) await platform.clock.advance(0)
    const woken = manualClock({ start: new Date(platform.clock.now().getTime() + 2 * LEASE_MS).toISOString() }) // its sweep comes before its heartbeat
    expect(await sweepZombies({ ...platform, clock: woken })).toMatchObject({ seen: 1, requeued: 0 })
    expect(await rescueExecution({ ...platform, clock: woken }, execution.executionId, 1)).toBe('leave')
    held.open()
    expect((await answer).status).toBe(200)
    expect((await listExecutions(kit.store, task.id))[0]).toMatchObject({ result: { by: 'the first' }, attempt: 0 })
    expect(platform.claims.holds({ executionId: execution.executionId, claim: 1 })).toBe(false)
  })

  test('that lapsed while its process got no processor is taken up again by the next file, unless somebody else has it', async () => {
    const clock = manualClock()
    let stalledMs = 0 // nothing that sleeps wakes for it
    const stalling = { ...clock, now: () => new Date(clock.now().getTime() + stalledMs) }
    const work: StepWork = async (context) => {
      stalledMs += 2 * LEASE_MS
      await context.writeFile('late.ddl', 'late', { type: 'ddl' })
      return { result: { by: 'the first' }, required: ['late.ddl'] }
    }
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: work }), clock: stalling })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    await deliverAll(platform)
    expect((await listExecutions(kit.store, task.id))[0]).toMatchObject({ status: 'completed', claim: 1, attempt: 0 })
  })

  test('of a step that goes on past its time limit is taken over by its own process too', async () => {
    const never: StepWork = () => new Promise(() => undefined)
    const platform = await kit.open({
      functions: stepsWith({ ddl_generation: never }),
      env: { HELIX_STEP_TIMEOUT_MINUTES: '1' },
    })
    const task = await newTask(platform)
    const { execution } = await startOne(platform, task.id, 'ddl_generation')
    const [message] = platform.sent
    if (message === undefined) throw new Error('no message was sent')
    void platform.dispatch(message)
    while ((await listExecutions(kit.store, task.id))[0]?.claim !== 1) await platform.clock.advance(0)
    await platform.clock.advance(execution.timeoutMs + LEASE_MS)
    expect(await sweepZombies(platform)).toMatchObject({ requeued: 1 })
  })

  test('of a former process of the same installation ends at once', async () => {
    const platform = await kit.open({ functions: stepsWith(), workerId: 'house_1:first' })
    const task = await newTask(platform)
    const { execution } = await startOne(platform, task.id, 'ddl_generation')
    const wanted = { executionId: execution.executionId, claim: 0 }
    await claimExecution(kit.store, wanted, platform.workerId, platform.clock.now())
    expect(await lapseFormerLeases(kit.store, 'houseX1', 'houseX1:second', platform.clock.now())).toBe(0)
    expect(await lapseFormerLeases(kit.store, 'house_1', 'house_1:second', platform.clock.now())).toBe(1)
    expect(await sweepZombies(platform)).toMatchObject({ requeued: 1 })
  })

  test('can be claimed by one worker only', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const task = await newTask(platform)
    const { execution } = await startOne(platform, task.id, 'ddl_generation')
    const wanted = { executionId: execution.executionId, claim: 0 }
    const answers = await Promise.all(
      ['a:1', 'b:1', 'c:1'].map((worker) => claimExecution(kit.store, wanted, worker, platform.clock.now())),
    )
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['claimed', 'stale', 'stale'])
  })
})
