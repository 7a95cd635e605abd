import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalSources, localSources } from '../../../local/drivers/local-sources.ts'
import { type Gauges, processGauges } from '../../../local/runner/envelope/gauges.ts'
import type { Limits } from '../../../local/runner/envelope/invocation.ts'
import { EnvelopeWatch } from '../../../local/runner/envelope/watch.ts'
import { watchedPlatform } from '../../../local/runner/envelope/watched-platform.ts'
import { SAMPLE_NAME } from '../../../local/samples/highway/sample.ts'
import { listExecutions } from '../../../shared/engine/execution.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import type { Platform } from '../../../shared/platform/platform.ts'
import { deliverAll, engineKit, newTask, startOne, stepsWith } from '../../support/engine-kit.ts'
import { openPgliteSource, type TestSource } from '../../support/pglite-source.ts'
import type { TestPlatform } from '../../support/test-platform.ts'

const kit = engineKit()
let database: TestSource
let sources: LocalSources

beforeAll(async () => {
  database = await openPgliteSource()
  sources = localSources({ config: { sources: {} }, dataDir: '', openSample: async () => database.source })
})
afterAll(async () => await database[Symbol.asyncDispose]())

interface Watched {
  readonly platform: TestPlatform
  readonly envelope: EnvelopeWatch
  /** Runs the first step with that work. @returns how its execution ended */
  run(work: StepWork): Promise<{ status: string; errorCode: string | null; errorMessage: string | null }>
  /** What was logged about limits. */
  breaches(): unknown[]
}

/** An engine whose invocations are watched, as the local runner's are. */
async function watched(
  options: { mode?: 'enforce' | 'warn'; limits?: Partial<Limits>; gauges?: Gauges; tickMs?: number } = {},
): Promise<Watched> {
  let step: StepWork = async () => ({ result: {}, required: [] })
  const [definition] = stepsWith({ ddl_generation: (context, seen) => step(context, seen) })
  const platform: TestPlatform = await kit.open({
    dispatch: ({ function: name, body }) =>
      envelope.run({ function: name }, async (invocation) => {
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
        const seen: Platform = watchedPlatform(platform, sources, invocation)
        return (await definition?.app.request(`/steps/${name}`, init, { platform: seen })) ?? new Response()
      }),
  })
  const envelope = new EnvelopeWatch({ mode: 'enforce', log: platform.log, ...options })
  return {
    platform,
    envelope,
    async run(work) {
      step = work
      const task = await newTask(platform)
      await startOne(platform, task.id, 'ddl_generation')
      await deliverAll(platform)
      const [execution] = await listExecutions(platform.store, task.id)
      if (execution === undefined) throw new Error('Nothing was executed')
      return execution
    },
    breaches: () => platform.logged.filter(({ event }) => event === 'envelope.exceeded').map(({ fields }) => fields),
  }
}

/** Opens one connection more than the portable envelope has room for, the store's own included. */
const connectTooOften: StepWork = async (_, { sources: seen }) => {
  const opened = []
  for (let count = 0; count < 6; count++) opened.push(await seen.open({ name: SAMPLE_NAME }))
  for (const source of opened) await source[Symbol.asyncDispose]()
  return { result: { opened: opened.length }, required: [] }
}

/** Uses so much of a processor without an await, however busy the machine is. */
const compute =
  (ms: number): StepWork =>
  async () => {
    const { nowMs, cpuMs } = processGauges
    const [now, cpu] = [nowMs(), cpuMs()]
    while (nowMs() - now < ms || cpuMs() - cpu < ms);
    return { result: {}, required: [] }
  }

test('a step that opens a seventh connection fails and names Cloudflare Workers', async () => {
  const { run, breaches } = await watched()
  expect(await run(connectTooOften)).toMatchObject({
    status: 'failed',
    errorCode: 'envelope_exceeded',
    attempt: 1, // it would fail again
    errorMessage: 'Connections at once: 7 would break on Cloudflare Workers, 6 at most',
  })
  expect(breaches()).toMatchObject([{ limit: 'connections', measured: 7, max: 6, mode: 'enforce' }])
})

test('a step may open and close connections as often as it likes', async () => {
  const { run, breaches } = await watched()
  const work: StepWork = async (_, { sources: seen }) => {
    for (let count = 0; count < 20; count++) await (await seen.open({ name: SAMPLE_NAME }))[Symbol.asyncDispose]()
    return { result: {}, required: [] }
  }
  expect(await run(work)).toMatchObject({ status: 'completed' })
  expect(breaches()).toEqual([])
})

test('calls of a model count up to what its port lets through at once', async () => {
  const { run, platform, breaches } = await watched()
  const texts = Array.from({ length: 9 }, (_, index) => `text ${index}`)
  const work: StepWork = async (_, { embedder }) => {
    await Promise.all(texts.map((text) => embedder.embed([text])))
    return { result: {}, required: [] }
  }
  expect(await run(work)).toMatchObject({ status: 'completed' })
  expect(platform.logged).toContainEqual({
    event: 'envelope.measured',
    fields: expect.objectContaining({ connections: 4 }),
  })
  expect(breaches()).toEqual([])
})

test('a step that keeps more memory than a Worker has fails and names Cloudflare Workers', async () => {
  const { run } = await watched()
  const kept: Uint8Array[] = []
  const ended = await run(async () => {
    for (let count = 0; count < 200; count++) kept.push(new Uint8Array(1_000_000).fill(1))
    return { result: {}, required: [] }
  })
  expect(kept).toHaveLength(200)
  expect(ended).toMatchObject({ status: 'failed', errorCode: 'envelope_exceeded' })
  expect(ended.errorMessage).toMatch(/^Memory kept by an invocation: \d+ MB would break on Cloudflare Workers, 128 MB/)
})

test('memory that a step has let go again is no breach', async () => {
  const { run, envelope, breaches } = await watched()
  const ended = await run(async (_, { clock }) => {
    for (let count = 0; count < 300; count++) new Uint8Array(1_000_000).fill(1)
    await clock.sleep(0)
    envelope.look()
    return { result: {}, required: [] }
  })
  expect(ended).toMatchObject({ status: 'completed' })
  expect(breaches()).toEqual([])
})

test('a step that computes too long without an await fails and names Cloudflare Workers', async () => {
  const { run } = await watched({ limits: { cpu: 0.1 }, tickMs: 20 })
  const ended = await run(compute(300))
  expect(ended).toMatchObject({ status: 'failed', errorCode: 'envelope_exceeded' })
  expect(ended.errorMessage).toMatch(/^CPU time between two awaits: [\d.]+ s would break on Cloudflare Workers, 0.1 s/)
})

test('what the embedded database computes, or what waits for a CPU, is not laid to the step', async () => {
  const time = { ms: 0, embeddedMs: 0, cpuMs: 0 }
  const gauges: Gauges = {
    ...processGauges,
    nowMs: () => time.ms,
    cpuMs: () => time.cpuMs,
    activeMs: () => 0,
    embeddedMs: () => time.embeddedMs,
  }
  const { run, breaches, envelope } = await watched({ gauges })
  const ended = await run(async () => {
    Object.assign(time, { ms: 40_000, cpuMs: 40_000, embeddedMs: 39_000 })
    envelope.look()
    Object.assign(time, { ms: 90_000, cpuMs: 45_000 }) // 50 s on a busy machine, 5 s of them ours
    envelope.look()
    return { result: {}, required: [] }
  })
  expect(ended).toMatchObject({ status: 'completed' })
  expect(breaches()).toEqual([])
})

test('an invocation that outlives every platform fails and names AWS Lambda and Cloudflare', async () => {
  let ms = 0
  let activeMs = 0
  const gauges: Gauges = { ...processGauges, nowMs: () => ms, cpuMs: () => 0, activeMs: () => activeMs }
  const { run, breaches, envelope } = await watched({ gauges })
  const ended = await run(async () => {
    ms = 1_000_000
    activeMs = 500_000 // ready to work, but the machine was busy with something else
    envelope.look()
    expect(breaches()).toEqual([])
    ms = 1_401_000
    envelope.look()
    return { result: {}, required: [] }
  })
  expect(ended).toMatchObject({ status: 'failed', errorCode: 'envelope_exceeded' })
  expect(ended.errorMessage).toMatch(/: 901 s would break on AWS Lambda and Cloudflare Queues .*, 900 s at most$/)
})

test('in the mode "warn" a breach is logged once and the step goes on', async () => {
  const { run, breaches } = await watched({ mode: 'warn' })
  expect(await run(connectTooOften)).toMatchObject({ status: 'completed' })
  expect(breaches()).toMatchObject([
    { function: 'ddl-generation', limit: 'connections', measured: 7, max: 6, mode: 'warn' },
  ])
})

test('what several invocations took together is told of all of them and laid to none', async () => {
  const { platform, envelope, breaches } = await watched({ limits: { cpu: 0.1 }, tickMs: 20 })
  const stops = await Promise.all(
    ['one', 'two'].map((name) =>
      envelope.run({ function: name, executionId: name }, async (invocation) => {
        await platform.clock.sleep(0)
        if (name === 'one') await compute(300)({} as never, platform)
        await platform.clock.sleep(0)
        envelope.look()
        return invocation.stopping.aborted
      }),
    ),
  )
  expect(stops).toEqual([false, false])
  expect(breaches()).toMatchObject([{ limit: 'cpu', mode: 'warn', among: ['one', 'two'], requests: 0 }])
})
