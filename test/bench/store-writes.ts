// How much of the engine's own work one Postgres takes: `npx tsx test/bench/store-writes.ts --store postgres://… [--seconds 5] [--clients 1,8,32] [--only claim] [--json]`.
// With `--postmaster PID` of a server on this machine it also tells the processor time that the server spends on each,
// which holds where the cores are shared with other work. Each client is one connection that calls the engine's functions one after the other, on a scratch database.
import { readFileSync } from 'node:fs'
import { systemClock } from '../../local/drivers/system-clock.ts'
import { saveCheckpoint } from '../../shared/engine/checkpoints.ts'
import type { Execution } from '../../shared/engine/execution.ts'
import { finishExecution } from '../../shared/engine/finish.ts'
import { claimExecution } from '../../shared/engine/lease.ts'
import type { LogLine } from '../../shared/engine/log-lines.ts'
import { admitAndSend } from '../../shared/engine/messages.ts'
import { report } from '../../shared/engine/report.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { postgresStore, serverPool } from '../../shared/platform/postgres-store.ts'
import { newTask, startAll } from '../support/engine-kit.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { type TestPlatform, testPlatform } from '../support/test-platform.ts'
import { optionsOf, scratchStore } from './scratch.ts'

const LINES = 10 // of one report
const LEASE_MS = 600_000 // longer than a measurement

/** One kind of write, done by one client over and over; `prepare` gives it something to write on. */
interface Kind {
  readonly name: string
  prepare(platform: TestPlatform): Promise<() => Promise<void>>
}

const line = (index: number): LogLine => ({
  level: 'INFO',
  message: `Reading table number ${index} of the source, with its columns and keys`,
  at: systemClock(undefined).now(),
  module: 'DDLMDGenerator',
  function: null,
  extra: {},
})

async function runningExecution(platform: TestPlatform): Promise<Execution> {
  const task = await newTask(platform, { source: `shop-${platform.workerId}` })
  const run = await startAll(platform, task.id)
  return await claim(platform, run.execution.executionId, 0)
}

async function claim(platform: Platform, executionId: string, number: number): Promise<Execution> {
  const answer = await claimExecution(
    platform.store,
    { executionId, claim: number },
    platform.workerId,
    platform.clock.now(),
  )
  if (answer.kind !== 'claimed') throw new Error(`${executionId} was not claimed: ${answer.kind}`)
  return answer.execution
}

const KINDS: readonly Kind[] = [
  {
    name: 'claim',
    prepare: async (platform) => {
      let { executionId, claim: number } = await runningExecution(platform)
      return async () => {
        number = (await claim(platform, executionId, number)).claim
      }
    },
  },
  {
    name: 'checkpoint',
    prepare: async (platform) => {
      const execution = await runningExecution(platform)
      let item = 0
      return async () => {
        item += 1
        const checkpoint = { item: `item ${item}`, value: { rows: 17, rowsExact: true }, outputs: [] }
        await saveCheckpoint(platform.store, execution, checkpoint, platform.clock.now())
      }
    },
  },
  {
    name: `report of ${LINES} lines`,
    prepare: async (platform) => {
      const execution = await runningExecution(platform)
      const lines = Array.from({ length: LINES }, (_, index) => line(index))
      return async () => {
        const now = platform.clock.now()
        const state = { share: 0.5, progress: 20, lines, leaseExpiresAt: new Date(now.getTime() + LEASE_MS) }
        await report(platform.store, execution, state, now)
      }
    },
  },
  {
    // Creation, start under the schedule's lock, four claims, four finishes with hand-off, letting the next run in.
    name: 'task without items',
    prepare: async (platform) => async () => {
      const task = await newTask(platform, { source: `shop-${platform.workerId}` })
      const run = await startAll(platform, task.id)
      let next: string | undefined = run.execution.executionId
      while (next !== undefined) {
        const execution: Execution = await claim(platform, next, 0)
        const ending = { kind: 'completed', result: {}, outputs: [] } as const
        const finished = await finishExecution(platform, execution, ending, [line(1), line(2)])
        next = finished?.next?.body.execution_id
      }
      await admitAndSend(platform)
    },
  },
]

interface Rate {
  /** Of all clients together. */
  readonly perSecond: number
  /** Of the server, per operation; null where its process is not known. */
  readonly serverCpuMs: number | null
}

async function rate(
  url: string,
  kind: Kind,
  clients: number,
  seconds: number,
  postmaster: string | null,
): Promise<Rate> {
  const clock = { ...systemClock(undefined), advance: async () => undefined, sleepers: () => 0 } satisfies ManualClock
  const env = { HELIX_CONCURRENCY_MODE: 'parallel', HELIX_MAX_RUNNING_TASKS: '1000' }
  const pools = Array.from({ length: clients }, () => serverPool(url))
  const platforms = await Promise.all(
    pools.map((pool, index) => {
      const store = { ...postgresStore({ pool, kind: 'server' }), url }
      return testPlatform({ store, clock, env, workerId: `bench:${index}`, queue: { send: async () => undefined } })
    }),
  )
  try {
    const works: (() => Promise<void>)[] = []
    for (const platform of platforms) works.push(await kind.prepare(platform))
    let done = 0
    const cpuBefore = cpuMsOf(postmaster)
    const begun = performance.now()
    const loop = async (work: () => Promise<void>) => {
      while (performance.now() - begun < seconds * 1_000) {
        await work()
        done += 1
      }
    }
    await Promise.all(works.map(loop))
    const perSecond = Math.round((done * 1_000) / (performance.now() - begun))
    const spent = cpuMsOf(postmaster)
    const serverCpuMs = spent === null || cpuBefore === null ? null : Number(((spent - cpuBefore) / done).toFixed(2))
    return { perSecond, serverCpuMs }
  } finally {
    for (const platform of platforms) await platform[Symbol.asyncDispose]()
    await Promise.all(pools.map((pool) => pool.end()))
  }
}

const TICK_MS = 10 // of the kernel's clock

/** What a server's processes have computed so far, by the kernel's account of the postmaster and its children. */
function cpuMsOf(postmaster: string | null): number | null {
  if (postmaster === null) return null
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ')
  const ticks = [postmaster, ...children].map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return fields.slice(11, 13).reduce((sum, field) => sum + Number(field), 0)
  })
  return ticks.reduce((sum, count) => sum + count, 0) * TICK_MS
}

const options = optionsOf(process.argv.slice(2))
const server = options.get('store')
if (server === undefined) throw new Error('Say where a scratch store may be made: --store postgres://…')
const seconds = Number(options.get('seconds') ?? 5)
const clients = (options.get('clients') ?? '1,8,32').split(',').map(Number)
const postmaster = options.get('postmaster') ?? null
const figures: Record<string, Record<string, Rate>> = {}
for (const kind of KINDS.filter(({ name }) => name.includes(options.get('only') ?? ''))) {
  const row: Record<string, Rate> = {}
  for (const count of clients) {
    await using scratch = await scratchStore(server)
    row[`${count}`] = await rate(scratch.url, kind, count, seconds, postmaster)
  }
  figures[kind.name] = row
  if (!options.has('json')) {
    const told = Object.entries(row).map(([count, { perSecond, serverCpuMs }]) =>
      `${count} clients: ${perSecond}/s${serverCpuMs === null ? '' : `, ${serverCpuMs} ms`}`.padStart(30),
    )
    process.stdout.write(`${kind.name.padEnd(24)}${told.join('')}\n`)
  }
}
if (options.has('json')) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
