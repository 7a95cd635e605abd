import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { functionKit } from '../../support/function-kit.ts'
import { openPgliteSource, type TestSource } from '../../support/pglite-source.ts'
import { SHOP } from '../../support/shop-schema.ts'
import { insertExecution, insertTask } from '../../support/store-factory.ts'
import { sourcesOf } from '../../support/test-platform.ts'

const TASKS = '/api/v0/data_pipeline/tasks'
const lists: Record<string, string> = {
  'tables.txt': 'customer\nproduct\n',
  'empty.txt': '# nothing yet\n',
  'wrong.txt': 'customer\nno_such_table\nneither_this\n',
}
let shop: TestSource
let empty: TestSource
let diskFull = false
let opened = 0 // connections to a source

const kit = functionKit(async () => {
  ;[shop, empty] = await Promise.all([openPgliteSource('shop'), openPgliteSource('empty')])
  await shop.script(SHOP)
  const refusing = (code: 'source_unreachable' | 'source_refused') => async () => {
    throw new Problem(code, 'Cannot open the source at postgres://reader:hunter2-password@localhost/shop')
  }
  const kept = (source: TestSource) => async () => {
    opened += 1
    return { ...source.source, [Symbol.asyncDispose]: async () => undefined }
  }
  return {
    functions: FUNCTIONS,
    sources: sourcesOf([
      { name: 'shop', open: kept(shop) },
      { name: 'empty', open: kept(empty) },
      { name: 'down', open: refusing('source_unreachable') },
      { name: 'locked', open: refusing('source_refused') },
    ]),
    tableLists: {
      read: async (name) => {
        if (name.includes('..')) throw new Problem('invalid_table_list', 'The table list is outside its folder')
        return lists[name] ?? null
      },
    },
  }
})
beforeAll(() => {
  // A disk that is full from the moment a test says so.
  const { files } = kit.platform
  const put = files.put.bind(files)
  Object.assign(files, {
    put: async (...given: Parameters<typeof put>) => {
      if (diskFull) throw new Problem('files_unavailable', 'Cannot write task_config.json: no space is left (ENOSPC)')
      return await put(...given)
    },
  })
})
afterAll(async () => {
  await Promise.all([shop, empty].map((source) => source[Symbol.asyncDispose]()))
})

async function count(): Promise<number> {
  return (await kit.platform.store.query('select from data_pipeline_tasks')).rowCount
}

describe('what cannot become a task', () => {
  test.each([
    ['an unknown field', { db_name: 'shop', tabel_list: [] }, 400, 'invalid_request', 'tabel_list'],
    [
      'two unknown fields, each by its name',
      { db_name: 'shop', a1: 1, parameters: { b2: 2 } },
      400,
      'invalid_request',
      'parameters.b2',
    ],
    [
      'a field of the wrong type',
      { db_name: 'shop', enable_llm_repair: 'yes' },
      400,
      'invalid_request',
      'enable_llm_repair',
    ],
    ['a priority out of range', { db_name: 'shop', priority: 101 }, 400, 'invalid_request', 'priority'],
    ['an unknown source', { db_name: 'nowhere' }, 404, 'source_not_found', 'nowhere'],
    ['an empty table list', { db_name: 'shop', table_list: [] }, 422, 'invalid_table_list', 'table_list'],
    [
      'a list file without a table',
      { db_name: 'shop', table_list_file: 'empty.txt' },
      422,
      'invalid_table_list',
      'empty.txt',
    ],
    [
      'a list file that is missing',
      { db_name: 'shop', table_list_file: 'gone.txt' },
      422,
      'invalid_table_list',
      'gone.txt',
    ],
    [
      'a list file outside its folder',
      { db_name: 'shop', table_list_file: '../etc/passwd' },
      422,
      'invalid_table_list',
      'outside',
    ],
    ['a missing table', { db_name: 'shop', table_list: ['customer', 'ghost'] }, 422, 'invalid_table_list', 'ghost'],
    [
      'each of several missing tables',
      { db_name: 'shop', table_list_file: 'wrong.txt' },
      422,
      'invalid_table_list',
      'neither_this',
    ],
    ['a source that does not answer', { db_name: 'down' }, 502, 'source_unreachable', 'localhost'],
    ['a source that refuses the password', { db_name: 'locked' }, 502, 'source_refused', 'localhost'],
    ['a source without a readable table', { db_name: 'empty' }, 422, 'source_empty', 'empty'],
    [
      'an inline password without a key',
      { db_connection: { host: 'db', database: 'x', user: 'u', password: 'hunter2-password' } },
      422,
      'secret_key_missing',
      'HELIX_SECRET_KEY',
    ],
  ])('%s', async (_, body, status, code, named) => {
    for (const path of [TASKS, `${TASKS}/execute-complete`]) {
      const response = await kit.send('POST', path, { body })
      const text = await response.text()
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      expect(JSON.parse(text)).toMatchObject({
        success: false,
        code,
        status,
        error: expect.any(String),
        request_id: expect.any(String),
      })
      expect(text).toContain(named)
      expect(text).not.toContain('hunter2-password')
    }
    expect(await count()).toBe(0)
    expect((await kit.platform.files.list('task_')).files).toEqual([])
  })

  test('a body that is not JSON', async () => {
    const response = await kit.send('POST', TASKS, { headers: { 'content-type': 'application/json' } })
    expect(await response.json()).toMatchObject({ status: 400, code: 'invalid_json' })
  })

  test('a body of another type', async () => {
    const response = await kit.send('POST', TASKS, { body: {}, headers: { 'content-type': 'text/xml' } })
    expect(await response.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })

  test('a body that is too large', async () => {
    const response = await kit.send('POST', TASKS, { body: { business_context: 'x'.repeat(1_100_000) } })
    expect(await response.json()).toMatchObject({ status: 413, code: 'payload_too_large' })
  })

  test('anything while the disk is full, and nothing is left of it', async () => {
    diskFull = true
    try {
      const response = await kit.send('POST', TASKS, { body: { db_name: 'shop' } })
      expect(await response.json()).toMatchObject({
        status: 503,
        code: 'files_unavailable',
        detail: expect.stringContaining('ENOSPC'),
      })
    } finally {
      diskFull = false
    }
    expect(await count()).toBe(0)
  })
})

describe('a new task', () => {
  test('keeps the tables that its list names, and its settings in task_config.json', async () => {
    const body = {
      task_type: 'data_workflow',
      parameters: { db_name: 'shop', table_list_file: 'tables.txt', business_context: '商城' },
    }
    const response = await kit.send('POST', TASKS, { body })
    expect(response.status).toBe(201)
    const id = ((await response.json()) as { data: { task_id: string } }).data.task_id
    const config = JSON.parse(await (await kit.send('GET', `${TASKS}/${id}/files/download/task_config.json`)).text())
    expect(config).toMatchObject({
      task_id: id,
      task_type: 'data_workflow',
      created_at: '2025-06-27T14:30:52',
      parameters: {
        db_connection: { name: 'shop', password: '******' },
        table_list: ['customer', 'product'],
        business_context: '商城',
        execution_mode: 'step',
        single_step: null,
      },
    })
  })

  test('is created once for an Idempotency-Key, and answered word for word the second time', async () => {
    const headers = { 'Idempotency-Key': 'abc-1' }
    const first = await kit.send('POST', TASKS, { body: { db_name: 'shop' }, headers })
    const second = await kit.send('POST', TASKS, { body: { db_name: 'shop' }, headers })
    expect(await second.text()).toBe(await first.text())
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
    expect(await count()).toBe(1)
    const other = await kit.send('POST', TASKS, { body: { db_name: 'shop', priority: 3 }, headers })
    expect(await other.json()).toMatchObject({ status: 409, code: 'idempotency_conflict' })
  })

  test('starts once for an Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'abc-2' }
    const answers = []
    for (let turn = 0; turn < 2; turn += 1) {
      answers.push(
        await (await kit.send('POST', `${TASKS}/execute-complete`, { body: { db_name: 'shop' }, headers })).text(),
      )
    }
    expect(answers[1]).toBe(answers[0])
    expect(await count()).toBe(1)
    expect(kit.platform.sent.splice(0)).toHaveLength(1)
  })
})

describe('what cannot be executed', () => {
  test.each([
    ['an unknown step', { step: 'cleaning' }, 400, 'invalid_request'],
    ['a step with an unknown field', { step: 'ddl_generation', force: true }, 400, 'invalid_request'],
    ['a step whose dependency is unmet', { step: 'training_load' }, 409, 'step_dependency_unmet'],
  ])('%s', async (_, body, status, code) => {
    const id = await insertTask(kit.platform.store)
    const response = await kit.send('POST', `${TASKS}/${id}/execute`, { body })
    expect(await response.json()).toMatchObject({ status, code })
  })

  test('a second step while one runs', async () => {
    const id = await insertTask(kit.platform.store)
    await insertExecution(kit.platform.store, { taskId: id, status: 'running' })
    const response = await kit.send('POST', `${TASKS}/${id}/execute`, { body: { step: 'ddl_generation' } })
    expect(await response.json()).toMatchObject({ status: 409, code: 'step_running' })
  })

  test.each([
    ['POST', '/execute', { step: 'ddl_generation' }],
    ['POST', '/cancel', undefined],
    ['POST', '/resume', undefined],
    ['DELETE', '', undefined],
  ])('anything of an unknown task (%s %s)', async (method, path, body) => {
    const response = await kit.send(method, `${TASKS}/task_20010101_000000${path}`, { body })
    expect(await response.json()).toMatchObject({ status: 404, code: 'task_not_found' })
  })

  test('a NUL in a task’s id is the caller’s mistake', async () => {
    expect(await (await kit.send('GET', `${TASKS}/a%00b`)).json()).toMatchObject({
      status: 400,
      code: 'invalid_request',
    })
  })

  test('a field of the wrong type is told with the type that it has', async () => {
    const { detail } = await (await kit.send('POST', TASKS, { body: { task_type: 5 } })).json()
    expect(detail).toContain('实际接收 数字')
  })

  test('a wrong method names the right ones', async () => {
    const response = await kit.send('PUT', TASKS)
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
    expect(await response.json()).toMatchObject({ status: 405, code: 'method_not_allowed' })
  })
})

test('many requests in the same moment ask the source for its tables once', async () => {
  await kit.platform.clock.advance(60_000)
  const before = opened
  for (let task = 0; task < 3; task++)
    expect((await kit.send('POST', TASKS, { body: { db_name: 'shop' } })).status).toBe(201)
  expect(opened - before).toBe(1)
  await kit.platform.clock.advance(60_000)
  await kit.send('POST', TASKS, { body: { db_name: 'shop' } })
  expect(opened - before).toBe(2)
})
