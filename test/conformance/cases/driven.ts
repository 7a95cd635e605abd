import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Message } from '../../../shared/platform/queue.ts'
import type { Case } from '../suite/case.ts'
import type { DrivenQueue } from '../suite/drive.ts'
import { filesOf, type Job, TASKS, untilFinal } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'

const SEED = 288 // it hits probes with every fault, and loses a message of the main job
const TASK_COUNT = 2
const TICK_SECONDS = 5
const TICK = '* * * * *' // the sweep sends again what was lost
const SETTLED_SECONDS_MAX = 600 // each lost message costs the half minute after which the sweep misses it
/** What the same work always writes, byte for byte; logs and reports tell times. */
const REPEATABLE = /\.ddl$|_detail\.md$|_pair\.json$|training_data\.jsonl$/
/** What each probe answers, the last one for ever. */
const SCRIPTS: readonly (readonly unknown[])[] = [[200], [500, 200], [422], [400], [500], ['throw'], [409], [500, 422]]

/** All that is left when a run is over, without what differs between two runs of the same. */
interface FinalState {
  readonly tasks: readonly unknown[]
  /** By probe: the reasons of its dead letters. */
  readonly dead: Readonly<Record<string, readonly string[]>>
}

/** The state in which each target of this run of the suite ended. */
const ends: FinalState[] = []

/** One network, by one seed, in front of every platform. */
export const driven: readonly Case[] = [
  {
    subject: 'duplicates',
    name: 'ends in the same state as every platform on a network that loses, doubles, delays and reorders by one seed',
    needs: ['driven'],
    last: true,
    async run(t) {
      const sound = await t.job('sample')
      const { drive } = t.target
      if (drive === undefined) throw new Error('The target lacks nothing, and can not be driven')
      await using queue = await drive(SEED)
      const before = await queue.counts()
      const probes = SCRIPTS.map((_, index) => `driven-${index + 1}`)
      await t.send(
        probes.map((execution_id, index) => ({
          message: { function: 'conformance-probe', body: { execution_id, claim: 1, script: SCRIPTS[index] } },
        })),
      )
      const jobs: Job[] = []
      for (let number = 1; number <= TASK_COUNT; number++) jobs.push(await startJob(t, sound.source))
      const tasks = await settled(t, jobs, queue)
      const { lost, duplicated, delayed, reordered } = await queue.counts()
      for (const [name, count, earlier] of [
        ['lost', lost, before.lost],
        ['doubled', duplicated, before.duplicated],
        ['delayed', delayed, before.delayed],
        ['reordered', reordered, before.reordered],
      ] as const) {
        ok(count > earlier, `nothing was ${name}`)
      }
      const end: FinalState = { tasks, dead: await deadOf(queue, probes) }
      const wanted = await stateOf(t, sound)
      for (const task of end.tasks) deepEqual(task, wanted)
      ok(Object.values(end.dead).flat().includes('HTTP 422'))
      ends.push(end)
      for (const other of ends) deepEqual(end, other)
    },
  },
]

async function startJob(t: Kit, source: string): Promise<Job> {
  const body = { db_name: source, concurrency_key: t.name('driven') }
  const started = await t.call('POST', `${TASKS}/execute-complete`, body)
  equal(started.status, 202, JSON.stringify(started.body))
  return { id: started.body.data.task_id, source, task: null }
}

/** Waits until every task is final and no message is left, while the schedule goes on. */
async function settled(t: Kit, jobs: readonly Job[], queue: DrivenQueue): Promise<unknown[]> {
  let over = false
  const ticking = (async () => {
    while (!over) {
      await t.quiet(TICK_SECONDS)
      if (!over) await t.target.fire(TICK)
    }
  })()
  try {
    for (const { id } of jobs) await untilFinal(t, id, SETTLED_SECONDS_MAX)
    await t.until('all messages to be settled', async () => (await queue.depth()) === 0, SETTLED_SECONDS_MAX)
  } finally {
    over = true
    await ticking
  }
  return await Promise.all(jobs.map((job) => stateOf(t, job)))
}

async function stateOf(t: Kit, { id }: Pick<Job, 'id'>): Promise<unknown> {
  const { status, progress, step_status, error_message } = await untilFinal(t, id)
  const executions: readonly Record<string, unknown>[] = (await t.call('GET', `${TASKS}/${id}/executions`)).body.data
    .executions
  const files = (await filesOf(t, id)).map(({ file_name, content_hash }) => [
    file_name.replaceAll(id, '{task}'),
    REPEATABLE.test(file_name) ? content_hash : null,
  ])
  return {
    task: { status, progress, step_status, error_message },
    steps: executions.map((one) => `${one.step} ${one.status}`).toSorted(),
    files: files.toSorted(([one], [other]) => String(one).localeCompare(String(other))),
  }
}

async function deadOf(queue: DrivenQueue, probes: readonly string[]): Promise<Record<string, readonly string[]>> {
  const letters = await queue.dead()
  const isOf = (message: Partial<Message>, probe: string) => message.body?.execution_id === probe // others left garbage
  const reasonsOf = (probe: string) => letters.filter(({ message }) => isOf(message, probe))
  return Object.fromEntries(
    probes.map((probe) => [
      probe,
      reasonsOf(probe)
        .map(({ reason }) => reason.replaceAll(/\d{4,}/g, '…'))
        .toSorted(),
    ]),
  )
}
