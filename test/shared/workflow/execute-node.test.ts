import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject, NodeDefinition } from '../../../shared/workflow/definition/definition.ts'
import { parseNodeText } from '../../../shared/workflow/definition/parse-node.ts'
import { executeNode } from '../../../shared/workflow/execute-node.ts'
import { type ExecuteOptions, problemOfRun } from '../../../shared/workflow/node-run.ts'
import { openPgliteSource, type TestSource } from '../../support/pglite-source.ts'
import { SHOP } from '../../support/shop-schema.ts'
import { sourcesOf, type TestPlatform, testPlatform } from '../../support/test-platform.ts'

let shop: TestSource
let platform: TestPlatform
beforeAll(async () => {
  shop = await openPgliteSource('shop')
  await shop.script(SHOP)
  const open = async () => ({ ...shop.source, [Symbol.asyncDispose]: async () => undefined })
  platform = await testPlatform({ sources: sourcesOf([{ name: 'shop', open }]) })
})
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await shop[Symbol.asyncDispose]()
})

function node(text: string): NodeDefinition {
  const { definition, findings } = parseNodeText(`name: a_node\nversion: 1.0.0\n${text}`, 'en')
  if (definition === null) throw new Error(JSON.stringify(findings))
  return definition
}
const query = (sql: string, more = 'inputs: {}\noutputs: { rows: list<object> }') =>
  node(`executor_type: sql\nquery: ${JSON.stringify(sql)}\n${more}`)
const run = async (definition: NodeDefinition, inputs: JsonObject = {}, options: Partial<ExecuteOptions> = {}) =>
  await executeNode(platform, definition, inputs, { origin: 'workflow', language: 'en', ...options })

describe('a node that queries a source', () => {
  test('gives rows as objects whose numbers are numbers, with the outputs that it declares', async () => {
    const definition = query(
      'select count(*) as orders, sum(1.5) as total, current_date is not null as dated from (values (1), (2)) v (n) where n >= :least; -- both',
      'inputs: { least: integer }\noutputs: { rows: list<object>, row_count: integer, orders: integer, total: number }',
    )
    expect(await run(definition, { least: 1 })).toMatchObject({
      success: true,
      outputs: { rows: [{ orders: 2, total: 3, dated: true }], row_count: 1, orders: 2, total: 3 },
    })
  })

  test('takes a value as a value, whatever it looks like', async () => {
    const definition = query('select :text::text as told', 'inputs: { text: string }\noutputs: { told: string }')
    for (const text of [`'; drop table customer; --`, `\\'; select 1; --`, '$$ :text $$', '":x"', '中文']) {
      expect((await run(definition, { text })).outputs).toEqual({ told: text })
    }
  })

  test('has its values refused where they would end a comment or a quotation that they stand in', async () => {
    const nested = query('select 1 as n /* /* */ :text */', 'inputs: { text: string }\noutputs: { n: integer }')
    expect(await run(nested, { text: 'a' })).toMatchObject({ success: true })
    expect((await run(nested, { text: '*/, 2 as m /* /*' })).error).toMatchObject({ code: 'query_refused' })
  })

  test('takes lists, objects and nothing as values', async () => {
    const definition = query(
      `select :list::int[] as list, :object::jsonb ->> 'a' as object, :number + 1 as number, :none::text as none`,
      'inputs: { list: list<integer>, object: object, number: number, none: { type: string, required: false } }\noutputs: { rows: list<object> }',
    )
    const answer = await run(definition, { list: [1, -2], object: { a: `it's` }, number: -2, none: null })
    expect(answer.outputs).toEqual({ rows: [{ list: [1, -2], object: `it's`, number: -1, none: null }] })
  })

  test.each([
    ['changes data', `insert into customer default values`],
    ['holds two statements', 'select 1; select 2'],
    ['changes data inside', 'with gone as (delete from customer returning 1) select * from gone'],
    ['sleeps', 'select pg_sleep(10)'],
    ['reads a file of the server', `select pg_read_file('/etc/passwd')`],
    ['reads what belongs to the server', 'select * from pg_authid'],
    ['closes the bracket around it', 'select 1) answer; drop table customer; --'],
  ])('that %s is refused', async (_, sql) => {
    const answer = await run(query(sql))
    expect(answer).toMatchObject({ success: false, error: { code: 'query_refused' } })
    expect(problemOfRun('a_node', answer).code).toBe('query_refused')
  })

  test('that does not fit the source says what the source said', async () => {
    const answer = await run(query('select nothing from nowhere'))
    expect(answer).toMatchObject({ success: false, error: { code: 'query_failed' } })
    expect(answer.error?.message).toContain('nowhere')
  })

  test('of no source that is known is told which there are', async () => {
    const definition = query('select 1 as n', 'source: shpo\noutputs: { rows: list<object> }')
    await expect(run(definition)).rejects.toMatchObject({ code: 'source_not_found' })
  })

  test('keeps as many rows as it may', async () => {
    const definition = query(
      'select n from generate_series(1, 50) n',
      'limits: { rows: 7 }\noutputs: { row_count: integer, truncated: boolean }',
    )
    expect((await run(definition)).outputs).toEqual({ row_count: 7, truncated: true })
  })
})

describe('a node of code', () => {
  const code = (source: string, more = '') =>
    node(
      `executor_type: code\ncode: ${JSON.stringify(source)}\ninputs: { n: number }\noutputs: { twice: number }\n${more}`,
    )

  test('runs on checked inputs, leaves out what it does not declare, and is recorded', async () => {
    const definition = code('function main({ n }) { return { twice: 2 * n, more: 1 } }')
    const answer = await run(definition, { n: 4 }, { taskId: 'task_1', executionId: 'e_1' })
    expect(answer).toMatchObject({ success: true, outputs: { twice: 8 }, exit_code: 0, error: null })
    const { rows } = await platform.store.query('select origin, task_id, execution_id, success from sandbox_runs')
    expect(rows.at(-1)).toEqual({ origin: 'workflow', task_id: 'task_1', execution_id: 'e_1', success: true })
  })

  test.each([
    ['a missing input', 'function main({ n }) { return { twice: n } }', {}, 'invalid_inputs', 'invalid_inputs'],
    ['a wrong answer', 'function main() { return { twice: "2" } }', { n: 1 }, 'output_mismatch', 'output_mismatch'],
    ['no answer', 'function main() { return {} }', { n: 1 }, 'output_mismatch', 'output_mismatch'],
    ['an endless loop', 'function main() { for (;;) {} }', { n: 1 }, 'sandbox_timeout', 'sandbox_timeout'],
    ['an error', 'function main() { null.x }', { n: 1 }, 'sandbox_error', 'sandbox_error'],
    [
      'a memory bomb',
      'function main() { const a = []; for (;;) a.push(new Array(1e5).fill(1)) }',
      { n: 1 },
      'sandbox_memory',
      'sandbox_memory',
    ],
  ])('that ends with %s is a problem of its own', async (_, source, inputs, code_, problem) => {
    const answer = await run(code(source, 'limits: { timeout_seconds: 0.5, memory_mb: 16 }\n'), inputs)
    expect(answer).toMatchObject({ success: false, outputs: null, error: { code: code_ } })
    expect(answer.exit_code).not.toBe(0)
    expect(problemOfRun('a_node', answer)).toMatchObject({ code: problem, retryable: false })
  })
})

describe('a node that asks a model', () => {
  const mood = node(
    'executor_type: llm\nprompt: "The mood of: {{ comment }}"\ninputs: { comment: string }\noutputs: { mood: string }\n',
  )
  const asked: string[] = []
  const withModel = (value: unknown): TestPlatform => {
    const complete = async (request: { prompt: string; schema: { parse(value: unknown): unknown } }) => {
      asked.push(request.prompt)
      return { value: request.schema.parse(value), inputTokens: 1, outputTokens: 1 }
    }
    return { ...platform, llm: { model: 'test', complete: complete as never } }
  }

  test('has its inputs written into the prompt once, and its answer in the shape of its outputs', async () => {
    const options = { origin: 'workflow', language: 'en' } as const
    const answer = await executeNode(withModel({ mood: 'good' }), mood, { comment: 'Nice {{ comment }}' }, options)
    expect(answer).toMatchObject({ success: true, outputs: { mood: 'good' } })
    expect(asked.at(-1)).toContain('The mood of: Nice {{ comment }}\n')
  })

  test('fails clearly where there is none', async () => {
    const answer = await run(mood, { comment: 'x' })
    expect(answer.error).toMatchObject({ code: 'llm_missing' })
    expect(problemOfRun('mood', answer).code).toBe('llm_missing')
  })
})

test('what code did wrong is told in the language of whoever asked', async () => {
  const definition = node(
    'executor_type: code\ncode: "function main() { return { n: 0 / 0 } }"\ninputs: { n: number }\noutputs: { n: number }\n',
  )
  const told = await Promise.all(
    (['zh', 'en'] as const).map((language) =>
      executeNode(platform, definition, { n: 1 }, { origin: 'trial', language }),
    ),
  )
  expect(told.map(({ error }) => error?.hint?.split(/[ ，]/)[0])).toEqual([
    '只返回数字、文本、布尔值、列表和普通对象；注意除数为零的情况',
    'Return',
  ])
})
