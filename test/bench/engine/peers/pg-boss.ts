import {
  type Contender,
  type ContenderOptions,
  type OpenContender,
  STEP_RESULT,
  STEPS_PER_WORKFLOW,
} from '../contender.ts'
import { importPeer } from './import-peer.ts'
import { Waiting } from './waiting.ts'

interface Job {
  readonly id: string
  readonly data: { readonly workflow: number }
}

interface Boss {
  on(event: 'error', handler: (error: Error) => void): void
  start(): Promise<unknown>
  stop(options: object): Promise<void>
  createQueue(name: string): Promise<void>
  send(name: string, data: object): Promise<unknown>
  insert(jobs: readonly object[]): Promise<unknown>
  fetch(name: string, options: object): Promise<Job[]>
  complete(name: string, ids: readonly string[], data?: object): Promise<unknown>
}

const BATCH_MAX = 50 // jobs of one fetch
const nameOf = (step: number) => `step_${step}`

/**
 * pg-boss: a queue per step, each job enqueues the next. Its workers look twice a second at most, so the bench fetches
 * with its own calls whenever there is work, never waiting for an interval. Jobs are fetched together and end each for itself,
 * as they must where one may fail while another succeeds.
 */
export const openPgBoss: OpenContender = (options) => open(options, false)

/** The same where all jobs of a batch share one fate: what pg-boss can do at most, with less than a workflow is promised. */
export const openPgBossInBatches: OpenContender = (options) => open(options, true)

async function open({ url, peersDir }: ContenderOptions, sharedFate: boolean): Promise<Contender> {
  const { default: PgBoss } = await importPeer<{ default: new (options: object) => Boss }>(peersDir, 'pg-boss')
  const boss = new PgBoss({ connectionString: url, max: 20 })
  boss.on('error', (error) => {
    throw error
  })
  await boss.start()
  const waiting = new Waiting()
  const ready = Array.from({ length: STEPS_PER_WORKFLOW + 1 }, () => 0)
  const busy = new Set<number>()

  const kick = (step: number, count: number) => {
    ready[step] = (ready[step] ?? 0) + count
    if (!busy.has(step)) void drain(step)
  }
  const drain = async (step: number) => {
    busy.add(step)
    while ((ready[step] ?? 0) > 0) {
      const jobs = await boss.fetch(nameOf(step), { batchSize: BATCH_MAX })
      ready[step] = (ready[step] ?? 0) - jobs.length
      if (sharedFate && jobs.length > 0) await work(step, jobs)
      else for (const job of jobs) void work(step, [job])
    }
    busy.delete(step)
  }
  const work = async (step: number, jobs: readonly Job[]) => {
    const next = step + 1
    if (next <= STEPS_PER_WORKFLOW) await boss.insert(jobs.map(({ data }) => ({ name: nameOf(next), data })))
    const completed = boss.complete(
      nameOf(step),
      jobs.map(({ id }) => id),
      STEP_RESULT,
    )
    if (next <= STEPS_PER_WORKFLOW) kick(next, jobs.length)
    await completed
    if (next > STEPS_PER_WORKFLOW) for (const { data } of jobs) waiting.tell(data.workflow)
  }

  for (let step = 1; step <= STEPS_PER_WORKFLOW; step += 1) await boss.createQueue(nameOf(step))
  return {
    run: () =>
      waiting.run(async (workflow) => {
        await boss.send(nameOf(1), { workflow })
        kick(1, 1)
      }),
    close: () => boss.stop({ graceful: true, wait: true }),
  }
}
