import { resolve } from 'node:path'
import { serve } from '@hono/node-server'
import { FUNCTIONS, type FunctionDefinition } from '../../functions/manifest.ts'
import { openTriggers } from '../../functions/triggers.ts'
import { SCHEDULED, type ScheduledDefinition } from '../../scheduled/manifest.ts'
import { lapseFormerLeases } from '../../shared/engine/lease.ts'
import { sweepZombies } from '../../shared/engine/sweep.ts'
import { findUnclaimed } from '../../shared/engine/unclaimed.ts'
import type { Config } from '../../shared/platform/config.ts'
import { jsonLinesLog, type Log } from '../../shared/platform/log.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import type { Queue } from '../../shared/platform/queue.ts'
import { randomId } from '../../shared/platform/random.ts'
import { type DeadMessage, localQueue } from '../drivers/local-queue.ts'
import { localSchedule } from '../drivers/local-schedule.ts'
import { systemClock } from '../drivers/system-clock.ts'
import { systemRandom } from '../drivers/system-random.ts'
import { chooseAddress } from './address.ts'
import { holdDataDir } from './data-dir.ts'
import { openLocalPlatform } from './open-platform.ts'
import { StepRoom } from './step-room.ts'

/** Everything Helix is, in this process. */
export interface Runner {
  readonly platform: Platform
  /** All public functions, without a network. */
  fetch(request: Request): Promise<Response>
  /** Calls what is due at a cron expression, as its next tick will. What is still running misses this one. */
  fire(cron: string): Promise<void>
  /** Messages that nobody could handle, oldest first. */
  deadLetters(): readonly DeadMessage[]
  /** Serves HTTP. @returns where */
  listen(): Promise<{ url: string; port: number }>
  /** Graceful: takes no new work, lets items in flight be checkpointed, closes everything. */
  stop(): Promise<void>
}

export interface RunnerOptions {
  /** Where log lines go; stdout by default, nowhere when quiet. */
  readonly quiet?: boolean
  /** Sources for this run only, by name; never written down. */
  readonly sources?: Readonly<Record<string, string>>
  /** Takes up what a former process left and fires the schedules; on by default, off for commands that only look. */
  readonly works?: boolean
  /** A port that must be used; otherwise API_PORT if it is free, else the first free one of 8000–8099. */
  readonly port?: number
  /** What it serves: the manifests by default. */
  readonly functions?: readonly FunctionDefinition[]
  readonly scheduled?: readonly ScheduledDefinition[]
}

const HELP_MS = 1_000 // a short look by index, so that waiting work starts within two seconds
const QUEUE_CONCURRENCY = 8 // messages at once; the schedule decides how many tasks run

/**
 * Opens the store, takes up what a former process left, and starts queue and cron.
 * @throws {Problem} `data_dir_taken` when another runner is alive on the same data
 */
export async function openRunner(given: Config, options: RunnerOptions = {}): Promise<Runner> {
  const config = { ...given, sources: { ...given.sources, ...options.sources } }
  const clock = systemClock(config.HELIX_TIME_ZONE)
  const log = runnerLog(config, options.quiet === true, clock.now)
  const { functions = FUNCTIONS, scheduled = SCHEDULED } = options
  const triggers = openTriggers(functions, scheduled)
  const dataDir = await holdDataDir(resolve(config.HELIX_DATA_DIR))
  try {
    const workerId = `${dataDir.installation}:${randomId(systemRandom)}`
    const room = new StepRoom(config.HELIX_STEPS_PER_RUNNER)
    const queue = localQueue({
      clock,
      random: systemRandom,
      log,
      concurrency: QUEUE_CONCURRENCY,
      deliver: async (message) => (room.free > 0 ? await local.platform.dispatch(message) : busy()),
    })
    const local = await openLocalPlatform({ config, clock, log, workerId, queue, triggers, room })
    const { platform } = local
    const works = options.works !== false
    if (works) {
      // Nobody else holds this installation's data, so what its former processes were working on is free at once.
      await lapseFormerLeases(platform.store, dataDir.installation, workerId, clock.now())
      await sweepZombies(platform, 0)
    }
    const schedule = localSchedule({ functions: works ? scheduled : [], platform, invoke: local.invoke })
    const helping = works && platform.store.kind === 'server' ? help(platform, queue, room) : Promise.resolve()
    let server: ReturnType<typeof serve> | null = null
    let stopped: Promise<void> | null = null

    const fetch = (request: Request) => local.envelope.visit(() => triggers.fetch(platform, request))
    const stop = async () => {
      log('runner.stopping')
      local.requestStop()
      await Promise.all([schedule.stop(), helping])
      await queue.stop()
      await local.deferred.idle()
      await closeServer(server)
      await local.close()
      await dataDir.release()
      log('runner.stopped')
    }
    return {
      platform,
      fetch,
      fire: async (cron) => {
        for (const definition of scheduled) if (definition.cron === cron) await schedule.fire(definition.name)
      },
      deadLetters: () => queue.dead(),
      listen: async () => {
        const address = await chooseAddress(config, options.port)
        server = serve({ fetch, hostname: address.host, port: address.port })
        await listening(server)
        await dataDir.publish(address.port)
        const url = `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
        log('runner.started', { url, pid: process.pid, store: platform.store.kind })
        return { url, port: address.port }
      },
      stop: () => {
        stopped ??= stop()
        return stopped
      },
    }
  } catch (error) {
    await dataDir.release()
    throw error
  }
}

/** Told to the queue while there is no room for a step: the message comes again, unless another runner takes the work. */
function busy(): Response {
  return new Response(null, { status: 503, headers: { 'Retry-After': '1' } })
}

/** Looks for work that other runners on the same store have no room for, until the process is asked to stop. */
async function help(platform: Platform, queue: Queue, room: StepRoom): Promise<void> {
  const { clock, log, store, stopping } = platform
  while (!stopping.aborted) {
    await clock.sleep(HELP_MS, stopping)
    if (stopping.aborted || room.free === 0) continue
    try {
      for (const message of await findUnclaimed(store, clock.now(), room.free)) await queue.send(message)
    } catch (cause) {
      log('background.failed', { what: 'look for work', message: String(cause) })
    }
  }
}

function runnerLog(config: Config, quiet: boolean, now: () => Date): Log {
  if (quiet) return () => undefined
  return jsonLinesLog({ now, level: config.HELIX_LOG_LEVEL, write: (line) => process.stdout.write(`${line}\n`) })
}

function listening(server: ReturnType<typeof serve>): Promise<void> {
  return new Promise((done, fail) => {
    server.once('listening', () => done())
    server.once('error', fail)
    if (server.listening) done()
  })
}

/** Streams end by themselves when the platform is stopping; idle connections are closed. */
function closeServer(server: ReturnType<typeof serve> | null): Promise<void> {
  if (server === null) return Promise.resolve()
  return new Promise((done) => {
    server.close(() => done())
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
