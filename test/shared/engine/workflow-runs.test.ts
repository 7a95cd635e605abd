import { describe, expect, test } from 'vitest'
import { cancelTask } from '../../../shared/engine/cancel-task.ts'
import { listExecutions } from '../../../shared/engine/execution.ts'
import { sendMessages } from '../../../shared/engine/messages.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { resumeTask } from '../../../shared/engine/start-run.ts'
import { sweepZombies } from '../../../shared/engine/sweep.ts'
import { requireTask } from '../../../shared/engine/task.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { deliverAll, engineKit, gate, newRun, newWorkflowRun, nodesWith } from '../../support/engine-kit.ts'
import { manualClock } from '../../support/manual-clock.ts'
import type { TestPlatform } from '../../support/test-platform.ts'

const kit = engineKit()

const DIAMOND = { first: [], left: ['first'], right: ['first'], last: ['left', 'right'] }

/** Work that tells when it began and ended. */
function told(events: string[], name: string): StepWork {
  return async () => {
    events.push(`${name} begins`)
    await Promise.resolve()
    events.push(`${name} ends`)
    return { result: { outputs: { name } }, required: [] }
  }
}

function allTold(events: string[]): Record<string, StepWork> {
  return Object.fromEntries(Object.keys(DIAMOND).map((name) => [name, told(events, name)]))
}

async function executionsOf(platform: TestPlatform, taskId: string): Promise<string[]> {
  return (await listExecutions(platform.store, taskId)).map(({ step, status }) => `${step} ${status}`)
}

async function run(platform: TestPlatform): Promise<void> {
  await platform.settled()
  await deliverAll(platform)
}

async function resume(platform: TestPlatform, taskId: string): Promise<void> {
  const { messages } = await platform.store.transaction((tx) => resumeTask(platform, tx, taskId))
  await sendMessages(platform, messages)
  await run(platform)
}

describe('a run of a workflow', () => {
  test('a node begins when all that it needs has ended, and the border executions frame the run', async () => {
    const events: string[] = []
    const platform = await kit.open({ functions: nodesWith(allTold(events)) })
    const taskId = await newWorkflowRun(platform, DIAMOND)
    await run(platform)
    const task = await requireTask(platform.store, taskId)
    expect(task).toMatchObject({ status: 'completed', progress: 100, errorCode: null })
    expect(task.stepStatus).toEqual({ first: 'completed', left: 'completed', right: 'completed', last: 'completed' })
    expect((await executionsOf(platform, taskId)).toSorted()).toEqual([
      'end completed',
      'first completed',
      'last completed',
      'left completed',
      'right completed',
      'start completed',
    ])
    expect(events[0]).toBe('first begins')
    expect(events.at(-2)).toBe('last begins')
    expect(events.filter((event) => event.endsWith('begins'))).toHaveLength(4)
  })

  test('nodes that do not need each other are under way side by side', async () => {
    const left = gate()
    const right = gate()
    const begun: string[] = []
    const held = (name: string, passed: Promise<void>): StepWork => {
      return async () => {
        begun.push(name)
        await passed
        return { result: {}, required: [] }
      }
    }
    const functions = nodesWith({ left: held('left', left.passed), right: held('right', right.passed) })
    const env = { HELIX_CONCURRENCY_MODE: 'parallel', HELIX_MAX_RUNNING_TASKS: '2' }
    const platform = await kit.open({ functions, env })
    const taskId = await newWorkflowRun(platform, DIAMOND)
    const delivered = (async () => {
      while (begun.length < 2) {
        const message = platform.sent.shift()
        if (message !== undefined) void platform.dispatch(message)
        await new Promise((done) => setImmediate(done))
      }
    })()
    await delivered
    expect(begun.toSorted()).toEqual(['left', 'right'])
    expect((await requireTask(platform.store, taskId)).stepStatus).toMatchObject({ left: 'running', right: 'running' })
    const other = await newRun(platform) // two nodes are one of the two tasks that may be under way
    expect((await listExecutions(platform.store, other.task.id))[0]?.admittedAt).not.toBeNull()
    await cancelTask(platform, other.task.id)
    platform.sent.length = 0
    left.open()
    right.open()
    while ((await requireTask(platform.store, taskId)).status !== 'completed') {
      await deliverAll(platform)
      await new Promise((done) => setImmediate(done))
    }
    const lasts = (await listExecutions(platform.store, taskId)).filter(({ step }) => step === 'last')
    expect(lasts).toHaveLength(1)
  })

  test('a node that fails ends the run as failed once the others have ended, and what needs it never begins', async () => {
    const fail: StepWork = async () => {
      throw new Problem('source_refused', 'The door is closed')
    }
    const platform = await kit.open({ functions: nodesWith({ left: fail }) })
    const taskId = await newWorkflowRun(platform, DIAMOND)
    await run(platform)
    const task = await requireTask(platform.store, taskId)
    expect(task).toMatchObject({ status: 'failed', errorCode: 'source_refused' })
    expect(task.stepStatus).toEqual({ first: 'completed', left: 'failed', right: 'completed', last: 'pending' })
    expect(await executionsOf(platform, taskId)).toContain('end completed')
  })

  test('a resumed run goes on with what is not completed and with nothing else', async () => {
    let broken = true
    const events: string[] = []
    const left: StepWork = async (context, platform) => {
      if (broken) throw new Problem('source_refused', 'The door is closed')
      return await told(events, 'left')(context, platform)
    }
    const platform = await kit.open({ functions: nodesWith({ ...allTold(events), left }) })
    const taskId = await newWorkflowRun(platform, DIAMOND)
    await run(platform)
    broken = false
    events.length = 0
    await resume(platform, taskId)
    expect(await requireTask(platform.store, taskId)).toMatchObject({
      status: 'completed',
      progress: 100,
      errorCode: null,
    })
    expect(events).toEqual(['left begins', 'left ends', 'last begins', 'last ends'])
  })

  test('a failure that may pass is tried again without its neighbours', async () => {
    let tries = 0
    const events: string[] = []
    const left: StepWork = async () => {
      tries += 1
      if (tries < 3) throw new Problem('source_unreachable', 'Nobody answers')
      return { result: {}, required: [] }
    }
    const platform = await kit.open({ functions: nodesWith({ ...allTold(events), left }) })
    const taskId = await newWorkflowRun(platform, DIAMOND)
    await run(platform)
    expect((await requireTask(platform.store, taskId)).status).toBe('completed')
    expect(tries).toBe(3)
    expect(events.filter((event) => event === 'right begins')).toHaveLength(1)
  })

  test('a node whose condition does not hold is skipped, and those that need it begin', async () => {
    const skip: StepWork = async () => ({ result: {}, required: [], skipped: true })
    const platform = await kit.open({ functions: nodesWith({ left: skip }) })
    const taskId = await newWorkflowRun(platform, DIAMOND)
    await run(platform)
    const task = await requireTask(platform.store, taskId)
    expect(task.status).toBe('completed')
    expect(task.stepStatus).toMatchObject({ left: 'skipped', last: 'completed' })
  })

  test('a cancelled run ends when its last running node has stopped, and can be gone on with', async () => {
    const begun = gate()
    let asked = 0
    const left: StepWork = async (context) => {
      asked += 1
      if (asked > 1) return { result: {}, required: [] }
      begun.open()
      await new Promise<void>((done) => context.signal.addEventListener('abort', () => done()))
      throw context.signal.reason
    }
    const platform = await kit.open({ functions: nodesWith({ left }) })
    const taskId = await newWorkflowRun(platform, { left: [], later: ['left'] })
    const delivered = deliverAll(platform)
    await begun.passed
    expect((await cancelTask(platform, taskId)).requested).toBe(true)
    await platform.clock.advance(11_000)
    await delivered
    expect(await requireTask(platform.store, taskId)).toMatchObject({
      status: 'cancelled',
      stepStatus: { left: 'cancelled', later: 'pending' },
    })
    await resume(platform, taskId)
    expect((await requireTask(platform.store, taskId)).status).toBe('completed')
  })

  test('a cancelled run ends whatever number of its nodes is under way', async () => {
    const begun = { left: gate(), right: gate() }
    const until = (name: keyof typeof begun): StepWork => {
      return async (context) => {
        begun[name].open()
        await new Promise<void>((done) => context.signal.addEventListener('abort', () => done()))
        throw context.signal.reason
      }
    }
    const platform = await kit.open({ functions: nodesWith({ left: until('left'), right: until('right') }) })
    const taskId = await newWorkflowRun(platform, { left: [], right: [], last: ['left', 'right'] })
    const delivered = [deliverAll(platform)]
    await begun.left.passed
    delivered.push(deliverAll(platform)) // the other one, while that one is worked
    await begun.right.passed
    expect((await cancelTask(platform, taskId)).requested).toBe(true)
    await platform.clock.advance(11_000)
    await Promise.all(delivered)
    expect(await requireTask(platform.store, taskId)).toMatchObject({
      status: 'cancelled',
      stepStatus: { left: 'cancelled', right: 'cancelled', last: 'pending' },
    })
  })

  test('a node whose worker dies is taken over, and its neighbours and successors run once', async () => {
    const events: string[] = []
    let calls = 0
    const left: StepWork = async () => {
      calls += 1
      if (calls === 1) await new Promise<never>(() => undefined)
      return { result: {}, required: [] }
    }
    const dying = await kit.open({ functions: nodesWith({ left }) })
    const taskId = await newWorkflowRun(dying, { left: [], last: ['left'] })
    void deliverAll(dying)
    while (calls === 0) await new Promise((done) => setImmediate(done))
    const next = await kit.open({ functions: nodesWith({ left, last: told(events, 'last') }), clock: manualClock() })
    await next.clock.advance(31_000)
    await sweepZombies(next)
    await run(next)
    expect(await requireTask(next.store, taskId)).toMatchObject({ status: 'completed' })
    expect(events).toEqual(['last begins', 'last ends'])
    const [taken] = (await listExecutions(next.store, taskId)).filter(({ step }) => step === 'left')
    expect(taken?.claim).toBeGreaterThan(1)
  })
})
