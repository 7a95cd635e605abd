import { describe, expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'
import { insertExecution, insertLogs, insertTask } from '../../support/store-factory.ts'

const TASKS = '/api/v0/data_pipeline/tasks'
const kit = functionKit()

interface LogsAnswer {
  data: { logs: { id: number; message: string }[]; next_cursor: string | null }
}

async function messagesOf(taskId: string, query: string): Promise<string[]> {
  const { data } = await kit.read<LogsAnswer>(`${TASKS}/${taskId}/logs?${query}`)
  return data.logs.map(({ message }) => message)
}

describe('the log of a task', () => {
  test('shows each line with its fields, oldest first', async () => {
    const { store } = kit.platform
    const taskId = await insertTask(store)
    const executionId = await insertExecution(store)
    const [first] = await insertLogs(store, taskId, [
      { message: '开始处理表: bss_business_day_data', step: 'ddl_generation', executionId, extra: { columns: 8 } },
      { message: 'second' },
    ])
    const answer = await kit.read<LogsAnswer>(`${TASKS}/${taskId}/logs`)
    expect(answer.data.logs[0]).toEqual({
      id: first,
      timestamp: '2025-06-27T14:30:52',
      level: 'INFO',
      step_name: 'ddl_generation',
      module_name: 'DDLMDGenerator',
      execution_id: executionId,
      message: '开始处理表: bss_business_day_data',
      extra_data: { columns: 8 },
    })
    expect(answer.data.logs.map(({ message }) => message).at(1)).toBe('second')
    expect(answer.data.next_cursor).toBeNull()
  })

  test('filters by exactly one level, by step and by text in any language', async () => {
    const { store } = kit.platform
    const taskId = await insertTask(store)
    await insertLogs(store, taskId, [
      { level: 'INFO', message: 'Reading film_actor', step: 'ddl_generation' },
      { level: 'WARNING', message: '空结果: 100%', step: 'sql_validation' },
      { level: 'ERROR', message: 'failed', step: 'sql_validation' },
    ])
    expect(await messagesOf(taskId, 'level=INFO')).toEqual(['Reading film_actor'])
    expect(await messagesOf(taskId, 'level=WARNING')).toEqual(['空结果: 100%'])
    expect(await messagesOf(taskId, 'step=sql_validation')).toEqual(['空结果: 100%', 'failed'])
    expect(await messagesOf(taskId, 'q=READING')).toEqual(['Reading film_actor'])
    expect(await messagesOf(taskId, `q=${encodeURIComponent('结果')}`)).toEqual(['空结果: 100%'])
    expect(await messagesOf(taskId, 'q=%25')).toEqual(['空结果: 100%'])
    expect(await messagesOf(taskId, 'level=ERROR&step=ddl_generation')).toEqual([])
  })

  test.each(['asc', 'desc'])('pages by cursor in order %s', async (order) => {
    const taskId = await insertTask(kit.platform.store)
    await insertLogs(kit.platform.store, taskId, [{}, {}, {}, {}, {}])
    const seen: string[] = []
    let cursor = ''
    do {
      const { data } = await kit.read<LogsAnswer>(`${TASKS}/${taskId}/logs?limit=2&order=${order}${cursor}`)
      seen.push(...data.logs.map(({ message }) => message))
      cursor = data.next_cursor === null ? '' : `&cursor=${data.next_cursor}`
    } while (cursor !== '')
    const lines = ['line 1', 'line 2', 'line 3', 'line 4', 'line 5']
    expect(seen).toEqual(order === 'asc' ? lines : lines.toReversed())
  })

  test.each([
    ['an unknown level', 'level=TRACE', 'level'],
    ['an unknown step', 'step=ddl_md_generation', 'step'],
    ['an unknown order', 'order=newest', 'order'],
    ['a limit past the most', 'limit=1001', 'limit'],
    ['a cursor of another list', `cursor=${btoa('["a"]').replaceAll('=', '')}`, 'cursor'],
  ])('refuses %s by its name', async (_, query, field) => {
    const taskId = await insertTask(kit.platform.store)
    const answer = await kit.send('GET', `${TASKS}/${taskId}/logs?${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', errors: [{ path: field }] })
  })

  test('is not found without its task', async () => {
    expect((await kit.send('GET', `${TASKS}/task_unknown/logs`)).status).toBe(404)
  })
})

describe('the export of a log', () => {
  test('has every line, a batch at a time, in the form of data_pipeline.log', async () => {
    const { store } = kit.platform
    const taskId = await insertTask(store)
    const lines = Array.from({ length: 2001 }, (_, index) => ({ message: `line ${index + 1}` }))
    await insertLogs(store, taskId, [...lines, { level: 'ERROR', message: '两行\n错误' }])
    const answer = await kit.send('GET', `${TASKS}/${taskId}/logs/export`)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toContain(`attachment; filename="${taskId}.log"`)
    const text = (await answer.text()).split('\n')
    expect(text).toHaveLength(2003)
    expect(text[0]).toBe('2025-06-27 14:30:52 [INFO] DDLMDGenerator: line 1')
    expect(text[2001]).toBe('2025-06-27 14:30:52 [ERROR] DDLMDGenerator: 两行 ⏎ 错误')
    expect(text[2002]).toBe('')
  })

  test('of a task without lines is empty', async () => {
    const taskId = await insertTask(kit.platform.store)
    const answer = await kit.send('GET', `${TASKS}/${taskId}/logs/export`)
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })

  test('of an unknown task is not found', async () => {
    expect((await kit.send('GET', `${TASKS}/task_unknown/logs/export`)).status).toBe(404)
  })
})
