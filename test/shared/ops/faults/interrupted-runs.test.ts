import { beforeEach, describe, expect, test } from 'vitest'
import type { StepName } from '../../../../shared/engine/pipeline.ts'
import type { StepWork } from '../../../../shared/engine/run-step.ts'
import { budgetedPlatform } from '../../../../shared/ops/errors/budgeted-platform.ts'
import { ErrorBudgets } from '../../../../shared/ops/errors/error-budgets.ts'
import { interruptedRun } from '../../../../shared/ops/faults/interrupted-run.ts'
import { llmUnreachable } from '../../../../shared/ops/faults/llm-unreachable.ts'
import { REPAIRS } from '../../../../shared/ops/repairs/all.ts'
import { Problem } from '../../../../shared/platform/problems.ts'
import type { Source } from '../../../../shared/platform/source.ts'
import {
  deliverAll,
  engineKit,
  newRun,
  newTask,
  newWorkflowRun,
  nodesWith,
  startOne,
  stepsWith,
} from '../../../support/engine-kit.ts'
import { awayLlm, incidentsIn, Killed, mortal, round } from '../../../support/incident-kit.ts'
import { sourcesOf, type TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
const answering = { readOnly: async () => ({ rows: [], rowCount: 0 }), [Symbol.asyncDispose]: async () => undefined }
const away = new Set<string>()
const worked: string[] = []
let platform: TestPlatform

beforeEach(async () => {
  away.clear()
  worked.splice(0)
  platform = await kit.open({
    functions: [...stepsWith({ ddl_generation: walk, qa_generation: walk }), ...nodesWith({ ask: walk })],
    sources: sourcesOf(['shop', 'bar', 'inn', 'pub', 'zoo'].map((name) => ({ name, open: () => open(name) }))),
  })
})

async function open(name: string): Promise<Source> {
  if (away.has(name)) throw new Problem('source_unreachable', `The source "${name}" does not answer`)
  return answering as unknown as Source
}

/** Two items, of which the second needs the source. */
const walk: StepWork = async (context, on) => {
  await context.forEachItem(
    ['one', 'two'],
    (item) => item,
    async (item) => {
      if (item === 'two') await (await on.sources.open({ name: context.task.dbName }))[Symbol.asyncDispose]()
      worked.push(`${context.task.dbName} ${context.execution.step} ${item}`)
      return { value: item }
    },
  )
  return { result: {}, required: [] }
}

const check = () => round(platform, REPAIRS, [interruptedRun])
const incidents = () => incidentsIn(kit.store)

async function statuses(): Promise<string[]> {
  const { rows } = await kit.store.query<{ status: string }>('select status from data_pipeline_tasks order by id')
  return rows.map(({ status }) => status)
}

async function executions(): Promise<number> {
  const { rows } = await kit.store.query<{ n: number }>('select count(*)::int as n from data_pipeline_task_executions')
  return rows[0]?.n ?? 0
}

/** A run that fails since its source is away. */
async function interrupted(source = 'shop'): Promise<string> {
  away.add(source)
  const { task } = await newRun(platform, { source })
  await deliverAll(platform)
  return task.id
}

describe('a run that failed while its source was away', () => {
  test('goes on from its checkpoints once the source is back, and the log of the task says why', async () => {
    const id = await interrupted()
    expect(await check()).toMatchObject({ ill: 0 })
    expect(await statuses()).toEqual(['failed'])
    away.clear()
    await check()
    await deliverAll(platform)
    expect(await statuses()).toEqual(['completed'])
    expect(worked.filter((line) => line === 'shop ddl_generation one')).toHaveLength(1)
    expect(await incidents()).toMatchObject([
      { fault: 'interrupted_run', target: 'source:shop', status: 'verified', rule: 'outage-over', facts: { count: 1 } },
    ])
    const { rows } = await kit.store.query(`select message from data_pipeline_task_logs where module_name = 'Repair'`)
    expect(rows).toEqual([{ message: expect.stringContaining('What was away is back') }])
    const audit = await kit.store.query(`select before ->> 'taskId' as task from audit_log where before is not null`)
    expect(audit.rows).toEqual([{ task: id }])
    expect(await check()).toMatchObject({ ill: 0 })
  })

  test('is left alone where somebody has gone on with it meanwhile', async () => {
    const id = await interrupted()
    away.clear()
    await round({ ...platform, sent: [] }, REPAIRS, [])
    const counts = await round({ ...platform, queue: { send: async () => undefined } }, REPAIRS, [interruptedRun])
    expect(counts).toMatchObject({ ill: 1, sent: 1 })
    await startOne(platform, id, 'ddl_generation')
    await deliverAll(platform)
    const before = await executions()
    await platform.clock.advance(61_000)
    await check()
    await deliverAll(platform)
    expect(await executions()).toBe(before)
    expect(await incidents()).toMatchObject([{ status: 'verified', outcome: { changed: false } }])
  })

  test('rests longer each time it is interrupted again, and is a person’s after the fourth', async () => {
    await interrupted()
    for (const minutes of [0, 10, 60, 360]) {
      away.clear()
      if (minutes > 0) {
        await platform.clock.advance((minutes - 1) * 60_000)
        expect(await check(), `a minute before ${minutes}`).toMatchObject({ ill: 0 })
        await platform.clock.advance(60_000)
      }
      expect(await check(), `after ${minutes} minutes`).toMatchObject({ ill: 1 })
      expect(await statuses()).toEqual(['in_progress'])
      away.add('shop')
      await deliverAll(platform)
    }
    away.clear()
    await platform.clock.advance(24 * 60 * 60_000)
    expect(await check()).toMatchObject({ ill: 0 })
    expect(await statuses()).toEqual(['failed'])
  })

  test('goes on with no more than the single step that was asked for, and not with one out of its order', async () => {
    const [one, two] = [await newTask(platform), await newTask(platform, { source: 'bar' })]
    away.add('shop').add('bar')
    await startOne(platform, one.id, 'ddl_generation')
    await startOne(platform, two.id, 'qa_generation' satisfies StepName, { force: true })
    await deliverAll(platform)
    away.clear()
    await check()
    await deliverAll(platform)
    expect(await statuses()).toEqual(['partial_completed', 'failed'])
  })

  test('is one of many that go on at once: that all are ill is no storm', async () => {
    for (const source of ['shop', 'bar', 'inn', 'pub', 'zoo']) await interrupted(source)
    away.clear()
    expect(await check()).toMatchObject({ ill: 5, braked: false })
    await deliverAll(platform)
    expect(new Set(await statuses())).toEqual(new Set(['completed']))
  })

  test('goes on at the node that failed where it runs a workflow', async () => {
    away.add('shop')
    await newWorkflowRun(platform, { first: [], ask: ['first'] })
    await deliverAll(platform)
    expect(await statuses()).toEqual(['failed'])
    away.clear()
    await check()
    await deliverAll(platform)
    expect(await statuses()).toEqual(['completed'])
    expect(worked.filter((line) => line.endsWith('one'))).toHaveLength(1)
  })

  test('goes on where it failed because the source was given a rest', async () => {
    const budgets = new ErrorBudgets()
    const rest = `update error_budgets set probe_at = $1::timestamptz + interval '1 hour' where state <> 'closed'`
    const onBudget: StepWork = async (context, on) => {
      await kit.store.query(rest, [on.clock.now()])
      return await walk(context, budgetedPlatform(on, budgets))
    }
    platform = await kit.open({
      functions: stepsWith({ ddl_generation: onBudget }),
      sources: platform.sources,
    })
    await interrupted()
    await interrupted()
    const { rows } = await kit.store.query('select error_code from data_pipeline_tasks order by id')
    expect(rows[1]).toEqual({ error_code: 'component_degraded' })
    away.clear()
    await check()
    await deliverAll(platform)
    expect(await incidents()).toMatchObject([{ target: 'source:shop', facts: { count: 2 } }])
  })
})

test('a run that failed for another reason is not touched', async () => {
  platform = await kit.open({
    functions: stepsWith({
      ddl_generation: async () => {
        throw new Problem('invalid_request', 'The table list is empty')
      },
    }),
    sources: platform.sources,
  })
  await newRun(platform)
  await deliverAll(platform)
  expect(await check()).toMatchObject({ ill: 0 })
  expect(await statuses()).toEqual(['failed'])
})

test('runs that a model has ended go on when it is called again, not while it is given a rest', async () => {
  const llm = awayLlm()
  const budgets = new ErrorBudgets()
  platform = await kit.open({
    llm,
    functions: stepsWith({
      qa_generation: async (_, on) => {
        await budgetedPlatform(on, budgets).llm?.complete({} as never)
        return { result: {}, required: [] }
      },
    }),
  })
  await newRun(platform)
  await deliverAll(platform)
  const whole = { ...budgetedPlatform(platform, budgets), sent: platform.sent }
  const both = () => round(whole, REPAIRS, [llmUnreachable, interruptedRun])
  await both()
  expect(await incidents()).toMatchObject([{ fault: 'llm_unreachable' }])
  llm.fails = false
  for (let checks = 0; checks < 3 && (await statuses())[0] === 'failed'; checks++) {
    await platform.clock.advance(61_000)
    await both()
  }
  await deliverAll(platform)
  expect((await incidents()).map(({ fault, status }) => [fault, status])).toEqual([
    ['interrupted_run', 'verified'],
    ['llm_unreachable', 'verified'],
  ])
  expect(await statuses()).toEqual(['completed'])
})

test.each(['before', 'after'] as const)('whoever is killed %s any call, each run goes on once', async (when) => {
  const ids = [await interrupted(), await interrupted()]
  away.clear()
  const before = await executions()
  const { rows: failed } = await kit.store.query<{ id: string; step_status: object; completed_at: Date }>(
    'select id, step_status, completed_at from data_pipeline_tasks',
  )
  let survived = false
  for (let calls = 0; !survived; calls++) {
    survived = await round(mortal(platform, calls, when, 'test:mortal'), REPAIRS, [interruptedRun]).then(
      () => true,
      (thrown: unknown) => {
        if (thrown instanceof Killed) return false
        throw thrown
      },
    )
    for (let rounds = 0; rounds < 3; rounds++) {
      await platform.clock.advance(61_000)
      await check()
    }
    expect(await executions(), `killed at call ${calls}`).toBe(before + ids.length)
    expect(calls).toBeLessThan(100)
    await kit.store.query('delete from incidents')
    await kit.store.query(`delete from data_pipeline_task_executions where status <> 'failed'`)
    for (const { id, step_status, completed_at } of failed)
      await kit.store.query(
        `update data_pipeline_tasks
            set status = 'failed', error_code = 'source_unreachable', step_status = $2, completed_at = $3
          where id = $1`,
        [id, JSON.stringify(step_status), completed_at],
      )
  }
})
