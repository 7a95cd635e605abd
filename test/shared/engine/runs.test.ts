import { describe, expect, test } from 'vitest'
import { listExecutions } from '../../../shared/engine/execution.ts'
import { LEASE_MS } from '../../../shared/engine/lease.ts'
import { listOutputs } from '../../../shared/engine/outputs.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { sweepZombies } from '../../../shared/engine/sweep.ts'
import { requireTask } from '../../../shared/engine/task.ts'
import { readText } from '../../../shared/platform/files.ts'
import { deliverAll, engineKit, newRun, newTask, startOne, stepsWith } from '../../support/engine-kit.ts'
import type { ManualClock } from '../../support/manual-clock.ts'
import type { TestStore } from '../../support/test-store.ts'

const kit = engineKit()

describe('a complete run', () => {
  test('hands the work from step to step without a further message and ends completed', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const { task, run } = await newRun(platform)
    expect(run.id).toBe(`${task.id}_step_complete_exec_20250627143052`)
    expect(platform.sent).toHaveLength(1)
    expect(await deliverAll(platform)).toEqual([200])
    const done = await requireTask(kit.store, task.id)
    expect(done).toMatchObject({ status: 'completed', progress: 100, errorMessage: null })
    const executions = await listExecutions(kit.store, task.id)
    expect(executions.map(({ step, status, claim, runId }) => [step, status, claim, runId === run.id])).toEqual([
      ['ddl_generation', 'completed', 1, true],
      ['qa_generation', 'completed', 1, true],
      ['sql_validation', 'completed', 1, true],
      ['training_load', 'completed', 1, true],
    ])
  })

  test('leaves a result file, log lines in the table and the same lines in the log file', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const { task } = await newRun(platform)
    await deliverAll(platform)
    const result = JSON.parse((await readText(platform.files, `${task.id}/task_result.json`)) ?? '{}')
    expect(result).toMatchObject({ task_id: task.id, status: 'completed' })
    const { rows } = await kit.store.query<{ message: string }>(
      'select message from data_pipeline_task_logs order by id',
    )
    const file = (await readText(platform.files, `${task.id}/data_pipeline.log`)) ?? ''
    expect(rows).toHaveLength(8)
    for (const { message } of rows) expect(file).toContain(message)
    expect(file).toMatch(/^2025-06-27 14:30:52 \[INFO\] DDLMDGenerator: Step started: DDL and documents$/m)
  })

  test('feeds each change to the task’s events in order', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const { task } = await newRun(platform)
    await deliverAll(platform)
    const { rows } = await kit.store.query<{ seq: number; status: string; progress: number }>(
      `select seq, data->>'status' as status, (data->>'progress')::int as progress from task_events where task_id = $1 order by seq`,
      [task.id],
    )
    expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, index) => index + 1))
    expect(rows.map(({ progress }) => progress)).toEqual(rows.map(({ progress }) => progress).toSorted((a, b) => a - b))
    expect(rows.at(-1)).toMatchObject({ status: 'completed', progress: 100 })
  })
})

describe('messages', () => {
  test('that come twice are worked once', async () => {
    let worked = 0
    const work: StepWork = async () => {
      worked += 1
      return { result: {}, required: [] }
    }
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: work }) })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    platform.sent.push(...platform.sent)
    expect(await deliverAll(platform)).toEqual([200, 409])
    expect(worked).toBe(1)
  })

  test('that are all lost are sent again by the sweep', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    platform.sent.length = 0
    await platform.clock.advance(LEASE_MS)
    expect(await sweepZombies(platform)).toMatchObject({ resent: 1, requeued: 0 })
    expect(await deliverAll(platform)).toEqual([200])
    expect(await requireTask(kit.store, task.id)).toMatchObject({ status: 'partial_completed', progress: 40 })
    expect((await listExecutions(kit.store, task.id))[0]).toMatchObject({ attempt: 0, status: 'completed' })
  })

  test('for a task that was deleted are acknowledged as stale', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const answer = await platform.dispatch({ function: 'ddl-generation', body: { execution_id: 'gone', claim: 0 } })
    expect(answer.status).toBe(409)
  })

  test('that are no messages are poison', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    expect((await platform.dispatch({ function: 'ddl-generation', body: { claim: -1 } })).status).toBe(400)
  })
})

describe('checkpoints', () => {
  const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

  test('let a step go on where the process that was asked to stop left it', async () => {
    const worked: string[] = []
    const first = await kit.open({ workerId: 'test:1' })
    const work: StepWork = async (context) => {
      const results = await context.forEachItem(
        items,
        (item) => item,
        async (item, { writeFile }) => {
          worked.push(item)
          await writeFile(`${item}.ddl`, `-- ${item}`, { type: 'ddl' })
          if (worked.length >= 3) first.stop()
          return item.toUpperCase()
        },
      )
      return { result: { letters: results.join('') }, required: items.map((item) => `${item}.ddl`) }
    }
    const functions = stepsWith({ ddl_generation: work })
    const stopped = await kit.open({ functions, stopping: first.stopping, files: first.files })
    const task = await newTask(stopped)
    await startOne(stopped, task.id, 'ddl_generation')
    expect(await deliverAll({ ...stopped, sent: stopped.sent.splice(0, 1) })).toEqual([200])
    expect(await requireTask(kit.store, task.id)).toMatchObject({
      status: 'in_progress',
      stepStatus: { ddl_generation: 'queued' },
    })
    const before = worked.length
    expect(before).toBeLessThan(items.length)

    const second = await kit.open({ functions, workerId: 'test:2', files: first.files })
    await sweepZombies(second, 0)
    expect(await deliverAll(second)).toEqual([200])
    expect(worked.toSorted()).toEqual(items)
    const [execution] = await listExecutions(kit.store, task.id)
    expect(execution).toMatchObject({ status: 'completed', attempt: 0, claim: 2, result: { letters: 'ABCDEFGH' } })
    expect((await listOutputs(kit.store, task.id)).filter(({ fileType }) => fileType === 'ddl')).toHaveLength(
      items.length,
    )
  })

  test('get on by an item in every slice, also when getting ready takes longer than a slice', async () => {
    const worked: string[] = []
    const work: StepWork = async (context, { clock }) => {
      await (clock as ManualClock).advance(3_000)
      const options = { concurrency: 1 }
      await context.forEachItem(
        items,
        (item) => item,
        async (item) => void worked.push(item),
        options,
      )
      return { result: {}, required: [] }
    }
    const functions = stepsWith({ ddl_generation: work })
    const platform = await kit.open({ functions, env: { HELIX_SLICE_SECONDS: '2' } })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    await deliverAll(platform)
    expect(worked).toEqual(items)
    const [execution] = await listExecutions(kit.store, task.id)
    expect(execution).toMatchObject({ status: 'completed', attempt: 0 })
    expect(execution?.claim).toBeGreaterThan(items.length / 2)
  })

  test('are removed with the files by a re-run with clean_previous, and later steps are pending again', async () => {
    let round = 0
    const work: StepWork = async (context) => {
      round += 1
      const names = round === 1 ? ['old', 'both'] : ['both']
      await context.forEachItem(
        names,
        (name) => name,
        async (name, { writeFile }) => {
          await writeFile(`${name}.ddl`, `-- round ${round}`, { type: 'ddl' })
        },
      )
      return { result: { round }, required: [] }
    }
    const other: StepWork = async (context) => {
      await context.writeFile('qs_shop_pair.json', '[]', { type: 'json' })
      return { result: {}, required: [] }
    }
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: work, qa_generation: other }) })
    const { task } = await newRun(platform)
    await deliverAll(platform)
    await startOne(platform, task.id, 'ddl_generation', { clean: true })
    await deliverAll(platform)
    const names = (await listOutputs(kit.store, task.id)).map(({ fileName }) => fileName)
    expect(names).toContain('qs_shop_pair.json')
    expect(names).not.toContain('old.ddl')
    expect(await platform.files.head(`${task.id}/old.ddl`)).toBeNull()
    expect(await readText(platform.files, `${task.id}/both.ddl`)).toBe('-- round 2')
    expect(await requireTask(kit.store, task.id)).toMatchObject({
      status: 'partial_completed',
      progress: 40,
      stepStatus: { ddl_generation: 'completed', qa_generation: 'pending', training_load: 'pending' },
    })
  })

  test('lose their files only while nobody else can take the step over', async () => {
    let held = false
    const store: TestStore = {
      ...kit.store,
      transaction: (work) =>
        kit.store.transaction(async (tx) => {
          held = true
          return await work(tx).finally(() => {
            held = false
          })
        }),
    }
    const work: StepWork = async (context) => {
      await context.writeFile('old.ddl', '', { type: 'ddl' })
      return { result: {}, required: [] }
    }
    const platform = await kit.open({ functions: stepsWith({ ddl_generation: work }), store })
    const { task } = await newRun(platform)
    await deliverAll(platform)
    const remove = platform.files.delete
    const heldWhileRemoving: boolean[] = []
    platform.files.delete = async (keys) => {
      heldWhileRemoving.push(held)
      await remove(keys)
    }
    await startOne(platform, task.id, 'ddl_generation', { clean: true })
    await deliverAll(platform)
    expect(heldWhileRemoving).toEqual([true])
  })
})
