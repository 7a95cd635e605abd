import { describe, expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'
import { insertExecution, insertTask, putOutput } from '../../support/store-factory.ts'

const TASKS = '/api/v0/data_pipeline/tasks'
const kit = functionKit()

interface PairsAnswer {
  data: { pairs: { id: string; question: string }[]; total: number; next_cursor: string | null }
}

const PAIRS = [
  {
    id: 'p1',
    question: '有多少个服务区？',
    sql: 'select count(*) from area',
    hardness: 'easy',
    status: 'valid',
    rows: 1,
  },
  { id: 'p2', question: 'List the Merchants', sql: 'select * from merchant', hardness: 'easy', status: 'generated' },
  {
    id: 'p3',
    question: '每个服务区的收入',
    sql: 'select a, sum(b) from c group by a',
    hardness: 'hard',
    status: 'valid',
  },
]

async function taskWithPairs(): Promise<{ taskId: string; fileName: string }> {
  const { platform } = kit
  const taskId = await insertTask(platform.store)
  const fileName = `qs_highway_db_${taskId}_pair.json`
  const executionId = await insertExecution(platform.store, { step: 'qa_generation', status: 'completed' })
  const owner = { step: 'qa_generation', executionId } as const
  await putOutput(platform, taskId, fileName, JSON.stringify(PAIRS), { type: 'json', primary: true, ...owner })
  return { taskId, fileName }
}

async function idsOf(taskId: string, query: string): Promise<string[]> {
  return (await kit.read<PairsAnswer>(`${TASKS}/${taskId}/pairs?${query}`)).data.pairs.map(({ id }) => id)
}

const edit = (taskId: string, pair: string, body: unknown) =>
  kit.send('PATCH', `${TASKS}/${taskId}/pairs/${pair}`, { body })

describe('the pairs of a task', () => {
  test('come in the order of their file, with how many there are', async () => {
    const { taskId } = await taskWithPairs()
    const { data } = await kit.read<PairsAnswer>(`${TASKS}/${taskId}/pairs`)
    expect(data.pairs).toMatchObject(PAIRS)
    expect(data).toMatchObject({ total: 3, next_cursor: null })
  })

  test('are none before they are generated', async () => {
    const taskId = await insertTask(kit.platform.store)
    expect((await kit.read<PairsAnswer>(`${TASKS}/${taskId}/pairs`)).data).toEqual({
      pairs: [],
      total: 0,
      next_cursor: null,
    })
  })

  test('can be searched by question and SQL, and filtered by status and hardness', async () => {
    const { taskId } = await taskWithPairs()
    expect(await idsOf(taskId, `q=${encodeURIComponent('服务区')}`)).toEqual(['p1', 'p3'])
    expect(await idsOf(taskId, 'q=MERCHANT')).toEqual(['p2'])
    expect(await idsOf(taskId, 'q=group+by')).toEqual(['p3'])
    expect(await idsOf(taskId, 'status=valid&hardness=easy')).toEqual(['p1'])
  })

  test('page by cursor', async () => {
    const { taskId } = await taskWithPairs()
    const first = await kit.read<PairsAnswer>(`${TASKS}/${taskId}/pairs?limit=2`)
    expect(first.data.pairs.map(({ id }) => id)).toEqual(['p1', 'p2'])
    expect(await idsOf(taskId, `limit=2&cursor=${first.data.next_cursor}`)).toEqual(['p3'])
  })

  test.each([
    ['status=wrong', 'status'],
    ['hardness=harder', 'hardness'],
    ['limit=501', 'limit'],
  ])('refuse %s by its name', async (query, field) => {
    const { taskId } = await taskWithPairs()
    const answer = await kit.send('GET', `${TASKS}/${taskId}/pairs?${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ path: field }] })
  })
})

describe('a change of a pair', () => {
  test('keeps its id, voids its validation and is recorded with the right size and hash', async () => {
    const { taskId, fileName } = await taskWithPairs()
    const answer = await edit(taskId, 'p1', { sql: 'select count(id) from area' })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      message: '问答对已更新',
      data: {
        id: 'p1',
        question: '有多少个服务区？',
        sql: 'select count(id) from area',
        status: 'generated',
        origin: 'person',
      },
    })
    const download = await kit.send('GET', `${TASKS}/${taskId}/files/download/${fileName}`)
    const bytes = Buffer.from(await download.arrayBuffer())
    const pairs = JSON.parse(bytes.toString()) as Record<string, unknown>[]
    expect(pairs.map(({ id }) => id)).toEqual(['p1', 'p2', 'p3'])
    expect(pairs[0]).not.toHaveProperty('rows')
    expect(pairs[1]).toMatchObject(PAIRS[1] ?? {})
    const { data } = await kit.read<{ data: { files: unknown[] } }>(`${TASKS}/${taskId}/files`)
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')
    expect(data.files).toMatchObject([
      {
        file_name: fileName,
        file_size: bytes.length,
        content_hash: hash,
        step_name: 'qa_generation',
        is_primary: true,
      },
    ])
  })

  test('loses nothing when two people change two pairs at once', async () => {
    const { taskId } = await taskWithPairs()
    const answers = await Promise.all([
      edit(taskId, 'p1', { question: 'one' }),
      edit(taskId, 'p2', { question: 'two' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const { data } = await kit.read<PairsAnswer>(`${TASKS}/${taskId}/pairs`)
    expect(data.pairs.map(({ question }) => question)).toEqual(['one', 'two', '每个服务区的收入'])
  })

  test('is refused while a step of the task runs, and leaves the file as it was', async () => {
    const { taskId } = await taskWithPairs()
    await insertExecution(kit.platform.store, { step: 'sql_validation' })
    const answer = await edit(taskId, 'p1', { question: 'changed' })
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'step_running' })
    expect(await idsOf(taskId, 'q=changed')).toEqual([])
  })

  test('of an unknown pair, before generation or of an unknown task is not found', async () => {
    const { taskId } = await taskWithPairs()
    const without = await insertTask(kit.platform.store, { id: 'task_without_pairs' })
    for (const [id, pair, code] of [
      [taskId, 'p9', 'pair_not_found'],
      [without, 'p1', 'pair_not_found'],
      ['task_unknown', 'p1', 'task_not_found'],
    ] as const) {
      const answer = await edit(id, pair, { question: 'x' })
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code })
    }
  })

  test.each([
    ['nothing to change', {}, ''],
    ['an empty question', { question: '  ' }, 'question'],
    ['an unknown field', { question: 'x', rows: 3 }, 'rows'],
  ])('with %s is refused', async (_, body, field) => {
    const { taskId } = await taskWithPairs()
    const answer = await edit(taskId, 'p1', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ path: field }] })
  })
})
