import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '../../shared/platform/random.ts'
import type { Arguments } from './arguments.ts'
import { advance, comeToRest } from './calm.ts'
import { Client } from './client.ts'
import { watchHealth } from './health.ts'
import type { SoakRecord } from './judge.ts'
import { LogWatch } from './log-watch.ts'
import { openPlace, type Place } from './place.ts'
import { openReceiver, type Receiver } from './receiver.ts'
import { type SoakRunner, startRunner } from './runner.ts'
import { type Sample, takeSample } from './samples.ts'
import { later, type Pace, startTraffic } from './traffic.ts'

const SAMPLE_MS = 5_000
const BETWEEN_LEAPS_MS = 8_000 // in which the work of the present goes on
const LEAP_MS_MAX = 24 * 3_600_000 // so that what happens at night happens every night
const LEAP_MS_MIN = 3_600_000
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** One whole run: a runner, weather, work, rest. Everything is taken away in the end, however it ends. */
export async function soak(given: Arguments, say: (text: string) => void, signal: AbortSignal): Promise<SoakRecord> {
  const place = await openPlace(given.store, given.keep)
  if (given.keep) say(`everything stays in ${place.directory}`)
  const receiver = await openReceiver()
  const log = new LogWatch()
  let runner: SoakRunner | null = null
  try {
    await mkdir(join(place.directory, 'files'))
    runner = await startRunner({
      env: environmentOf(given, place, receiver),
      logFile: join(place.directory, 'runner.log'),
      onLine: (line) => log.read(line),
    })
    place.began(runner.pid)
    say(`a runner on ${place.databaseUrl === null ? 'the embedded store' : 'a server'} listens at ${runner.url}`)
    return await play({ given, place, receiver, log, runner, say, signal })
  } finally {
    await runner?.stop()
    await receiver.close()
    await place.close()
  }
}

interface Stage {
  readonly given: Arguments
  readonly place: Place
  readonly receiver: Receiver
  readonly log: LogWatch
  readonly runner: SoakRunner
  readonly say: (text: string) => void
  readonly signal: AbortSignal
}

async function play({ given, place, receiver, log, runner, say, signal }: Stage): Promise<SoakRecord> {
  const begunMs = Date.now()
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  const client = new Client(runner.url)
  const asker = new Client(runner.url)
  const pace = { leaping: false, collecting: false }
  const traffic = await startTraffic({ client, random: seededRandom(given.seed), signal: both, pace, say })
  const health = watchHealth(asker, pace, both)
  const file = createWriteStream(join(place.directory, 'samples.jsonl'))
  const samples: Sample[] = []
  const sampling = (async () => {
    while (!both.aborted && runner.end === null) {
      const sample = await takeSample(runner, join(place.directory, 'files'), begunMs, pace).catch((cause: unknown) => {
        say(`sample: ${String(cause)}`)
        return null
      })
      if (sample !== null) {
        samples.push(sample)
        file.write(`${JSON.stringify(sample)}\n`)
        if (samples.length % 12 === 0) say(standingOf(sample, traffic.counts))
      }
      await later(SAMPLE_MS, both)
    }
  })()
  const endMs = begunMs + given.minutes * MINUTE_MS
  const leapt = await leap({ given, client: asker, endMs, pace, say, signal: both }, () => runner.end !== null)
  while (Date.now() < endMs && !both.aborted && runner.end === null) await later(500, both)
  over.abort()
  await Promise.all([traffic.ended, health.ended, sampling])
  const healthMs = [...health.ms]
  const failures = new Map([...client.failures, ...asker.failures])
  const calm =
    runner.end === null && !signal.aborted
      ? await comeToRest(new Client(runner.url), runner, quietOf(given), say)
      : null
  return {
    seconds: Math.round((Date.now() - begunMs) / 1_000),
    daysLeapt: leapt / DAY_MS,
    store: place.databaseUrl === null ? 'embedded' : 'server',
    end: runner.end,
    samples,
    healthMs,
    traffic: traffic.counts,
    answers: client.answers + asker.answers,
    failures: Object.fromEntries(failures),
    errors: [...log.errors.values()],
    told: log.told,
    faults: log.faults,
    incidents: runner.end === null ? await runner.query(INCIDENTS) : [],
    deliveries: [...receiver.messages.values()],
    calm,
  }
}

const INCIDENTS = `
  select fault, rule, status, count(*)::int as count, sum((outcome ->> 'changed' = 'true')::int)::int as changed
    from (select fault, diagnosis as rule, status, outcome from incidents) i
   group by fault, rule, status
   order by count(*) desc`

/** A day is a window of most alerts, and costs as much as a whole night of ticks. */
function quietOf({ days }: Arguments): number[] {
  return days > 0 ? [1, 24] : [1]
}

/** Sends the clock ahead time and again, so that the days are over when the minutes are. @returns by how much */
async function leap(
  {
    given,
    client,
    endMs,
    pace,
    say,
    signal,
  }: Pick<Stage, 'given' | 'say' | 'signal'> & {
    client: Client
    endMs: number
    pace: Pace
  },
  ended: () => boolean,
): Promise<number> {
  let [leaptMs, tookMs] = [0, BETWEEN_LEAPS_MS]
  while (leaptMs < given.days * DAY_MS && !signal.aborted && !ended()) {
    await later(BETWEEN_LEAPS_MS, signal)
    const rounds = Math.max(1, Math.floor((endMs - Date.now()) / (tookMs + BETWEEN_LEAPS_MS)))
    const leftMs = given.days * DAY_MS - leaptMs
    const ms = Math.min(leftMs, LEAP_MS_MAX, Math.max(LEAP_MS_MIN, leftMs / rounds))
    const began = Date.now()
    pace.leaping = true
    await advance(client, ms).finally(() => {
      pace.leaping = false
    })
    tookMs = Date.now() - began
    leaptMs += ms
    say(`the clock leapt by ${(ms / 3_600_000).toFixed(1)} h in ${(tookMs / 1_000).toFixed(1)} s`)
  }
  return leaptMs
}

function environmentOf({ faults, seed }: Arguments, { directory, databaseUrl }: Place, { url }: Receiver) {
  return {
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    ...(faults === '' ? {} : { HELIX_FAULTS: `seed=${seed},${faults}` }),
    HELIX_DATA_DIR: join(directory, 'data'),
    HELIX_FILES_ROOT: join(directory, 'files'),
    HELIX_TABLE_LISTS_DIR: directory,
    HELIX_ALERT_WEBHOOK_URL: url,
    // Short, so that retention has something to do within a run that leaps.
    HELIX_TASK_KEEP_DAYS: '3',
    HELIX_TASK_LOG_KEEP_DAYS: '3',
    HELIX_RECORD_KEEP_DAYS: '4',
    HELIX_AUDIT_KEEP_DAYS: '4',
  }
}

function standingOf({ at, figures }: Sample, counts: Readonly<Record<string, number>>): string {
  const mb = (name: string) => `${Math.round((figures[name] ?? 0) / 2 ** 20)} MB`
  const tasks = (counts.tasks ?? 0) + (counts.runs ?? 0) + (counts.runs_failing ?? 0)
  return `${Math.round(at)} s: ${tasks} tasks, ${counts.deleted ?? 0} deleted; rss ${mb('rss')}, heap ${mb('heap')}, ${figures.connections} connections, ${figures.incidents_open} incidents and ${figures.alerts_firing} alerts open`
}
