import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../../../shared/workflow/definition/definition.ts'
import { parseNodeValue } from '../../../../shared/workflow/definition/parse-node.ts'
import { matchTemplates, TEMPLATES } from '../../../../shared/workflow/templates/all.ts'
import { bindTemplate } from '../../../../shared/workflow/templates/template.ts'
import { tryNode } from '../../../../shared/workflow/trial.ts'
import { type TestPlatform, testPlatform } from '../../../support/test-platform.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
})
afterAll(async () => await platform[Symbol.asyncDispose]())

describe('a template', () => {
  test.each(TEMPLATES.map((template) => [template.id, template] as const))(
    'for %s becomes a definition that is valid in both languages and passes its own tests',
    async (_, template) => {
      for (const language of ['zh', 'en'] as const) {
        const { inputs, outputs, code, tests } = bindTemplate(template, { inputs: [], outputs: [] }, language)
        const value = { name: template.id, version: '1.0.0', executor_type: 'code', inputs, outputs, code, tests }
        const { definition, findings } = parseNodeValue(value as unknown as Json, language)
        expect(findings).toEqual([])
        if (definition === null || language === 'en') continue
        const trial = await tryNode(platform, definition, { language })
        expect(trial.runs.filter(({ success }) => !success).map(({ error }) => error)).toEqual([])
        expect(trial.runs.length).toBeGreaterThan(0)
      }
    },
  )

  test('takes the names that a request has stated, each in its part', () => {
    const growth = TEMPLATES.find(({ id }) => id === 'growth_rate')
    if (growth === undefined) throw new Error('There is no template for growth')
    const bound = bindTemplate(
      growth,
      {
        inputs: [
          { name: 'sales_previous', type: 'number' },
          { name: 'region', type: 'string' },
          { name: 'sales_current', type: null },
        ],
        outputs: [{ name: 'growth', type: null }],
      },
      'en',
    )
    expect(bound.inputs.map(({ name }) => name)).toEqual(['sales_current', 'sales_previous'])
    expect(bound.outputs.map(({ name }) => name)).toEqual(['growth'])
    expect(bound.unused).toEqual(['region'])
    expect(bound.tests[0]).toEqual({ inputs: { sales_current: 100, sales_previous: 80 }, outputs: { growth: 0.25 } })
  })

  test('that changes a list gives it back under the name that it came with', () => {
    const filter = TEMPLATES.find(({ id }) => id === 'filter')
    if (filter === undefined) throw new Error('There is no template for a filter')
    const bound = bindTemplate(filter, { inputs: [{ name: 'pairs', type: 'list<object>' }], outputs: [] }, 'en')
    expect([bound.inputs[0]?.name, bound.outputs[0]?.name]).toEqual(['pairs', 'pairs'])
  })
})

test.each([
  ['需要一个计算销售增长率的节点', 'growth_rate'],
  ['Calculate the growth rate of sales', 'growth_rate'],
  ['计算订单的同比', 'growth_rate'],
  ['算一下毛利率', 'ratio'],
  ['conversion rate from visits and orders', 'ratio'],
  ['各地区销售额占比', 'share_of_total'],
  ['a 7 day moving average of prices', 'moving_average'],
  ['对客户按消费额排名', 'ranking'],
  ['the top 10 products by revenue', 'ranking'],
  ['过滤掉金额小于 100 的订单', 'filter'],
  ['把订单和客户两个列表关联起来', 'join'],
  ['join orders with customers', 'join'],
  ['把月份行转列', 'pivot'],
  ['total amount by region', 'group_aggregate'],
  ['按部门汇总工资', 'group_aggregate'],
  ['sales per month', 'date_bucket'],
  ['按季度统计订单数', 'date_bucket'],
  ['找出价格异常值', 'outliers'],
  ['remove duplicate customers', 'deduplicate'],
  ['用前一个值填补缺失值', 'fill_gaps'],
  ['convert miles to km', 'unit_conversion'],
  ['清洗文本，去掉多余空格', 'clean_text'],
  ['年均增长率 CAGR', 'compound_growth'],
])('The request "%s" is one for the template %s', (request, id) => {
  expect(matchTemplates(request)[0]?.template.id).toBe(id)
})
