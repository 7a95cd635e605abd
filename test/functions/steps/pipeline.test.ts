import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import type { Pair } from '../../../shared/dataset/pair.ts'
import { readText } from '../../../shared/platform/files.ts'
import { openAiLlm } from '../../../shared/platform/openai.ts'
import type { Source } from '../../../shared/platform/source.ts'
import { deliverAll } from '../../support/engine-kit.ts'
import { openPgliteSource, type TestSource } from '../../support/pglite-source.ts'
import { scriptedOpenAi } from '../../support/scripted-openai.ts'
import { SHOP } from '../../support/shop-schema.ts'
import { sourcesOf, type TestPlatform, type TestPlatformOptions, testPlatform } from '../../support/test-platform.ts'
import { openTestStore, type TestStore } from '../../support/test-store.ts'

const TASKS = '/api/v0/data_pipeline/tasks'
const app = createApp(FUNCTIONS)
let store: TestStore
let shop: TestSource

beforeAll(async () => {
  ;[store, shop] = await Promise.all([openTestStore(), openPgliteSource('shop')])
  await shop.script(SHOP)
})
afterAll(async () => {
  await shop[Symbol.asyncDispose]()
  await store.close()
})
beforeEach(async () => {
  await store.query('truncate data_pipeline_tasks, idempotency_keys, leases restart identity cascade')
  await store.query('delete from langchain_pg_embedding')
})

/** A platform on the shop; the database stays open when a step closes its source. */
async function openPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const source: Source = { ...shop.source, [Symbol.asyncDispose]: async () => undefined }
  const sources = sourcesOf([{ name: 'shop', open: async () => source }])
  return await testPlatform({ store, sources, functions: FUNCTIONS, ...options })
}

// biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field
type Answer = { status: number; body: any }

async function call(platform: TestPlatform, method: string, path: string, body?: unknown): Promise<Answer> {
  const init: RequestInit = { method }
  // The specification's own examples are sent by curl, which calls its bodies a form.
  if (body !== undefined)
    Object.assign(init, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  const response = await app.request(path, init, { platform })
  return { status: response.status, body: await response.json() }
}

async function filesOf(platform: TestPlatform, id: string): Promise<string[]> {
  const { body } = await call(platform, 'GET', `${TASKS}/${id}/files`)
  return body.data.files.map((file: { file_name: string }) => file.file_name)
}

describe('step by step', () => {
  test('each step leaves its files, a step out of order is refused, and a re-run replaces its own files only', async () => {
    const platform = await openPlatform()
    const created = await call(platform, 'POST', TASKS, {
      task_type: 'data_workflow',
      business_context: '在线商城',
      db_name: 'shop',
      enable_sql_validation: true,
      enable_llm_repair: true,
      modify_original_file: true,
      enable_training_data_load: true,
    })
    const id = 'task_20250627_143052'
    expect(created).toEqual({
      status: 201,
      body: {
        success: true,
        message: '任务创建成功',
        data: {
          task_id: id,
          status: 'pending',
          output_directory: expect.stringMatching(new RegExp(`/${id}$`)),
          step_status: {
            ddl_generation: 'pending',
            qa_generation: 'pending',
            sql_validation: 'pending',
            training_load: 'pending',
          },
          created_at: '2025-06-27T14:30:52',
        },
      },
    })
    const early = await call(platform, 'POST', `${TASKS}/${id}/execute`, { step: 'qa_generation' })
    expect(early).toMatchObject({ status: 409, body: { success: false, code: 'step_dependency_unmet' } })
    expect(early.body.detail).toContain('ddl_generation')

    const started = await call(platform, 'POST', `${TASKS}/${id}/execute`, {
      step: 'ddl_generation',
      force_execute: false,
      clean_previous: true,
    })
    expect(started).toEqual({
      status: 202,
      body: {
        success: true,
        message: '步骤执行已启动',
        data: {
          execution_id: `${id}_step_ddl_generation_exec_20250627143052`,
          task_id: id,
          step: 'ddl_generation',
          status: 'running',
          started_at: '2025-06-27T14:30:52',
        },
      },
    })
    expect(await deliverAll(platform)).toEqual([200])
    for (const step of ['qa_generation', 'sql_validation', 'training_load']) {
      expect((await call(platform, 'POST', `${TASKS}/${id}/execute`, { step })).status).toBe(202)
      expect(await deliverAll(platform)).toEqual([200])
    }
    const { body: done } = await call(platform, 'GET', `${TASKS}/${id}`)
    expect(done.data).toMatchObject({ status: 'completed', progress: 100, current_execution: null })
    const { body: history } = await call(platform, 'GET', `${TASKS}/${id}/executions`)
    expect(history.data.executions).toMatchObject([
      { step: 'ddl_generation', status: 'completed', duration: 0, force_executed: false, files_cleaned: true },
      { step: 'qa_generation', status: 'completed', duration: 0, force_executed: false, files_cleaned: false },
      { step: 'sql_validation', status: 'completed' },
      { step: 'training_load', status: 'completed' },
    ])

    const before = await readText(platform.files, `${id}/customer.ddl`)
    await call(platform, 'POST', `${TASKS}/${id}/execute`, { step: 'qa_generation', clean_previous: true })
    await deliverAll(platform)
    const { body: rerun } = await call(platform, 'GET', `${TASKS}/${id}`)
    expect(rerun.data).toMatchObject({
      status: 'partial_completed',
      progress: 70,
      step_status: { qa_generation: 'completed', sql_validation: 'pending', training_load: 'pending' },
    })
    expect(await readText(platform.files, `${id}/customer.ddl`)).toBe(before)
    expect(await filesOf(platform, id)).toContain(`qs_shop_${id}_pair.json`)
  })
})

describe('an inline connection', () => {
  test('opens the source with its password, which is kept sealed and shown nowhere', async () => {
    const opened: (string | undefined)[] = []
    const sources = {
      list: () => [],
      open: async ({ url }: { url?: string }) => {
        opened.push(url)
        return { ...shop.source, [Symbol.asyncDispose]: async () => undefined }
      },
    }
    const platform = await openPlatform({ sources, env: { HELIX_SECRET_KEY: 'a-key-of-sixteen-characters' } })
    const connection = { host: 'db.internal', port: 5433, database: 'shop', user: 'reader', password: 'hunter2/secret' }
    const { body } = await call(platform, 'POST', TASKS, { parameters: { db_connection: connection } })
    await call(platform, 'POST', `${TASKS}/${body.data.task_id}/execute`, { step: 'ddl_generation' })
    expect(await deliverAll(platform)).toEqual([200])
    expect(new Set(opened)).toEqual(new Set(['postgres://reader:hunter2%2Fsecret@db.internal:5433/shop']))
    const shown = await call(platform, 'GET', `${TASKS}/${body.data.task_id}`)
    expect(shown.body.data.parameters.db_connection).toEqual({ ...connection, password: '******' })
    const { rows } = await store.query<{ text: string }>('select t::text as text from data_pipeline_tasks t')
    const config = await readText(platform.files, `${body.data.task_id}/task_config.json`)
    for (const text of [rows[0]?.text, config, JSON.stringify(shown), JSON.stringify(platform.logged)]) {
      expect(text).not.toContain('hunter2')
    }
  })
})

describe('the complete workflow', () => {
  test('turns a database into validated, loaded training data', async () => {
    const platform = await openPlatform()
    const started = await call(platform, 'POST', `${TASKS}/execute-complete`, {
      task_type: 'complete_workflow',
      db_name: 'shop',
    })
    const id = 'task_20250627_143052'
    expect(started.body).toEqual({
      success: true,
      message: '完整工作流执行已启动',
      data: {
        task_id: id,
        execution_id: `${id}_step_complete_exec_20250627143052`,
        status: 'running',
        started_at: '2025-06-27T14:30:52',
      },
    })
    expect(await deliverAll(platform)).toEqual([200])
    expect((await call(platform, 'GET', `${TASKS}/${id}`)).body.data).toMatchObject({
      status: 'completed',
      progress: 100,
    })
    expect((await filesOf(platform, id)).toSorted()).toEqual(
      [
        'Order.ddl',
        'Order_detail.md',
        'customer.ddl',
        'customer_detail.md',
        'data_pipeline.log',
        `file_modifications_${id}.log`,
        'metadata.txt',
        'never_used.ddl',
        'never_used_detail.md',
        'paid_orders.ddl',
        'paid_orders_detail.md',
        'pairs_on_empty_tables.json',
        'product.ddl',
        'product_detail.md',
        `qs_shop_${id}_pair.json`,
        `qs_shop_${id}_pair.json.backup`,
        'quality_report.json',
        `sql_validation_${id}_report.json`,
        `sql_validation_${id}_summary.log`,
        'task_config.json',
        'task_result.json',
        'training_data.jsonl',
        `training_load_${id}.log`,
      ].toSorted(),
    )
    const report = JSON.parse((await readText(platform.files, `${id}/quality_report.json`)) ?? '{}')
    expect(report).toMatchObject({
      repaired: 0,
      tables: { covered: 3, total: 4 },
      foreign_keys: { covered: 3, total: 3 },
    })
    expect(report.executed).toBe(report.pairs)
    expect(report.tables.missing).toEqual([{ name: 'never_used', reason: expect.any(String) }])
    const pairs = JSON.parse((await readText(platform.files, `${id}/qs_shop_${id}_pair.json`)) ?? '[]') as Pair[]
    expect(pairs).toHaveLength(report.pairs)
    expect(pairs.length).toBeGreaterThanOrEqual(40)
    for (const { sql } of pairs) {
      const { rows } = await shop.source.read(sql, { rowsMax: 5, bytesMax: 100_000, timeoutMs: 5_000 })
      expect(rows.length).toBeGreaterThan(0)
    }
    const { rows } = await store.query<{ name: string; items: number }>(
      `select c.name, count(*)::int as items from langchain_pg_embedding e join langchain_pg_collection c on c.uuid = e.collection_id group by 1 order by 1`,
    )
    expect(rows).toEqual([
      { name: 'ddl', items: 5 },
      { name: 'documentation', items: 5 },
      { name: 'sql', items: pairs.length },
    ])
  })

  test('passes the verification queries of the clean-up procedure as they are written', async () => {
    const platform = await openPlatform()
    await call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop' })
    await deliverAll(platform)
    const orphans = `SELECT a.id, a.task_id, a.name
      FROM artifacts a
      LEFT JOIN tasks t ON a.task_id = t.id
      WHERE t.id IS NULL`
    const unproductive = `SELECT t.id, t.status, t.agent_id,
             CASE WHEN a.id IS NOT NULL THEN 'HAS_ARTIFACT' ELSE 'NO_ARTIFACT' END as artifact_status
      FROM tasks t
      LEFT JOIN artifacts a ON t.id = a.task_id
      WHERE t.status = 'COMPLETED' AND a.id IS NULL`
    expect((await store.query(orphans)).rows).toEqual([])
    expect((await store.query(unproductive)).rows).toEqual([])
    expect((await store.query(`select from tasks where status = 'COMPLETED'`)).rowCount).toBe(4)
  })

  test('gives the same pairs byte for byte when it runs again, and loads nothing twice', async () => {
    const platform = await openPlatform()
    const texts = []
    for (const id of ['task_20250627_143052', 'task_20250627_143052_2']) {
      await call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop' })
      await deliverAll(platform)
      texts.push(await readText(platform.files, `${id}/qs_shop_${id}_pair.json`))
      expect((await call(platform, 'GET', `${TASKS}/${id}`)).body.data.status).toBe('completed')
    }
    expect(texts[1]).toBe(texts[0])
    const { body } = await call(platform, 'GET', `${TASKS}/task_20250627_143052_2`)
    expect(body.data.result.training_load).toMatchObject({ inserted: 0, removed: 0, reembedded: 0 })
  })

  test('uses a language model for documents, more pairs and repair, and says what it cost', async () => {
    await using endpoint = await scriptedOpenAi([
      {
        kind: 'chat',
        content: JSON.stringify({
          purpose: '记录商城的客户。',
          columns: [{ name: 'name', meaning: '客户的姓名' }],
          pairs: [
            { question: '一共有多少位来自柏林的客户？', sql: `select count(*) from customer where city = 'Berlin'` },
            { question: '单价最高的商品叫什么？', sql: 'select name from produkt order by price desc limit 1' },
            { question: '删除所有订单', sql: 'delete from "Order"' },
          ],
        }),
      },
    ])
    const clock = (await openPlatform()).clock
    const llm = openAiLlm({ baseUrl: endpoint.url, model: 'scripted', clock, apiKey: 'secret-of-the-test' })
    const platform = await openPlatform({ llm, clock })
    await call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop', business_context: '在线商城' })
    expect(await deliverAll(platform)).toEqual([200])
    const id = 'task_20250627_143052'
    const { body } = await call(platform, 'GET', `${TASKS}/${id}`)
    expect(body.data).toMatchObject({ status: 'completed' })
    expect(await readText(platform.files, `${id}/customer_detail.md`)).toContain('记录商城的客户。')
    const pairs = JSON.parse((await readText(platform.files, `${id}/qs_shop_${id}_pair.json`)) ?? '[]') as Pair[]
    const told = new Map(pairs.filter(({ origin }) => origin === 'llm').map((pair) => [pair.question, pair]))
    expect(told.get('一共有多少位来自柏林的客户？')).toMatchObject({ status: 'valid', tables: ['customer'] })
    expect(told.get('单价最高的商品叫什么？')).toMatchObject({ status: 'repaired', tables: ['product'] })
    expect(told.has('删除所有订单')).toBe(false)
    expect(
      (await shop.source.read('select * from "Order"', { rowsMax: 500, bytesMax: 1e6, timeoutMs: 5000 })).rows,
    ).toHaveLength(200)
    const { rows } = await store.query<{ text: string }>(
      `select coalesce(string_agg(t::text, ' '), '') as text from (select t::text from data_pipeline_tasks t union all select l::text from data_pipeline_task_logs l) t`,
    )
    expect(rows[0]?.text).not.toContain('secret-of-the-test')
  })
})
