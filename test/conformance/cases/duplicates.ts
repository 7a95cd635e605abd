import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Case, casesOf } from '../suite/case.ts'
import { filesOf, TASKS, untilFinal } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'
import { SOURCES } from '../world.ts'

const STEPS = ['ddl-generation', 'qa-generation', 'sql-validation', 'training-load']

/** Messages that come more than once, or in the wrong order. */
export const duplicates: readonly Case[] = [
  ...casesOf('duplicates', [
    'delivers every copy of a message',
    async (t) => {
      const probe = await t.play([200], { copies: 3 })
      await t.until('three deliveries', async () => (await t.deliveries(probe)).length >= 3)
      equal((await t.deliveries(probe)).length, 3)
    },
  ]),
  ...casesOf('duplicates', [
    'does a step once, however often and in whatever order its messages come',
    async (t) => {
      const created = await t.call('POST', TASKS, { db_name: SOURCES.sample, concurrency_key: t.name('own') })
      const id: string = created.body.data.task_id
      const { body } = await t.call('POST', `${TASKS}/${id}/execute`, { step: 'ddl_generation' })
      const execution_id: string = body.data.execution_id
      const claims = [3, 2, 1, 0]
      await t.send(
        claims.map((claim) => ({ message: { function: 'ddl-generation', body: { execution_id, claim } }, copies: 3 })),
      )
      const [execution] = await t.until('the step to end', async () => {
        const found = await executionsOf(t, id)
        return found.every(({ status }) => status === 'completed') && found
      })
      deepEqual([execution?.step, execution?.attempt], ['ddl_generation', 0])
      const files = (await filesOf(t, id)).map(({ file_name }) => file_name)
      equal(new Set(files).size, files.length)
      equal((await executionsOf(t, id)).length, 1)
    },
  ]),
  {
    subject: 'duplicates',
    name: 'changes nothing of a finished task when all its messages come again, last step first',
    last: true,
    async run(t) {
      const { id } = await t.job('sample')
      await untilFinal(t, id)
      const before = await stateOf(t, id)
      const executions = await executionsOf(t, id)
      const messages = executions.toReversed().flatMap(({ execution_id, step }) => {
        const name = STEPS.find((candidate) => candidate === step.replace('_', '-')) ?? ''
        return [1, 0, 2].map((claim) => ({ message: { function: name, body: { execution_id, claim } }, copies: 2 }))
      })
      ok(messages.length >= 4 * 3)
      await t.send(messages)
      const probe = await t.play([200]) // sent after them
      await t.until('the queue to get through', async () => (await t.deliveries(probe)).length === 1)
      await t.quiet(2)
      deepEqual(await stateOf(t, id), before)
    },
  },
]

interface Execution {
  readonly execution_id: string
  readonly step: string
  readonly status: string
  readonly attempt: number
}

async function executionsOf(t: Kit, id: string): Promise<readonly Execution[]> {
  return (await t.call('GET', `${TASKS}/${id}/executions`)).body.data.executions
}

async function stateOf(t: Kit, id: string): Promise<unknown> {
  return {
    task: (await t.call('GET', `${TASKS}/${id}`)).body.data,
    executions: await executionsOf(t, id),
    files: await filesOf(t, id),
  }
}
