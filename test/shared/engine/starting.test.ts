import { describe, expect, test } from 'vitest'
import { memoryFiles } from '../../../local/testing/memory-files.ts'
import { cancelTask } from '../../../shared/engine/cancel-task.ts'
import { deleteTask } from '../../../shared/engine/delete-task.ts'
import { listExecutions } from '../../../shared/engine/execution.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { deliverAll, engineKit, newRun, newTask, startOne, stepsWith } from '../../support/engine-kit.ts'
import { NOW } from '../../support/execution-factory.ts'

const kit = engineKit()
const otherFiles = () => memoryFiles({ root: 'elsewhere', now: () => NOW })

describe('starting', () => {
  test('a second step of a task is refused while one is under way', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const task = await newTask(platform)
    await startOne(platform, task.id, 'ddl_generation')
    await expect(startOne(platform, task.id, 'ddl_generation')).rejects.toMatchObject({ code: 'step_running' })
  })

  test('a step whose dependency is unmet is refused by name, unless it is forced', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const task = await newTask(platform)
    await expect(startOne(platform, task.id, 'sql_validation')).rejects.toMatchObject({
      code: 'step_dependency_unmet',
      message: expect.stringContaining('qa_generation'),
    })
    const forced = await startOne(platform, task.id, 'sql_validation', { force: true })
    expect(forced.execution).toMatchObject({ status: 'running', forceExecuted: true })
  })

  test('any second task is refused in serial mode', async () => {
    const platform = await kit.open({ functions: stepsWith(), env: { HELIX_CONCURRENCY_MODE: 'serial' } })
    const [one, other] = [await newTask(platform), await newTask(platform, { source: 'other' })]
    await startOne(platform, one.id, 'ddl_generation')
    await expect(startOne(platform, other.id, 'ddl_generation')).rejects.toMatchObject({ code: 'concurrent_task' })
    expect(await listExecutions(kit.store, other.id)).toEqual([])
  })

  test('a second task of a source waits in mixed mode, by priority, and starts when the first has ended', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const [first, low, high, elsewhere] = [
      await newRun(platform),
      await newRun(platform, { priority: -1 }),
      await newRun(platform, { priority: 5 }),
      await newRun(platform, { source: 'other' }),
    ]
    const runs = [first, low, high, elsewhere]
    expect(runs.map(({ run }) => run.status)).toEqual(['running', 'queued', 'queued', 'running'])
    const order: string[] = []
    await deliverAll(platform)
    for (const { event, fields } of platform.logged) if (event === 'task.finished') order.push(String(fields.taskId))
    expect(order.filter((id) => id !== elsewhere.task.id)).toEqual([first.task.id, high.task.id, low.task.id])
  })

  test('at most as many tasks run as the setting says, in parallel mode', async () => {
    const env = { HELIX_CONCURRENCY_MODE: 'parallel', HELIX_MAX_RUNNING_TASKS: '2' }
    const platform = await kit.open({ functions: stepsWith(), env })
    const statuses = []
    for (let count = 0; count < 4; count += 1) statuses.push((await newRun(platform)).run.status)
    expect(statuses).toEqual(['running', 'running', 'queued', 'queued'])
    await deliverAll(platform)
    const { rows } = await kit.store.query<{ status: string }>('select distinct status from data_pipeline_tasks')
    expect(rows).toEqual([{ status: 'completed' }])
  })
})

describe('tasks', () => {
  test('of the same second get ids of their own', async () => {
    const platform = await kit.open()
    const ids = []
    for (let count = 0; count < 4; count += 1) ids.push((await newTask(platform)).id)
    expect(ids).toEqual([
      'task_20250627_143052',
      'task_20250627_143052_2',
      'task_20250627_143052_3',
      'task_20250627_143052_4',
    ])
  })

  test('get ids also when many begin at once in a second of which another process, with files of its own, took many', async () => {
    const count = 60 // more than one of them may try
    const elsewhere = await kit.open({ files: otherFiles() })
    for (let number = 1; number <= count; number += 1) await newTask(elsewhere)
    const platform = await kit.open({ files: otherFiles() })
    const made = await Promise.all(Array.from({ length: count }, () => newTask(platform)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(count)
    expect((await kit.store.query('select from data_pipeline_tasks')).rowCount).toBe(2 * count)
  })

  test('whose directory can’t be written are not created', async () => {
    const whole = await kit.open()
    const files = {
      ...whole.files,
      put: async () => {
        throw new Problem('files_unavailable', 'the disk is full')
      },
    }
    const platform = await kit.open({ files })
    await expect(newTask(platform)).rejects.toMatchObject({ code: 'files_unavailable' })
    expect((await kit.store.query('select from data_pipeline_tasks')).rowCount).toBe(0)
  })

  test('that wait are cancelled at once, and those that have ended can’t be', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    await newRun(platform)
    const { task: second } = await newRun(platform)
    expect(await cancelTask(platform, second.id)).toMatchObject({ requested: false, task: { status: 'cancelled' } })
    await expect(cancelTask(platform, second.id)).rejects.toMatchObject({ code: 'task_final' })
  })

  test('are deleted with all their rows and files, but not while they run', async () => {
    const platform = await kit.open({ functions: stepsWith() })
    const { task } = await newRun(platform)
    await expect(deleteTask(platform, task.id)).rejects.toMatchObject({ code: 'step_running' })
    await deliverAll(platform)
    expect(await deleteTask(platform, task.id)).toBe(3)
    expect(await platform.files.list(task.id)).toMatchObject({ files: [] })
    expect((await kit.store.query('select from data_pipeline_task_logs')).rowCount).toBe(0)
  })
})
