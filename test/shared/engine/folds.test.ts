import { expect, test } from 'vitest'
import { cancelTask } from '../../../shared/engine/cancel-task.ts'
import { findExecution, listExecutions } from '../../../shared/engine/execution.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { requireTask } from '../../../shared/engine/task.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { engineKit, newRun, stepsWith } from '../../support/engine-kit.ts'
import type { TestPlatform } from '../../support/test-platform.ts'

const kit = engineKit()
const TAKES_STEPS = { takesSteps: () => true }

/** A step of one item that touches nothing outside its process. */
const modest: StepWork = async (context) => {
  await context.forEachItem(
    ['item'],
    (item) => item,
    async () => context.execution.step,
  )
  return { result: { step: context.execution.step }, required: [] }
}

const MODEST = { ddl_generation: modest, qa_generation: modest, sql_validation: modest, training_load: modest }

async function statuses(platform: TestPlatform, taskId: string): Promise<string[][]> {
  return (await listExecutions(platform.store, taskId)).map(({ step, status }) => [step, status])
}

test('a run whose steps touch nothing outside their process is two statements, and leaves what four would', async () => {
  const items: unknown[] = []
  const store = {
    ...kit.store,
    together: <Answer>(statement: string, item: unknown) => {
      items.push(item)
      return kit.store.together<Answer>(statement, item)
    },
  }
  const platform = await kit.open({ ...TAKES_STEPS, store, functions: stepsWith(MODEST) })
  const { task } = await newRun(platform)
  await platform.settled()
  expect(items).toHaveLength(2)
  const executions = await listExecutions(kit.store, task.id)
  expect(
    executions.map(({ step, status, claim, progress, result }) => [step, status, claim, progress, result]),
  ).toEqual(Object.keys(MODEST).map((step) => [step, 'completed', 1, 1, { step }]))
  expect(executions.map(({ remainingSteps }) => remainingSteps.length)).toEqual([3, 2, 1, 0])
  const { rows } = await kit.store.query<{ step: string; checkpoints: number; lines: number }>(
    `select c.step, count(distinct c.item)::int as checkpoints, count(distinct l.id)::int as lines
       from task_checkpoints c
       join data_pipeline_task_logs l on l.execution_id = c.execution_id and l.step_name = c.step
      where c.task_id = $1
      group by c.step
      order by min(l.id)`,
    [task.id],
  )
  expect(rows).toEqual(Object.keys(MODEST).map((step) => ({ step, checkpoints: 1, lines: 2 })))
  expect(await requireTask(kit.store, task.id)).toMatchObject({ status: 'completed', progress: 100 })
  const told = platform.logged.map(({ event }) => event)
  expect(told.filter((event) => event === 'execution.completed')).toHaveLength(4)
  expect(told.at(-1)).toBe('task.finished')
})

test.each<[string, (...given: Parameters<StepWork>) => Promise<unknown>]>([
  ['asks the store', (_, { store }) => store.query('select 1 as one')],
  ['looks at the files', (_, { files }) => files.list('')],
  ['sends a message', ({ execution }, { queue }) => queue.send({ function: 'none', body: message(execution) })],
  ['writes a file', (context) => context.writeFile('metadata.txt', 'text', { type: 'txt' })],
  ['opens a source', (_, { sources }) => sources.open({ name: 'shop' }).catch(() => null)],
])('a step that %s waits until the store knows that it has begun', async (_, reach) => {
  let seen: unknown = null
  const reaching: StepWork = async (context, platform) => {
    await reach(context, platform)
    seen = (await findExecution(kit.store, context.execution.executionId))?.status
    return { result: {}, required: [] }
  }
  const platform = await kit.open({ ...TAKES_STEPS, functions: stepsWith({ ...MODEST, sql_validation: reaching }) })
  const { task } = await newRun(platform)
  await platform.settled()
  expect(seen).toBe('running')
  expect(await requireTask(kit.store, task.id)).toMatchObject({ status: 'completed', progress: 100 })
})

test('a run that is cancelled before its first end is written ends there, and the later steps have never been', async () => {
  const givesUp: StepWork = async (context, platform) => {
    await cancelTask(await testing, context.task.id)
    await platform.store.query('select 1 as one')
    throw new Error('What never began has gone on')
  }
  const testing = kit.open({ ...TAKES_STEPS, functions: stepsWith({ ...MODEST, qa_generation: givesUp }) })
  const platform = await testing
  const { task } = await newRun(platform)
  await platform.settled()
  expect(await statuses(platform, task.id)).toEqual([['ddl_generation', 'cancelled']])
  const { rows } = await kit.store.query<{ item: string }>('select item from task_checkpoints')
  expect(rows).toEqual([{ item: 'item' }])
  expect(await requireTask(kit.store, task.id)).toMatchObject({ status: 'cancelled' })
})

test('a step that fails at once is told of with the ends before it', async () => {
  const failing: StepWork = async () => {
    throw new Problem('invalid_pairs_file', 'Nothing can be made of it')
  }
  const platform = await kit.open({ ...TAKES_STEPS, functions: stepsWith({ ...MODEST, sql_validation: failing }) })
  const { task } = await newRun(platform)
  await platform.settled()
  expect(await statuses(platform, task.id)).toEqual([
    ['ddl_generation', 'completed'],
    ['qa_generation', 'completed'],
    ['sql_validation', 'failed'],
  ])
  expect(await requireTask(kit.store, task.id)).toMatchObject({ status: 'failed', errorCode: 'invalid_pairs_file' })
})

function message({ executionId, claim }: { executionId: string; claim: number }) {
  return { execution_id: executionId, claim }
}
