import type { Role, Template } from './template.ts'

export const values: Role = {
  name: 'values',
  type: 'list<number>',
  about: { zh: '数值列表', en: 'The numbers' },
}

/** Templates that work on a list of numbers. */
export const LIST_TEMPLATES: readonly Template[] = [
  {
    id: 'statistics',
    suffix: 'statistics',
    title: { zh: '统计概要', en: 'Summary statistics' },
    words: [
      [/统计量|统计概要|描述性统计|平均值|均值|中位数|标准差|方差/, 3],
      [/summary statistics|descriptive statistics|\b(?:average|mean|median|standard deviation|variance)\b/i, 3],
    ],
    inputs: [values],
    outputs: [
      { name: 'count', type: 'integer', about: { zh: '个数', en: 'How many' } },
      { name: 'sum', type: 'number', about: { zh: '合计', en: 'Their sum' } },
      {
        name: 'mean',
        type: 'number',
        required: false,
        about: { zh: '平均值', en: 'Their mean' },
        hints: /mean|avg|average/,
      },
      { name: 'median', type: 'number', required: false, about: { zh: '中位数', en: 'Their median' } },
      { name: 'minimum', type: 'number', required: false, about: { zh: '最小值', en: 'The least' }, hints: /min/ },
      { name: 'maximum', type: 'number', required: false, about: { zh: '最大值', en: 'The greatest' }, hints: /max/ },
      {
        name: 'deviation',
        type: 'number',
        required: false,
        about: { zh: '标准差（总体）', en: 'Standard deviation of the whole' },
        hints: /std|dev/,
      },
    ],
    code: (at) => `function main(inputs) {
  const values = [...${at.in('values')}].sort((a, b) => a - b)
  const count = values.length
  const sum = values.reduce((total, value) => total + value, 0)
  const mean = count === 0 ? null : sum / count
  const middle = Math.floor(count / 2)
  const median = count === 0 ? null : count % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0)
  return {
    ${at.out('count')}: count,
    ${at.out('sum')}: sum,
    ${at.out('mean')}: mean,
    ${at.out('median')}: median,
    ${at.out('minimum')}: count === 0 ? null : values[0],
    ${at.out('maximum')}: count === 0 ? null : values[count - 1],
    ${at.out('deviation')}: count === 0 ? null : Math.sqrt(squares / count),
  }
}
`,
    tests: [
      {
        inputs: { values: [2, 4, 4, 4, 5, 5, 7, 9] },
        outputs: { count: 8, sum: 40, mean: 5, median: 4.5, minimum: 2, maximum: 9, deviation: 2 },
      },
      { inputs: { values: [] }, outputs: { count: 0, sum: 0, mean: null } },
    ],
  },
  {
    id: 'weighted_average',
    suffix: 'weighted_average',
    title: { zh: '加权平均', en: 'Weighted average' },
    words: [
      [/加权平均|加权均值|加权得分|加权/, 5],
      [/weighted (?:average|mean|score)/i, 5],
    ],
    inputs: [
      { ...values, hints: /value|score|price|amount/ },
      {
        name: 'weights',
        type: 'list<number>',
        about: { zh: '每个数值的权重', en: 'The weight of each number' },
        hints: /weight|quantity|share/,
      },
    ],
    outputs: [
      {
        name: 'average',
        type: 'number',
        required: false,
        about: { zh: '加权平均；权重和为 0 时为空', en: 'The weighted average; none when the weights add up to 0' },
      },
    ],
    code: (at) => `function main(inputs) {
  const values = ${at.in('values')}
  const weights = ${at.in('weights')}
  if (values.length !== weights.length) throw new Error('There must be one weight for each value')
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const weighted = values.reduce((sum, value, index) => sum + value * weights[index], 0)
  return { ${at.out('average')}: total === 0 ? null : weighted / total }
}
`,
    tests: [{ inputs: { values: [10, 20], weights: [3, 1] }, outputs: { average: 12.5 } }],
  },
  {
    id: 'outliers',
    suffix: 'outliers',
    title: { zh: '异常值', en: 'Outliers' },
    words: [
      [/异常值|离群|异常检测|异常点/, 5],
      [/\boutliers?\b|anomal(?:y|ies)/i, 5],
    ],
    inputs: [
      values,
      {
        name: 'factor',
        type: 'number',
        default: 1.5,
        about: { zh: '四分位距的倍数', en: 'How many quartile ranges away' },
        hints: /factor|threshold|multiple/,
      },
    ],
    outputs: [
      { name: 'outliers', type: 'list<object>', about: { zh: '异常值及其位置', en: 'Each outlier with its place' } },
      {
        name: 'low',
        type: 'number',
        required: false,
        about: { zh: '下界', en: 'What is below is an outlier' },
        hints: /low|min/,
      },
      {
        name: 'high',
        type: 'number',
        required: false,
        about: { zh: '上界', en: 'What is above is one' },
        hints: /high|up|max/,
      },
    ],
    code: (at) => `function main(inputs) {
  const values = ${at.in('values')}
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted.length === 0) return { ${at.out('outliers')}: [], ${at.out('low')}: null, ${at.out('high')}: null }
  const quartile = (share) => {
    const place = (sorted.length - 1) * share
    const below = Math.floor(place)
    const above = Math.min(below + 1, sorted.length - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below)
  }
  const range = (quartile(0.75) - quartile(0.25)) * ${at.in('factor')}
  const low = quartile(0.25) - range
  const high = quartile(0.75) + range
  const outliers = values.map((value, index) => ({ index, value })).filter(({ value }) => value < low || value > high)
  return { ${at.out('outliers')}: outliers, ${at.out('low')}: low, ${at.out('high')}: high }
}
`,
    tests: [
      { inputs: { values: [10, 11, 12, 11, 10, 100], factor: 1.5 }, outputs: { outliers: [{ index: 5, value: 100 }] } },
      { inputs: { values: [], factor: 1.5 }, outputs: { outliers: [] } },
    ],
  },
  {
    id: 'normalize',
    suffix: 'normalizer',
    title: { zh: '归一化', en: 'Scaling to 0 … 1' },
    words: [
      [/归一化|标准化数值|缩放到/, 5],
      [/\bnormali[sz]e\b|min[- ]?max|\bscal(?:e|ing) (?:to|between)/i, 4],
    ],
    inputs: [values],
    outputs: [
      {
        name: 'scaled',
        type: 'list<number>',
        about: { zh: '缩放到 0 至 1 的数值', en: 'The numbers between 0 and 1' },
      },
    ],
    code: (at) => `function main(inputs) {
  const values = ${at.in('values')}
  const low = values.reduce((least, value) => Math.min(least, value), Infinity)
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity)
  return { ${at.out('scaled')}: values.map((value) => (high === low ? 0 : (value - low) / (high - low))) }
}
`,
    tests: [
      { inputs: { values: [10, 20, 15] }, outputs: { scaled: [0, 1, 0.5] } },
      { inputs: { values: [4, 4] }, outputs: { scaled: [0, 0] } },
    ],
  },
]
