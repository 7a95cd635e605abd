import { describe, expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'
import { insertExecution, insertTask } from '../../support/store-factory.ts'

const TASKS = '/api/v0/data_pipeline/tasks'
const kit = functionKit()

interface ListAnswer {
  data: { tasks: { task_id: string }[]; next_cursor: string | null }
}

async function idsOf(query: string): Promise<string[]> {
  const { data } = await kit.read<ListAnswer>(`${TASKS}?${query}`)
  return data.tasks.map(({ task_id }) => task_id)
}

describe('the list of tasks', () => {
  test('shows the fields of the specification, newest task first', async () => {
    const { store } = kit.platform
    await insertTask(store, { id: 'task_1', createdAt: new Date('2025-06-27T06:30:52Z'), progress: 40 })
    await insertTask(store, { id: 'task_2', createdAt: new Date('2025-06-27T06:30:53Z') })
    const answer = await kit.read<ListAnswer>(TASKS)
    expect(answer.data.tasks.map(({ task_id }) => task_id)).toEqual(['task_2', 'task_1'])
    expect(answer).toMatchObject({ success: true, message: '查询成功', data: { next_cursor: null } })
    expect(answer.data.tasks[1]).toMatchObject({
      task_id: 'task_1',
      task_type: 'data_workflow',
      status: 'pending',
      progress: 40,
      created_at: '2025-06-27T14:30:52',
    })
  })

  test('pages by cursor without loss or repeat, also among tasks of one moment', async () => {
    for (let number = 1; number <= 7; number++) await insertTask(kit.platform.store, { id: `task_${number}` })
    const seen: string[] = []
    let query = 'limit=3'
    for (;;) {
      const { data } = await kit.read<ListAnswer>(`${TASKS}?${query}`)
      seen.push(...data.tasks.map(({ task_id }) => task_id))
      if (data.next_cursor === null) break
      query = `limit=3&cursor=${data.next_cursor}`
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((number) => `task_${number}`))
  })

  test('filters by status, type, source, creator and text', async () => {
    const { store } = kit.platform
    await insertTask(store, { id: 'task_1', status: 'failed', taskType: 'complete_workflow', dbName: 'chinook' })
    await insertTask(store, { id: 'task_2', createdBy: 'cli', businessContext: '高速公路服务区管理系统' })
    expect(await idsOf('status=failed')).toEqual(['task_1'])
    expect(await idsOf('task_type=complete_workflow')).toEqual(['task_1'])
    expect(await idsOf('db_name=chinook')).toEqual(['task_1'])
    expect(await idsOf('created_by=cli')).toEqual(['task_2'])
    expect(await idsOf(`q=${encodeURIComponent('服务区')}`)).toEqual(['task_2'])
    expect(await idsOf('q=CHINOOK')).toEqual(['task_1'])
    expect(await idsOf('status=failed&created_by=cli')).toEqual([])
  })

  test('reads times without an offset in its own zone, and a date as the whole day', async () => {
    const { store } = kit.platform
    await insertTask(store, { id: 'task_1', createdAt: new Date('2025-06-26T15:59:59Z') }) // 23:59:59 in Shanghai
    await insertTask(store, { id: 'task_2', createdAt: new Date('2025-06-26T16:00:00Z') })
    await insertTask(store, { id: 'task_3', createdAt: new Date('2025-06-27T16:00:00Z') })
    expect(await idsOf('from=2025-06-27&to=2025-06-27')).toEqual(['task_2'])
    expect(await idsOf('to=2025-06-27T00:00:00')).toEqual(['task_1'])
    expect(await idsOf('from=2025-06-27T16:00:00Z')).toEqual(['task_3'])
  })

  test.each([
    ['an unknown status', 'status=running', 'status'],
    ['a limit of none', 'limit=0', 'limit'],
    ['a limit past the most', 'limit=201', 'limit'],
    ['a limit that is no number', 'limit=many', 'limit'],
    ['a time that is none', 'from=yesterday', 'from'],
    ['a text with a NUL', 'q=%00', 'q'],
    ['a cursor that nobody has answered', 'cursor=abc', 'cursor'],
  ])('refuses %s by its name', async (_, query, field) => {
    const answer = await kit.send('GET', `${TASKS}?${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ success: false, code: 'invalid_request', errors: [{ path: field }] })
  })
})

describe('the active task', () => {
  const active = () => kit.read<{ data: { task_id: string; current_execution: unknown } | null }>(`${TASKS}/active`)

  test('is null where no task has run', async () => {
    await insertTask(kit.platform.store)
    expect((await active()).data).toBeNull()
  })

  test('is the latest one under way, before any that has completed since', async () => {
    const { store } = kit.platform
    const at = (second: number) => new Date(Date.UTC(2025, 5, 27, 6, 31, second))
    await insertTask(store, { id: 'task_1', status: 'in_progress', startedAt: at(1) })
    await insertTask(store, { id: 'task_2', status: 'in_progress', startedAt: at(2) })
    await insertTask(store, { id: 'task_3', status: 'completed', startedAt: at(3), completedAt: at(4) })
    await insertExecution(store, { taskId: 'task_2', executionId: 'task_2_exec' })
    expect((await active()).data).toMatchObject({
      task_id: 'task_2',
      current_execution: { execution_id: 'task_2_exec', status: 'running' },
    })
  })

  test('is the latest completed one where none is under way', async () => {
    const { store } = kit.platform
    const at = (second: number) => new Date(Date.UTC(2025, 5, 27, 6, 31, second))
    await insertTask(store, { id: 'task_1', status: 'completed', completedAt: at(9) })
    await insertTask(store, { id: 'task_2', status: 'completed', completedAt: at(5) })
    expect((await active()).data).toMatchObject({ task_id: 'task_1', current_execution: null })
  })
})

describe('the executions of a task', () => {
  test('come oldest first with the fields of the specification', async () => {
    const { store } = kit.platform
    const taskId = await insertTask(store)
    await insertExecution(store, {
      status: 'completed',
      createdAt: new Date('2025-06-27T06:30:53Z'),
      completedAt: new Date('2025-06-27T06:35:20.900Z'),
      filesCleaned: true,
    })
    await insertExecution(store, { step: 'qa_generation', createdAt: new Date('2025-06-27T06:35:21Z') })
    const answer = await kit.read<{ data: { executions: unknown[] } }>(`${TASKS}/${taskId}/executions`)
    expect(answer.data.executions).toMatchObject([
      {
        execution_id: `${taskId}_step_ddl_generation_exec_20250627143053`,
        step: 'ddl_generation',
        status: 'completed',
        started_at: '2025-06-27T14:30:53',
        completed_at: '2025-06-27T14:35:20',
        duration: 267,
        force_executed: false,
        files_cleaned: true,
      },
      { step: 'qa_generation', status: 'running', completed_at: null, files_cleaned: false },
    ])
  })

  test('are not found without their task', async () => {
    const answer = await kit.send('GET', `${TASKS}/task_unknown/executions`)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'task_not_found' })
  })
})
