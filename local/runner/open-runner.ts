import { resolve } from 'node:path'
import type { serve } from '@hono/node-server'
import { FUNCTIONS, type FunctionDefinition } from '../../functions/manifest.ts'
import { openTriggers } from '../../functions/triggers.ts'
import { SCHEDULED, type ScheduledDefinition } from '../../scheduled/manifest.ts'
import { lapseFormerLeases } from '../../shared/engine/lease.ts'
import { anyLapsed, sweepZombies } from '../../shared/engine/sweep.ts'
import { findUnclaimed } from '../../shared/engine/unclaimed.ts'
import type { Clock } from '../../shared/platform/clock.ts'
import type { Config } from '../../shared/platform/config.ts'
import type { DeadLetters } from '../../shared/platform/dead-letters.ts'
import { NO_FAULTS } from '../../shared/platform/fault-settings.ts'
import { flushRequests } from '../../shared/platform/flush-requests.ts'
import { jsonLinesLog, type Log } from '../../shared/platform/log.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Queue } from '../../shared/platform/queue.ts'
import { type Random, randomId, seedOf } from '../../shared/platform/random.ts'
import { answerBackup, BACKUP_PATH } from '../backup/backup-request.ts'
import { endRestore } from '../backup/cut-off.ts'
import { type AdjustableClock, adjustableClock } from '../clock/adjustable-clock.ts'
import { StoreWork } from '../clock/store-work.ts'
import { Happenings } from '../control/happenings.ts'
import { Invocations } from '../control/invocations.ts'
import { lineWriter } from '../drivers/line-writer.ts'
import { steadyMs, systemClock } from '../drivers/system-clock.ts'
import { systemRandom } from '../drivers/system-random.ts'
import { type Faults, seededFaults } from '../faults/faults.ts'
import { faultyMessages } from '../faults/faulty-messages.ts'
import { faultyClock } from '../faults/skewed-clock.ts'
import { openBroker } from '../queue/broker.ts'
import { startConsumer } from '../queue/consumer.ts'
import { memoryStorage } from '../queue/memory-storage.ts'
import type { MessageFaults } from '../queue/message-faults.ts'
import type { Broker, DeadMessage } from '../queue/port.ts'
import { storeStorage } from '../queue/store-storage.ts'
import { type LocalSchedule, localSchedule } from '../schedule/local-schedule.ts'
import { chooseAddress } from './address.ts'
import { holdDataDir } from './data-dir.ts'
import { developerFetch } from './developer.ts'
import { listen } from './listen.ts'
import { openLocalPlatform } from './open-platform.ts'
import { busy, StepRoom, takesRoom } from './step-room.ts'

/** Everything Helix is, in this process. */
export interface Runner {
  readonly platform: Platform
  /** All public functions, without a network. */
  fetch(request: Request): Promise<Response>
  /** Calls what is due at a cron expression, as its next tick will. What is still running misses this one. */
  fire(cron: string): Promise<void>
  /** Messages that nobody could handle, oldest first. */
  deadLetters(): Promise<readonly DeadMessage[]>
  /** Every message of this runner, or of all runners on the store where they share its queue. */
  readonly queue: Broker
  readonly schedule: LocalSchedule
  /** The platform's clock, which can be sent ahead. */
  readonly clock: AdjustableClock
  readonly faults: Faults
  /** The latest calls of functions. */
  readonly invocations: Invocations
  /** Resolves when no message is ready or in flight and no function works. What comes later is not waited for. */
  idle(): Promise<void>
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
  /** What time is counted from: the machine's by default. A standing clock makes time pass by `clock.advance` alone. */
  readonly clock?: Clock
  /** The machine's chance by default. */
  readonly random?: Random
  /** What goes wrong: by default what HELIX_FAULTS asks for. */
  readonly faults?: Faults
  /** What goes wrong with messages on their way; by default what `faults` decide. */
  readonly messageFaults?: MessageFaults
  /** Whether it takes messages from the queue by itself; on by default. */
  readonly consumes?: boolean
  /** Told when this process should be started again; given only where somebody does that. */
  readonly onRestartAsked?: (reason: string) => void
  /** How functions see the platform, beneath what faults do to it; as it is by default. */
  readonly wrap?: (platform: Platform) => Platform
}

const LOOK_AROUND_MS = 20_000
const HELP_MS = 500 // two short looks by index, so that waiting work starts, and a dead runner's goes on, within a second
const QUEUE_CONCURRENCY = 8 // messages at once; the schedule decides how many tasks run

/**
 * Opens the store, takes up what a former process left, and starts queue and cron.
 * @throws {Problem} `data_dir_taken` when another runner is alive on the same data
 */
export async function openRunner(given: Config, options: RunnerOptions = {}): Promise<Runner> {
  const config = { ...given, sources: { ...given.sources, ...options.sources } }
  const { functions = FUNCTIONS, scheduled = SCHEDULED, random = systemRandom } = options
  const triggers = openTriggers(functions, scheduled)
  const dataDir = await holdDataDir(resolve(config.HELIX_DATA_DIR))
  try {
    const happenings = new Happenings()
    const storeWork = new StoreWork()
    const clock = adjustable(options.clock ?? systemClock(config.HELIX_TIME_ZONE), storeWork)
    const log = runnerLog(config, options.quiet === true, () => clock.now())
    await endRestore(config, (ended) => log('restore.ended', { ...ended }))
    const faults =
      options.faults ??
      openFaults(config, (struck) => {
        log('fault.injected', { ...struck })
        happenings.tell('fault', struck)
      })
    // What the queue and the schedule go by is right; what this process takes for the time may not be.
    const ownClock = faults.calm ? clock : faultyClock(clock, faults, seedOf(dataDir.installation))
    const invocations = new Invocations({
      now: () => clock.now(),
      steadyMs,
      onChange: (record) => happenings.tell('invocation', record),
    })
    const workerId = `${dataDir.installation}:${randomId(random)}`
    const works = options.works !== false
    const room = new StepRoom(config.HELIX_STEPS_PER_RUNNER)
    const storage = config.HELIX_LOCAL_QUEUE === 'store' ? storeStorage(() => platform.store) : memoryStorage()
    const messageFaults = options.messageFaults ?? faultyMessages(faults)
    const queue = openBroker({ clock, random, log, storage, faults: messageFaults })
    queue.onEvent((event) => happenings.tell('queue', event))
    const shared = { config, clock: ownClock, log, random, workerId, queue, triggers, room, faults, invocations }
    const wrapped = options.wrap === undefined ? {} : { wrap: options.wrap }
    const local = await openLocalPlatform({
      ...shared,
      ...wrapped,
      steps: works,
      storeWork,
      deadLetters: deadLettersOf(queue),
      onRestartAsked: options.onRestartAsked,
    })
    const { platform } = local
    if (works) {
      // Nobody else holds this installation's data, so what its former processes were working on is free at once.
      await lapseFormerLeases(platform.store, dataDir.installation, workerId, ownClock.now())
      await sweepZombies(platform, 0)
    }
    const dispatch: Platform['dispatch'] = async (message) =>
      room.free > 0 || !takesRoom(message.function) ? await platform.dispatch(message) : busy()
    const consumer =
      options.consumes !== false && (works || !queue.shared)
        ? startConsumer({ broker: queue, platform: { ...platform, dispatch }, concurrency: QUEUE_CONCURRENCY })
        : null // those who only look leave the messages of others alone
    const schedule = localSchedule({
      functions: scheduled,
      platform,
      clock,
      faults,
      follows: works,
      invoke: local.invoke,
    })
    const helping =
      works && platform.store.kind === 'server'
        ? help(platform, queue, room, () => schedule.fire('check-health'))
        : Promise.resolve()
    let server: ReturnType<typeof serve> | null = null
    let stopped: Promise<void> | null = null

    const controls = { clock, queue, schedule, faults, invocations, happenings }
    const serveOne =
      config.HELIX_AUTH === 'off'
        ? developerFetch({ platform, triggers, controls })
        : (request: Request) => triggers.fetch(platform, request)
    const fetch = (request: Request) =>
      new URL(request.url).pathname === BACKUP_PATH
        ? answerBackup(request, resolve(config.HELIX_DATA_DIR), platform)
        : local.envelope.visit(() => serveOne(request))
    const stop = async () => {
      log('runner.stopping')
      local.requestStop()
      await Promise.all([schedule.stop(), helping])
      await consumer?.stop()
      await queue.stop()
      await local.deferred.idle()
      if (works) await flushed(platform)
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
      queue,
      schedule,
      clock,
      faults,
      invocations,
      idle: async () => {
        await (consumer?.idle() ?? Promise.resolve())
        await local.deferred.idle()
      },
      listen: async () => {
        const { address, server: listening } = await listen(() => chooseAddress(config, options.port), fetch)
        server = listening
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

/** What the broker keeps of dead messages, as any platform may ask for it. */
function deadLettersOf(queue: Broker): DeadLetters {
  return {
    list: async () => (await queue.dead()).map(({ at, ...letter }) => ({ ...letter, diedAt: at })),
    redrive: async (id) => (await queue.redrive(id)) > 0,
  }
}

function adjustable(clock: Clock, work: StoreWork): AdjustableClock {
  return 'advance' in clock ? (clock as AdjustableClock) : adjustableClock(clock, { work })
}

const STRUCK_KEPT = 1_000

function openFaults(config: Config, onStruck: (struck: object) => void): Faults {
  return seededFaults(config.HELIX_FAULTS ?? NO_FAULTS, {
    kept: STRUCK_KEPT,
    onStruck: (struck, at) => onStruck(at === undefined ? struck : { ...struck, at }),
  })
}

/** Takes over what dead runners on the same store have left, and what living ones have no room for, until the process is asked to stop. */
async function help(
  platform: Platform,
  queue: Queue,
  room: StepRoom,
  lookAround: () => Promise<unknown>,
): Promise<void> {
  const { clock, log, store, stopping } = platform
  while (!stopping.aborted) {
    await clock.sleep(HELP_MS, stopping)
    if (stopping.aborted || room.free === 0) continue
    try {
      if (await anyLapsed(store, clock.now())) await sweepZombies(platform)
      for (const message of await findUnclaimed(store, clock.now(), room.free)) await queue.send(message)
    } catch (cause) {
      log('background.failed', { what: 'look for work', message: String(cause) })
      if (!isStoreGone(cause)) continue
      await lookAround() // people hear of it within a minute, which is longer than the next tick may take
      await clock.sleep(LOOK_AROUND_MS, stopping)
    }
  }
}

function isStoreGone(cause: unknown): boolean {
  return cause instanceof Problem && cause.code === 'store_unavailable'
}

/** What requests took since the last minute; a store that is gone takes it along. */
async function flushed(platform: Platform): Promise<void> {
  try {
    await flushRequests(platform)
  } catch (cause) {
    platform.log('background.failed', { what: 'write figures of requests', message: String(cause) })
  }
}

function runnerLog(config: Config, quiet: boolean, now: () => Date): Log {
  if (quiet) return () => undefined
  return jsonLinesLog({ now, level: config.HELIX_LOG_LEVEL, write: lineWriter((text) => process.stdout.write(text)) })
}

/** Streams end by themselves when the platform is stopping; idle connections are closed. */
function closeServer(server: ReturnType<typeof serve> | null): Promise<void> {
  if (server === null) return Promise.resolve()
  return new Promise((done) => {
    server.close(() => done())
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
