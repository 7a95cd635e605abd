import { expect, test } from 'vitest'
import type { Pair } from '../../../shared/dataset/pair.ts'
import { readText } from '../../../shared/platform/files.ts'
import { openAiLlm } from '../../../shared/platform/openai.ts'
import { deliverAll } from '../../support/engine-kit.ts'
import { pipelineKit, TASKS } from '../../support/pipeline-kit.ts'
import { scriptedOpenAi } from '../../support/scripted-openai.ts'

const kit = pipelineKit()

test('an inline connection opens the source with its password, which is kept sealed and shown nowhere', async () => {
  const opened: (string | undefined)[] = []
  const sources = {
    list: () => [],
    open: async ({ url }: { url?: string }) => {
      opened.push(url)
      return { ...kit.shop, [Symbol.asyncDispose]: async () => undefined }
    },
  }
  const platform = await kit.openPlatform({ sources, env: { HELIX_SECRET_KEY: 'a-key-of-sixteen-characters' } })
  const connection = { host: 'db.internal', port: 5433, database: 'shop', user: 'reader', password: 'hunter2/secret' }
  const { body } = await kit.call(platform, 'POST', TASKS, { parameters: { db_connection: connection } })
  await kit.call(platform, 'POST', `${TASKS}/${body.data.task_id}/execute`, { step: 'ddl_generation' })
  expect(await deliverAll(platform)).toEqual([200])
  expect(new Set(opened)).toEqual(new Set(['postgres://reader:hunter2%2Fsecret@db.internal:5433/shop']))
  const shown = await kit.call(platform, 'GET', `${TASKS}/${body.data.task_id}`)
  expect(shown.body.data.parameters.db_connection).toEqual({ ...connection, password: '******' })
  const { rows } = await kit.store.query<{ text: string }>('select t::text as text from data_pipeline_tasks t')
  const config = await readText(platform.files, `${body.data.task_id}/task_config.json`)
  for (const text of [rows[0]?.text, config, JSON.stringify(shown), JSON.stringify(platform.logged)]) {
    expect(text).not.toContain('hunter2')
  }
})

test('the pipeline uses a language model for documents, more pairs and repair, and says what it cost', async () => {
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
  const clock = (await kit.openPlatform()).clock
  const llm = openAiLlm({ baseUrl: endpoint.url, model: 'scripted', clock, apiKey: 'secret-of-the-test' })
  const platform = await kit.openPlatform({ llm, clock })
  await kit.call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop', business_context: '在线商城' })
  expect(await deliverAll(platform)).toEqual([200])
  const id = 'task_20250627_143052'
  const { body } = await kit.call(platform, 'GET', `${TASKS}/${id}`)
  expect(body.data).toMatchObject({ status: 'completed' })
  const { tokens } = body.data.result.qa_generation
  expect(tokens).toBeGreaterThan(0)
  const report = JSON.parse((await readText(platform.files, `${id}/quality_report.json`)) ?? '{}')
  const { ddl_generation, qa_generation, sql_validation } = report.tokens
  expect([ddl_generation > 0, qa_generation]).toEqual([true, tokens])
  const paid = endpoint.requests.length * (11 + 7) // also for answers that were asked for again
  expect(ddl_generation + qa_generation + sql_validation).toBe(paid)
  expect(await readText(platform.files, `${id}/customer_detail.md`)).toContain('记录商城的客户。')
  const pairs = JSON.parse((await readText(platform.files, `${id}/qs_shop_${id}_pair.json`)) ?? '[]') as Pair[]
  const told = new Map(pairs.filter(({ origin }) => origin === 'llm').map((pair) => [pair.question, pair]))
  expect(told.get('一共有多少位来自柏林的客户？')).toMatchObject({ status: 'valid', tables: ['customer'] })
  expect(told.get('单价最高的商品叫什么？')).toMatchObject({ status: 'repaired', tables: ['product'] })
  expect(told.has('删除所有订单')).toBe(false)
  expect(
    (await kit.shop.read('select * from "Order"', { rowsMax: 500, bytesMax: 1e6, timeoutMs: 5000 })).rows,
  ).toHaveLength(200)
  const { rows } = await kit.store.query<{ text: string }>(
    `select coalesce(string_agg(t::text, ' '), '') as text from (select t::text from data_pipeline_tasks t union all select l::text from data_pipeline_task_logs l) t`,
  )
  expect(rows[0]?.text).not.toContain('secret-of-the-test')
})
