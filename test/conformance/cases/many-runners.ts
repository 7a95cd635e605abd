import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Case } from '../suite/case.ts'
import { TASKS, untilFinal } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'
import { SOURCES } from '../world.ts'

const JOBS = 4
const BUSY = 3 // a runner executes two steps at once, so that a third means that the other has work too
const PROBES = 6

/** Several runners on one store. Last, since one of them does not live to see the end. */
export const manyRunners: readonly Case[] = [
  {
    subject: 'runners',
    name: 'shares the work among its runners; when one is killed, the others finish what it had in hand',
    needs: ['many-runners'],
    last: true,
    async run(t) {
      ok((await workersOf(t)).size > 1, 'only one process took messages')
      const ids = await Promise.all(Array.from({ length: JOBS }, (_, n) => start(t, n)))
      await t.until('work for two runners', async () => (await runningOf(t, ids)) >= BUSY)
      await t.target.killOne?.()
      const ended = await Promise.all(ids.map((id) => untilFinal(t, id)))
      deepEqual(
        ended.map(({ status, progress }) => [status, progress]),
        ids.map(() => ['completed', 100]),
      )
      for (const id of ids) await eachStepOnce(t, id)
    },
  },
]

/** Which processes take messages that are sent to the one address. */
async function workersOf(t: Kit): Promise<Set<string>> {
  const probes = await Promise.all(Array.from({ length: PROBES }, () => t.play([200])))
  const seen = await Promise.all(
    probes.map((probe) => t.until(probe, async () => (await t.deliveries(probe)).at(0)?.worker)),
  )
  return new Set(seen)
}

async function start(t: Kit, n: number): Promise<string> {
  const body = { db_name: SOURCES.sample, concurrency_key: `runners-${n}` }
  const { status, body: answer } = await t.call('POST', `${TASKS}/execute-complete`, body)
  equal(status, 202, JSON.stringify(answer))
  return answer.data.task_id
}

async function runningOf(t: Kit, ids: readonly string[]): Promise<number> {
  const tasks = await Promise.all(ids.map((id) => t.call('GET', `${TASKS}/${id}`)))
  return tasks.filter(({ body }) => Object.values(body.data.step_status).includes('running')).length
}

async function eachStepOnce(t: Kit, id: string): Promise<void> {
  const { body } = await t.call('GET', `${TASKS}/${id}/executions`)
  const completed = body.data.executions.filter(({ status }: { status: string }) => status === 'completed')
  const steps = completed.map(({ step }: { step: string }) => step)
  equal(new Set(steps).size, 4, `${id} completed ${steps.join(', ')}`)
  equal(steps.length, 4, `${id} completed ${steps.join(', ')}`)
}
