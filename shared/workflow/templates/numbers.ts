import { values } from './lists.ts'
import type { Template } from './template.ts'

/** Templates that calculate with numbers. */
export const NUMBER_TEMPLATES: readonly Template[] = [
  {
    id: 'growth_rate',
    suffix: 'growth_calculator',
    title: { zh: '增长率', en: 'Growth rate' },
    words: [
      [/增长率|增长幅度|增幅|涨幅|增速|同比|环比/, 3],
      [
        /growth(?:[ _-]rate)?|rate of growth|year[- ]over[- ]year|month[- ]over[- ]month|\b(?:yoy|mom)\b|percent(?:age)? change/i,
        3,
      ],
      [/增长|increase/i, 1],
    ],
    inputs: [
      {
        name: 'current',
        type: 'number',
        about: { zh: '本期数值', en: 'The value now' },
        hints: /cur|now|new|this|after|latest|end/,
      },
      {
        name: 'previous',
        type: 'number',
        about: { zh: '上期数值', en: 'The value before' },
        hints: /prev|last|base|before|old|prior|start/,
      },
    ],
    outputs: [
      {
        name: 'growth_rate',
        type: 'number',
        required: false,
        about: {
          zh: '增长率，0.25 表示 25%；上期为 0 时为空',
          en: 'Growth, 0.25 for 25 %; none when the value before is 0',
        },
      },
    ],
    code: (at) => `function main(inputs) {
  const current = ${at.in('current')}
  const previous = ${at.in('previous')}
  // Growth from nothing has no rate.
  if (previous === 0) return { ${at.out('growth_rate')}: null }
  return { ${at.out('growth_rate')}: (current - previous) / Math.abs(previous) }
}
`,
    tests: [
      { inputs: { current: 100, previous: 80 }, outputs: { growth_rate: 0.25 } },
      { inputs: { current: 90, previous: 100 }, outputs: { growth_rate: -0.1 } },
      { inputs: { current: 5, previous: 0 }, outputs: { growth_rate: null } },
    ],
  },
  {
    id: 'ratio',
    suffix: 'ratio',
    title: { zh: '比率', en: 'Ratio' },
    words: [
      [/\p{Script=Han}率/u, 2],
      [/\brate\b/i, 2],
      [/比率|比值|比例|转化率|利润率|毛利率|占比率|退货率|完成率|达成率|命中率|客单价|人均|单价|相除/, 3],
      [
        /\bratio\b|\bdivide[sd]?\b|\bquotient\b|\bper (?:capita|customer|order|unit)\b|conversion rate|\bmargin\b|completion rate/i,
        3,
      ],
    ],
    inputs: [
      {
        name: 'numerator',
        type: 'number',
        about: { zh: '分子', en: 'What is divided' },
        hints: /num|part|profit|converted|done|success|amount|revenue/,
      },
      {
        name: 'denominator',
        type: 'number',
        about: { zh: '分母', en: 'What it is divided by' },
        hints: /den|total|all|base|count|visits|orders|customers|whole/,
      },
    ],
    outputs: [
      {
        name: 'ratio',
        type: 'number',
        required: false,
        about: { zh: '比值；分母为 0 时为空', en: 'The ratio; none when the denominator is 0' },
      },
    ],
    code: (at) => `function main(inputs) {
  const denominator = ${at.in('denominator')}
  return { ${at.out('ratio')}: denominator === 0 ? null : ${at.in('numerator')} / denominator }
}
`,
    tests: [
      { inputs: { numerator: 30, denominator: 120 }, outputs: { ratio: 0.25 } },
      { inputs: { numerator: 1, denominator: 0 }, outputs: { ratio: null } },
    ],
  },
  {
    id: 'compound_growth',
    suffix: 'compound_growth',
    title: { zh: '复合增长率', en: 'Compound growth rate' },
    words: [
      [/复合(?:年均)?增长|年均增长/, 5],
      [/\bcagr\b|compound(?:ed)?(?: annual)? growth/i, 5],
    ],
    inputs: [
      {
        name: 'first',
        type: 'number',
        about: { zh: '期初数值', en: 'The value at the beginning' },
        hints: /first|start|begin|initial|prev/,
      },
      {
        name: 'last',
        type: 'number',
        about: { zh: '期末数值', en: 'The value at the end' },
        hints: /last|end|final|cur/,
      },
      {
        name: 'periods',
        type: 'number',
        about: { zh: '期数', en: 'How many periods lie between' },
        hints: /period|year|month|^n$|count/,
      },
    ],
    outputs: [{ name: 'rate', type: 'number', required: false, about: { zh: '每期增长率', en: 'Growth per period' } }],
    code: (at) => `function main(inputs) {
  const first = ${at.in('first')}
  const periods = ${at.in('periods')}
  if (first <= 0 || periods <= 0 || ${at.in('last')} < 0) return { ${at.out('rate')}: null }
  return { ${at.out('rate')}: (${at.in('last')} / first) ** (1 / periods) - 1 }
}
`,
    tests: [
      { inputs: { first: 100, last: 121, periods: 2 }, outputs: { rate: 0.1 } },
      { inputs: { first: 0, last: 5, periods: 1 }, outputs: { rate: null } },
    ],
  },
  {
    id: 'moving_average',
    suffix: 'moving_average',
    title: { zh: '移动平均', en: 'Moving average' },
    words: [
      [/移动平均|滑动平均|滚动平均|均线/, 5],
      [/(?:moving|rolling|running) (?:average|mean)|\bsma\b/i, 5],
    ],
    inputs: [
      values,
      {
        name: 'window',
        type: 'integer',
        default: 3,
        about: { zh: '窗口大小', en: 'How many values are averaged' },
        hints: /window|size|days|period/,
      },
    ],
    outputs: [
      {
        name: 'averages',
        type: 'list<number>',
        about: {
          zh: '每个位置的平均值，开头用已有的值',
          en: 'The average at each place; at the beginning of what is there',
        },
      },
    ],
    code: (at) => `function main(inputs) {
  const window = Math.max(1, ${at.in('window')})
  let sum = 0
  const averages = ${at.in('values')}.map((value, index, all) => {
    sum += value
    if (index >= window) sum -= all[index - window]
    return sum / Math.min(window, index + 1)
  })
  return { ${at.out('averages')}: averages }
}
`,
    tests: [{ inputs: { values: [1, 2, 3, 4, 8], window: 3 }, outputs: { averages: [1, 1.5, 2, 3, 5] } }],
  },
]
