import { setMaxListeners } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { migrate } from '../../local/drivers/migrate.ts'
import { seededRandom } from '../../shared/platform/random.ts'
import { bundle } from '../support/bundle.ts'
import type { Arguments } from './arguments.ts'
import { postTasks } from './client.ts'
import { type Cluster, type ClusterOptions, dataOf, openCluster } from './cluster.ts'
import { Fleet } from './fleet.ts'
import { freePort } from './free-port.ts'
import type { GuardMessage } from './guard.ts'
import { readJournal } from './journal.ts'
import { openGuard } from './open-guard.ts'
import { openProxy } from './proxy.ts'
import { probe, rest, watchRoom } from './rest.ts'
import { judge, type Verdict } from './verdict.ts'
import { blow, type Weather } from './weather.ts'

export interface ChaosOptions {
  readonly given: Arguments
  readonly binaries: string
  readonly user: ClusterOptions['user']
  readonly say: (text: string) => void
  readonly signal: AbortSignal
}

export interface Outcome {
  /** The line of counts. */
  readonly counts: Readonly<Record<string, number>>
  /** What should not have been, with its evidence; none on a clean run. */
  readonly violations: readonly string[]
}

const RUNNING_MAX = 40
const REST_MS_MAX = 150_000 // a lease, a leader's term, a sweep, and what is left to do

/** One whole run: a server, runners, tasks, weather, rest, verdict. Everything is taken away in the end, however it ends. */
export async function chaos(options: ChaosOptions): Promise<Outcome | null> {
  const { given, say, signal } = options
  const directory = await mkdtemp(join(tmpdir(), 'helix-chaos-'))
  const guard = openGuard()
  guard.tell({ kind: 'directory', path: directory, keep: given.keep })
  if (given.keep) say(`everything stays in ${directory}`)
  try {
    return await play(options, directory, guard.tell)
  } catch (error) {
    if (signal.aborted) return null
    throw error
  } finally {
    await guard.release()
  }
}

async function play(options: ChaosOptions, directory: string, guard: (message: GuardMessage) => void) {
  const { given, binaries, user, say, signal } = options
  await chmod(directory, 0o711) // the server's user must get through to its own folder
  const begun = Date.now()
  guard({ kind: 'cluster', binaries, user, data: dataOf(directory) })
  const cluster = await openCluster({ binaries, user, directory, port: await freePort() })
  await prepare(cluster)
  await mkdir(join(directory, 'files'))
  const members = await Promise.all(
    Array.from({ length: given.runners }, async () => ({
      proxy: await openProxy(cluster.port),
      port: await freePort(),
    })),
  )
  const fleet = new Fleet({
    directory,
    runner: await bundle(fileURLToPath(new URL('runner.ts', import.meta.url)), 'chaos-runner'),
    members,
    sourceUrl: await makeSource(cluster),
    runningMax: RUNNING_MAX,
    guard,
    say,
  })
  setMaxListeners(0, signal) // every wait ends with it
  signal.addEventListener('abort', () => fleet.close())
  say(`${given.runners} runners and a server start`)
  await fleet.start()

  const [posts, blows] = [seededRandom(given.seed), seededRandom(given.seed + 1)]
  const watch = watchRoom(cluster, RUNNING_MAX, say, signal)
  const storm = blow({ fleet, cluster, given, random: blows, say, signal })
  const posting = await postTasks(fleet, { tasks: given.tasks, overMs: given.overMs, random: posts, signal })
  say(`all ${posting.acknowledged.length} tasks are acknowledged`)
  await storm.frozen
  const weather = await storm.calm()
  say('calm: no more kills, restarts and cuts')
  await fleet.up()
  const stuck = [...(await rest(cluster, REST_MS_MAX, signal))]
  const seconds = (Date.now() - begun) / 1_000
  stuck.push(...(await probe(fleet, cluster, given.tasks, posting, signal)))
  const excess = await watch.end()
  if (signal.aborted) return null
  const journal = readJournal(fleet.members.map(({ logFile }) => logFile))
  const filesRoot = join(directory, 'files')
  const verdict = await judge({
    store: cluster,
    filesRoot,
    tasks: given.tasks,
    posting,
    journal,
    writers: fleet.writers,
  })
  fleet.close()
  const all = { ...verdict, stuck: [...stuck, ...verdict.stuck] }
  return {
    violations: violationsOf(all, weather, excess),
    counts: {
      tasks: given.tasks,
      completed: verdict.completed,
      scripted_failures: verdict.failed,
      kills: weather.kills,
      restarts: weather.restarts,
      freezes: weather.freezes,
      cuts: weather.halfOpen + weather.lostAnswers,
      half_open: weather.halfOpen,
      answers_lost: weather.lostAnswers,
      late_reports: verdict.lateReports,
      late_accepted: verdict.lateAccepted.length,
      lost: verdict.lost.length,
      twice: verdict.twice.length,
      stuck: all.stuck.length,
      takeovers: journal.rescued,
      stale_messages: journal.staleMessages,
      retried_posts: posting.retries,
      own_ends: fleet.ownEnds,
      seconds: Math.round(seconds),
    },
  }
}

function violationsOf(verdict: Verdict, weather: Weather, excess: readonly string[]): string[] {
  const named = (name: string, texts: readonly string[]) => texts.map((text) => `${name}: ${text}`)
  // A run in which nobody came late would have proved nothing.
  const idle = weather.freezes > 0 && verdict.lateReports === 0 ? ['a runner was frozen, but none reported late'] : []
  return [
    ...named('late_accepted', verdict.lateAccepted),
    ...named('lost', verdict.lost),
    ...named('twice', verdict.twice),
    ...named('stuck', verdict.stuck),
    ...named('room', excess),
    ...named('proof', idle),
  ]
}

/** Brings the store to its newest schema, and puts the witness into it. */
async function prepare(cluster: Cluster): Promise<void> {
  const pool = new pg.Pool({ connectionString: cluster.url, max: 1 })
  try {
    await migrate(pool)
    await pool.query(await readFile(new URL('witness.sql', import.meta.url), 'utf8'))
  } finally {
    await pool.end()
  }
}

/** The business database that the tasks name: small, since each task that is accepted has its catalog read once. */
async function makeSource(cluster: Cluster): Promise<string> {
  await cluster.query('create database chaos_source')
  const url = new URL(cluster.url)
  url.pathname = '/chaos_source'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query('create table orders (id integer primary key)')
  await client.end()
  return url.href
}
