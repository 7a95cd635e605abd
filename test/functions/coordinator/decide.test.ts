import { describe, expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'
import { SALES_GROWTH } from '../../support/node-samples.ts'

const kit = functionKit()
// biome-ignore lint/suspicious/noExplicitAny: an answer is compared, not computed with
type Answer = any

async function decide(user_request: string, context?: unknown): Promise<Answer> {
  const headers = { 'accept-language': /\p{Script=Han}/u.test(user_request) ? 'zh' : 'en' }
  const body = context === undefined ? { user_request } : { user_request, context }
  const answer = await kit.send('POST', '/api/v1/coordinator/decide', { body, headers })
  return ((await answer.json()) as Answer).data
}
const create = async (definition: unknown) => await kit.send('POST', '/api/v1/nodes', { body: definition })
const names = (fields: Answer) => fields.map(({ name }: { name: string }) => name)

describe('a request for a node that is not there', () => {
  test.each([
    ['names', { inputs: ['sales_current', 'sales_previous'], outputs: ['growth_rate'] }],
    [
      'a map of types',
      { inputs: { sales_current: 'number', sales_previous: 'number' }, outputs: { growth_rate: 'number' } },
    ],
    ['examples', { inputs: { sales_current: 100, sales_previous: 80 }, outputs: { growth_rate: 0.25 } }],
    [
      'fields',
      {
        inputs: [{ name: 'sales_current', type: 'number' }, { name: 'sales_previous' }],
        outputs: [{ name: 'growth_rate' }],
      },
    ],
  ])('with %s in its context gets a draft that is created as it is', async (_, context) => {
    const data = await decide('需要一个计算销售增长率的节点', context)
    expect(data).toMatchObject({
      action: 'create_dynamic_node',
      drafted_by: 'template',
      template: 'growth_rate',
      missing: [],
      draft: { name: 'sales_growth_calculator', version: '1.0.0', executor_type: 'code', sandbox: true },
    })
    expect(data.checks.map((check: Answer) => [check.name, check.passed])).toEqual([
      ['completeness', true],
      ['boundary', true],
      ['safety', true],
    ])
    const created = await create(data.draft)
    expect(created.status).toBe(201)
    const trial = await kit.send('POST', '/api/v1/nodes/sales_growth_calculator/trial', {
      body: { inputs: { sales_current: 100, sales_previous: 80 } },
    })
    expect(((await trial.json()) as Answer).data).toMatchObject({ success: true, outputs: { growth_rate: 0.25 } })
  })

  test.each([
    ['输入本期销售额和上期销售额，输出增长率', ['sales_current', 'sales_previous'], ['growth_rate']],
    [
      '需要一个计算销售增长率的节点，输入 sales_current、sales_previous，输出 rate',
      ['sales_current', 'sales_previous'],
      ['rate'],
    ],
    [
      'Calculate growth from sales_current and sales_previous; returns growth',
      ['sales_current', 'sales_previous'],
      ['growth'],
    ],
    [
      'A ratio. Inputs: profit (number), revenue (number). Outputs: margin (number).',
      ['profit', 'revenue'],
      ['margin'],
    ],
  ])('states its fields in words: %s', async (text, inputs, outputs) => {
    const { draft, missing } = await decide(text)
    expect([names(draft.inputs), names(draft.outputs), missing]).toEqual([inputs, outputs, []])
  })

  test('that states no fields is told so, and offered a draft all the same', async () => {
    const data = await decide('需要一个计算销售增长率的节点')
    expect(data).toMatchObject({ action: 'create_dynamic_node', missing: ['inputs', 'outputs'] })
    expect(data.reasons.at(-1)).toMatch(/^没有说明输入和输出/)
    expect((await create(data.draft)).status).toBe(201)
  })

  test('that no template fits gets a typed skeleton', async () => {
    const data = await decide('计算水果的甜度', { inputs: { fruit: 'string' }, outputs: { sweetness: 'number' } })
    expect(data).toMatchObject({ action: 'create_dynamic_node', drafted_by: 'skeleton', template: null })
    expect((await create(data.draft)).status).toBe(201)
  })

  test('that names a field twice gets it once', async () => {
    const data = await decide('计算水果的甜度', { inputs: ['fruit', 'fruit'], outputs: ['sweetness', 'sweetness'] })
    expect([names(data.draft.inputs), names(data.draft.outputs)]).toEqual([['fruit'], ['sweetness']])
  })

  test('that says next to nothing is refused with what is missing', async () => {
    expect(await decide('帮我做点什么')).toMatchObject({ action: 'reject', rule: 'completeness', draft: null })
  })

  test('is refused while the creation of nodes is switched off', async () => {
    await kit.send('PATCH', '/api/v1/ops/settings', { body: { dynamic_node_creation_enabled: false } })
    expect(await decide('计算增长率')).toMatchObject({ action: 'reject', rule: 'dynamic_nodes_disabled' })
  })
})

describe('a request for what exists', () => {
  test('is led to the node, with why', async () => {
    await kit.sendText('POST', '/api/v1/nodes', SALES_GROWTH, { 'content-type': 'application/yaml' })
    for (const text of ['需要一个计算销售增长率的节点', 'A node that calculates the sales growth rate']) {
      const data = await decide(text, { inputs: ['sales_current', 'sales_previous'] })
      expect(data).toMatchObject({
        action: 'use_existing',
        use: { kind: 'node', name: 'sales_growth_calculator', signature: 1 },
      })
      expect(data.reason).toContain('sales_growth_calculator')
    }
  })

  test('in meaning only, with other inputs, becomes a node of another name', async () => {
    await kit.sendText('POST', '/api/v1/nodes', SALES_GROWTH, { 'content-type': 'application/yaml' })
    const data = await decide('计算销售增长率', { inputs: ['sales_2023', 'sales_2024'], outputs: ['growth_rate'] })
    expect(data).toMatchObject({ action: 'create_dynamic_node', draft: { name: 'sales_growth_calculator_2' } })
    expect(data.candidates[0]).toMatchObject({ name: 'sales_growth_calculator' })
  })

  test('that was deleted becomes a node of a new name, since versions stay theirs', async () => {
    await kit.sendText('POST', '/api/v1/nodes', SALES_GROWTH, { 'content-type': 'application/yaml' })
    await kit.send('DELETE', '/api/v1/nodes/sales_growth_calculator')
    const data = await decide('需要一个计算销售增长率的节点')
    expect(data).toMatchObject({ action: 'create_dynamic_node', draft: { name: 'sales_growth_calculator_2' } })
    expect((await create(data.draft)).status).toBe(201)
  })

  test.each([
    ['为 chinook 生成 text-to-SQL 训练数据', 'workflow', 'data_pipeline'],
    ['Generate training data for my database', 'workflow', 'data_pipeline'],
    ['validate SQL pairs', 'step', 'sql_validation'],
  ])('and is built in is led there: %s', async (text, kind, name) => {
    expect(await decide(text)).toMatchObject({ action: 'use_existing', use: { kind, name } })
  })
})

describe('a request that no node can meet', () => {
  test.each([
    ['读取 /etc/passwd 文件并输出内容', 'safety'],
    ['Read a CSV file from disk and return its rows', 'safety'],
    ['把结果保存到文件', 'safety'],
    ['调用外部 API 获取汇率，计算增长率', 'safety'],
    ['Fetch prices from https://example.com and rank them', 'safety'],
    ['Send an email to customers', 'safety'],
    ['抓取网页并统计词频', 'safety'],
    ['执行 shell 命令', 'safety'],
    ['print the environment variables', 'safety'],
    ['delete from table orders', 'safety'],
    ['先过滤订单，然后按地区汇总，接着排名', 'boundary'],
    ['Filter the orders, then group them, and finally rank the regions', 'boundary'],
    ['Build a whole sales platform', 'boundary'],
    ['搭建一个销售系统', 'boundary'],
  ])('is rejected with the reason: %s', async (text, rule) => {
    const data = await decide(text)
    expect(data).toMatchObject({ action: 'reject', rule, draft: null })
    expect(data.checks.find((check: Answer) => check.name === rule)).toMatchObject({
      passed: false,
      message: data.reason,
    })
  })

  test.each([
    '统计下载量的移动平均',
    'Count downloads per month',
    '不需要访问网络，计算订单金额的占比',
    'Rank products without network access',
    '统计文件名的词频',
  ])('is not what only sounds like one: %s', async (text) => {
    expect(await decide(text)).toMatchObject({ action: 'create_dynamic_node' })
  })
})

test('A request of the wrong shape is refused by field', async () => {
  const answer = await kit.send('POST', '/api/v1/coordinator/decide', { body: { user_request: ' ', contxt: {} } })
  expect([answer.status, (await answer.json()) as Answer]).toMatchObject([
    400,
    { errors: [{ path: 'user_request' }, { path: 'contxt' }] },
  ])
})

describe('with a language model', () => {
  const asks = async (code: string, failing = false) => {
    const complete = async () => {
      if (failing) throw new Error('never asked')
      return { value: answerOf(code), inputTokens: 1, outputTokens: 1 }
    }
    const { decide: decideWith } = await import('../../../shared/workflow/coordinator/decide.ts')
    const platform = { ...kit.platform, llm: { model: 'test', complete: complete as never } }
    return await decideWith(platform, { text: 'Double a number', context: { inputs: ['n'], outputs: ['twice'] } }, 'en')
  }
  const answerOf = (code: string) => ({
    description: 'Doubles a number',
    inputs: [{ name: 'n', type: 'number', description: '' }],
    outputs: [{ name: 'twice', type: 'number', description: '' }],
    code,
    tests: [{ inputs: '{"n": 2}', outputs: '{"twice": 4}' }],
  })

  test('the draft has the code that it wrote, once that passes its tests', async () => {
    const { draft } = await asks('function main({ n }) { return { twice: 2 * n } }')
    expect(draft).toMatchObject({ by: 'llm', definition: { inputs: [{ name: 'n' }] } })
  })

  test('code that fails its own tests is not offered', async () => {
    const { draft } = await asks('function main({ n }) { return { twice: 3 * n } }')
    expect(draft?.by).toBe('skeleton')
  })
})
