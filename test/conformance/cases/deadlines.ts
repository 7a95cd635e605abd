import { deepEqual, equal, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import { TASKS } from '../suite/job.ts'
import { SOURCES } from '../world.ts'

const INVOCATION_MS_MAX = 15 * 60_000

/** The time that a platform leaves. */
export const deadlines = casesOf(
  'deadlines',
  [
    'tells a step when its invocation will be ended, if it will',
    async (t) => {
      const probe = await t.play([200])
      const [seen] = await t.until('the delivery', async () => {
        const found = await t.deliveries(probe)
        return found.length > 0 && found
      })
      if (seen === undefined || seen.deadline === null) return
      const left = new Date(seen.deadline).getTime() - new Date(seen.at).getTime()
      ok(left > 0 && left <= INVOCATION_MS_MAX, `${left} ms were left`)
    },
  ],
  [
    'goes on with a step in slices until it is done, as one attempt',
    async (t) => {
      const created = await t.call('POST', TASKS, { db_name: SOURCES.slow })
      const id: string = created.body.data.task_id
      for (const step of ['ddl_generation', 'qa_generation']) {
        equal((await t.call('POST', `${TASKS}/${id}/execute`, { step })).status, 202)
        await t.until(`${step} to end`, async () => {
          const { step_status } = (await t.call('GET', `${TASKS}/${id}`)).body.data
          return step_status[step] === 'completed'
        })
      }
      const sliced = new RegExp(`"event":"execution.sliced".*"execution_id":"${id}_step_qa_generation`)
      ok(sliced.test(t.target.output()), 'no step was sliced')
      const { body } = await t.call('GET', `${TASKS}/${id}/executions`)
      deepEqual(
        body.data.executions.map(({ status, attempt }: Record<string, unknown>) => [status, attempt]),
        Array.from({ length: 2 }, () => ['completed', 0]),
      )
    },
  ],
)
