import { expect, test } from 'vitest'
import { helixTest } from '../../../local/testing/helix-test.ts'
import type { HelixTest } from '../../../local/testing/kit.ts'
import { openStoredSource } from '../../../shared/platform/source-ref.ts'
import { stepsWith } from '../../support/engine-kit.ts'

const SHOP = { shop: 'create table orders (id int primary key); insert into orders values (1), (2)' }
const TASKS = '/api/v0/data_pipeline/tasks'
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SECOND_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const header = (traceId: string) => `00-${traceId}-b7ad6b7169203331-01`

/** A Helix whose first step keeps the text of its statements, as the source saw them. */
async function askingHelix(asked: string[], faults: Parameters<typeof helixTest>[0] = {}): Promise<HelixTest> {
  const functions = stepsWith({
    ddl_generation: async ({ task }, platform) => {
      await using source = await openStoredSource(platform, task.parameters.source)
      const [row] = await source.readOnly(
        async (tx) => (await tx.query<{ query: string }>('select current_query() as query')).rows,
      )
      const read = await source.read('select current_query() as query from orders limit 1', {
        rowsMax: 1,
        bytesMax: 10_000,
        timeoutMs: 5_000,
      })
      asked.push(String(row?.query), String(read.rows[0]?.query))
      return { result: {}, required: [] }
    },
  })
  return await helixTest({ sources: SHOP, functions, ...faults })
}

async function start(helix: HelixTest, path: string, traceparent: string, json: object): Promise<Response> {
  return await helix.fetch(path, { json, headers: { traceparent, 'x-request-id': 'request-of-mine' } })
}

test('one trace is followed from the request to the log of the process, the log of the task and the statements on the source', async () => {
  const asked: string[] = []
  await using helix = await askingHelix(asked)
  const answer = await start(helix, `${TASKS}/execute-complete`, header(TRACE_ID), { db_name: 'shop' })
  expect(answer.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE_ID}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`))
  expect(answer.headers.get('x-request-id')).toBe('request-of-mine')
  const { data } = (await answer.json()) as { data: { task_id: string } }
  await helix.idle()

  const ids = { traceId: TRACE_ID, requestId: 'request-of-mine' }
  const created = helix.effects.log.find(({ event }) => event === 'task.created')
  const claimed = helix.effects.log.find(({ event }) => event === 'execution.claimed')
  expect(created?.fields).toMatchObject({ ...ids, taskId: data.task_id })
  expect(claimed?.fields).toMatchObject({ ...ids, taskId: data.task_id, executionId: expect.any(String) })

  expect(asked).toHaveLength(2)
  const comment = new RegExp(
    `/\\*execution='${String(claimed?.fields.executionId)}',task='${data.task_id}',traceparent='00-${TRACE_ID}-[0-9a-f]{16}-01'\\*/$`,
  )
  for (const statement of asked) expect(statement).toMatch(comment)

  const found = await helix.fetch(`/api/v1/logs/search?q=${TRACE_ID}`)
  const { data: lines } = (await found.json()) as { data: { logs: { task_id: string; extra_data: object }[] } }
  expect(lines.logs.length).toBeGreaterThan(0)
  for (const line of lines.logs) {
    expect(line).toMatchObject({
      task_id: data.task_id,
      extra_data: { trace_id: TRACE_ID, request_id: 'request-of-mine' },
    })
  }
  const shown = await (await helix.fetch(`${TASKS}/${data.task_id}`)).text()
  expect(shown).not.toContain(TRACE_ID)
})

test('a step that another request executes belongs to the trace of that one', async () => {
  const asked: string[] = []
  await using helix = await askingHelix(asked)
  const made = await start(helix, TASKS, header(TRACE_ID), { db_name: 'shop' })
  const { data } = (await made.json()) as { data: { task_id: string } }
  await start(helix, `${TASKS}/${data.task_id}/execute`, header(SECOND_ID), { step: 'ddl_generation' })
  await helix.idle()
  expect(asked[0]).toContain(`traceparent='00-${SECOND_ID}-`)
})

test('the trace is found again when the message of the task was lost', async () => {
  const asked: string[] = []
  await using helix = await askingHelix(asked, { faults: [{ point: 'queue.send', number: 1, fault: 'drop' }] })
  await start(helix, `${TASKS}/execute-complete`, header(TRACE_ID), { db_name: 'shop' })
  await helix.clock.advance('5m')
  expect(asked[0]).toContain(`traceparent='00-${TRACE_ID}-`)
})

test('a hostile header is replaced by a trace of our own, which an answer of failure tells too', async () => {
  await using helix = await askingHelix([])
  const hostile = [`${header(TRACE_ID)}*/; drop table orders; --`, `${header(TRACE_ID)}-${'a'.repeat(5_000)}`]
  for (const traceparent of hostile) {
    const answer = await helix.fetch(`${TASKS}/task_20200101_000000`, { headers: { traceparent } })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(answer.headers.get('traceparent')).not.toContain(TRACE_ID)
  }
})
