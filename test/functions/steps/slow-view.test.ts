import { expect, test } from 'vitest'
import type { Pair } from '../../../shared/dataset/pair.ts'
import type { QualityReport } from '../../../shared/dataset/validation/quality-report.ts'
import { readText } from '../../../shared/platform/files.ts'
import { openAiLlm } from '../../../shared/platform/openai.ts'
import type { Source } from '../../../shared/platform/source.ts'
import type { Queryable } from '../../../shared/platform/store.ts'
import { deliverAll } from '../../support/engine-kit.ts'
import { pipelineKit, TASKS } from '../../support/pipeline-kit.ts'
import { scriptedOpenAi } from '../../support/scripted-openai.ts'
import { sourcesOf } from '../../support/test-platform.ts'

const CANCELLED = 'canceling statement due to statement timeout'
const READS_THE_VIEW = /(from|join)\s+paid_orders\b/i

const kit = pipelineKit()

test('a view that outlives its time is asked once in a run, also when a model asks for it, and the report says why', async () => {
  const waits: string[] = []
  const platform = await kit.openPlatform({
    sources: sourcesOf([{ name: 'shop', open: async () => withSlowView(kit.shop, waits) }]),
    llm: await modelThatReads(['select count(*) from paid_orders', 'select count(*) from customer']),
  })
  const id = 'task_20250627_143052'
  await kit.call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop', business_context: 'A shop' })
  expect(await deliverAll(platform)).toEqual([200])

  expect(waits).toHaveLength(1)
  const file = async (name: string) => (await readText(platform.files, `${id}/${name}`)) ?? ''
  expect(await file('paid_orders_detail.md')).toContain(CANCELLED)
  const pairs = JSON.parse(await file(`qs_shop_${id}_pair.json`)) as Pair[]
  expect(pairs.filter(({ sql }) => READS_THE_VIEW.test(sql))).toEqual([])
  const report = JSON.parse(await file('quality_report.json')) as QualityReport
  expect(report.limits.find(({ name }) => name === 'relations_unread')?.detail).toContain(`paid_orders (${CANCELLED})`)
  expect(report.dropped).toMatchObject({ refused: 1 })
  const refused = report.measures.find(({ name }) => name === 'statements_refused')?.missing ?? []
  expect(refused.map(({ reason }) => reason)).toEqual([`refused: paid_orders was not read: ${CANCELLED}`])
})

/** The shop, where one view is as slow as a view can be: its statements end with the database's own words, at once. */
function withSlowView(shop: Source, waits: string[]): Source {
  const wait = (sql: string) => {
    if (!READS_THE_VIEW.test(sql)) return
    waits.push(sql)
    throw Object.assign(new Error(CANCELLED), { code: '57014' })
  }
  const slow = (tx: Queryable): Queryable => ({
    async query(text, values) {
      wait(text)
      return await tx.query(text, values)
    },
  })
  return {
    ...shop,
    stopsStatements: true,
    readOnly: (work, timeoutMs) => shop.readOnly((tx) => work(slow(tx)), timeoutMs),
    async read(sql, limits) {
      wait(sql)
      return await shop.read(sql, limits)
    },
    async explain(sql, timeoutMs) {
      wait(sql)
      return await shop.explain(sql, timeoutMs)
    },
  }
}

async function modelThatReads(statements: readonly string[]) {
  const pairs = statements.map((sql, index) => ({ question: `What does statement ${index} count?`, sql }))
  const content = JSON.stringify({ purpose: 'x', columns: [], pairs })
  const { url } = await scriptedOpenAi([{ kind: 'chat', content }])
  return openAiLlm({ baseUrl: url, model: 'scripted', clock: (await kit.openPlatform()).clock })
}
