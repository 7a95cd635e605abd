import { rows } from './rows.ts'
import type { Role, Template } from './template.ts'

const text = (name: string, usual: string, zh: string, en: string, hints?: RegExp): Role => ({
  name,
  type: 'string',
  default: usual,
  about: { zh, en },
  ...(hints === undefined ? {} : { hints }),
})
const valueColumn = text('value_column', 'amount', '数值所在的列', 'The column of the numbers', /value|amount|measure/)
const functionRole: Role = {
  ...text('aggregate', 'sum', '聚合方式', 'How numbers of a group become one', /aggregate|function|method/),
  choices: ['sum', 'average', 'count', 'minimum', 'maximum'],
}
const AGGREGATES = `  const aggregates = {
    sum: (values) => values.reduce((total, value) => total + value, 0),
    average: (values) => values.reduce((total, value) => total + value, 0) / values.length,
    count: (values) => values.length,
    minimum: (values) => values.reduce((least, value) => Math.min(least, value)),
    maximum: (values) => values.reduce((most, value) => Math.max(most, value)),
  }`
const SALES = [
  { region: 'north', month: '2024-01', amount: 10 },
  { region: 'south', month: '2024-01', amount: 30 },
  { region: 'north', month: '2024-02', amount: 60 },
]

/** Templates that make other records out of records. */
export const TABLE_TEMPLATES: readonly Template[] = [
  {
    id: 'group_aggregate',
    suffix: 'aggregator',
    title: { zh: '分组聚合', en: 'Group and aggregate' },
    words: [
      [/分组|汇总|聚合|合计|小计|按.{1,12}(?:统计|求和|计算(?:总|平均))|总和|求和/, 3],
      [
        /group(?:ed|ing|s)? (?:and|by)|aggregat(?:e|es|ed|ion)|\bsubtotals?\b|totals? (?:by|per)|\b(?:sum(?:s|med)?|totals?|averages?|counts?)\b.{0,30}\b(?:by|per)\b/i,
        4,
      ],
    ],
    inputs: [
      rows,
      text('group_column', 'region', '分组的列', 'The column to group by', /group|key|category|by/),
      valueColumn,
      functionRole,
    ],
    outputs: [
      {
        ...rows,
        name: 'groups',
        about: { zh: '每组一条：group、value、count', en: 'One record a group: group, value, count' },
      },
    ],
    code: (at) => `function main(inputs) {
${AGGREGATES}
  const groups = new Map()
  for (const row of ${at.in('rows')}) {
    const group = row[${at.in('group_column')}] ?? null
    if (!groups.has(group)) groups.set(group, [])
    groups.get(group).push(Number(row[${at.in('value_column')}] ?? 0))
  }
  const aggregate = aggregates[${at.in('aggregate')}]
  const answer = [...groups].map(([group, values]) => ({ group, value: aggregate(values), count: values.length }))
  return { ${at.out('groups')}: answer }
}
`,
    tests: [
      {
        inputs: { rows: SALES, group_column: 'region', value_column: 'amount', aggregate: 'sum' },
        outputs: {
          groups: [
            { group: 'north', value: 70, count: 2 },
            { group: 'south', value: 30, count: 1 },
          ],
        },
      },
    ],
  },
  {
    id: 'join',
    suffix: 'joiner',
    title: { zh: '合并两个列表', en: 'Join of two lists' },
    words: [
      [/关联|联接|连接(?:两|列表|表)|合并(?:两|列表|表)|匹配两|左连接|内连接/, 4],
      [
        /\bjoin(?:s|ed|ing)?\b|\bmerge (?:two|both|lists|tables)|\bmatch(?:es|ing)? (?:two|both|records)|\blook ?up\b/i,
        4,
      ],
    ],
    inputs: [
      {
        ...rows,
        name: 'left',
        about: { zh: '左侧记录', en: 'The records on the left' },
        hints: /left|first|orders|items|facts/,
      },
      {
        ...rows,
        name: 'right',
        about: { zh: '右侧记录', en: 'The records on the right' },
        hints: /right|second|customers|products|lookup/,
      },
      text('left_key', 'id', '左侧的键列', 'The key column on the left', /left.*key/),
      text('right_key', 'id', '右侧的键列', 'The key column on the right', /right.*key/),
      {
        ...text(
          'kind',
          'inner',
          '无匹配的左侧记录：inner 去掉，left 保留',
          'Records of the left without a match: inner drops them, left keeps them',
          /kind|how|type/,
        ),
        choices: ['inner', 'left'],
      },
    ],
    outputs: [
      { ...rows, about: { zh: '合并后的记录，左侧的值优先', en: 'The joined records; values of the left win' } },
    ],
    code: (at) => `function main(inputs) {
  const matches = new Map()
  for (const row of ${at.in('right')}) {
    const key = row[${at.in('right_key')}] ?? null
    if (key === null) continue
    if (!matches.has(key)) matches.set(key, [])
    matches.get(key).push(row)
  }
  const joined = []
  for (const row of ${at.in('left')}) {
    const found = matches.get(row[${at.in('left_key')}] ?? null) ?? []
    for (const other of found) joined.push({ ...other, ...row })
    if (found.length === 0 && ${at.in('kind')} === 'left') joined.push({ ...row })
  }
  return { ${at.out('rows')}: joined }
}
`,
    tests: [
      {
        inputs: {
          left: [
            { customer: 1, total: 5 },
            { customer: 3, total: 7 },
          ],
          right: [{ id: 1, name: 'Ann' }],
          left_key: 'customer',
          right_key: 'id',
          kind: 'left',
        },
        outputs: {
          rows: [
            { id: 1, name: 'Ann', customer: 1, total: 5 },
            { customer: 3, total: 7 },
          ],
        },
      },
    ],
  },
  {
    id: 'pivot',
    suffix: 'pivot',
    title: { zh: '透视表', en: 'Pivot' },
    words: [
      [/透视|行转列|列转行|交叉表/, 5],
      [/\bpivot\b|cross[- ]?tab/i, 5],
    ],
    inputs: [
      rows,
      text('row_column', 'region', '成为行的列', 'The column whose values become records', /row/),
      text('column_column', 'month', '成为列的列', 'The column whose values become columns', /column_column|columns/),
      valueColumn,
    ],
    outputs: [{ ...rows, about: { zh: '透视后的记录', en: 'One record for each value of the row column' } }],
    code: (at) => `function main(inputs) {
  const table = new Map()
  for (const row of ${at.in('rows')}) {
    const key = row[${at.in('row_column')}] ?? null
    if (!table.has(key)) table.set(key, { [${at.in('row_column')}]: key })
    const record = table.get(key)
    const column = String(row[${at.in('column_column')}] ?? '')
    record[column] = (record[column] ?? 0) + Number(row[${at.in('value_column')}] ?? 0)
  }
  return { ${at.out('rows')}: [...table.values()] }
}
`,
    tests: [
      {
        inputs: { rows: SALES, row_column: 'region', column_column: 'month', value_column: 'amount' },
        outputs: {
          rows: [
            { region: 'north', '2024-01': 10, '2024-02': 60 },
            { region: 'south', '2024-01': 30 },
          ],
        },
      },
    ],
  },
  {
    id: 'date_bucket',
    suffix: 'date_buckets',
    title: { zh: '按日期分段', en: 'Date bucketing' },
    words: [
      [
        /按(?:天|日|周|月|季度?|年)|每(?:天|日|周|月|季度?|年)(?:的)?(?:数|总|合计|平均|统计)|日期分段|时间分段|按时间/,
        4,
      ],
      [
        /(?:date|time) bucket(?:s|ing)?|\b(?:by|per|each) (?:day|week|month|quarter|year)\b|\b(?:daily|weekly|monthly|quarterly|yearly)\b/i,
        4,
      ],
    ],
    inputs: [
      rows,
      text('date_column', 'date', '日期所在的列', 'The column of the dates', /date|time|day/),
      {
        ...text('period', 'month', '时间段', 'The length of a bucket', /period|bucket|unit/),
        choices: ['day', 'week', 'month', 'quarter', 'year'],
      },
      valueColumn,
    ],
    outputs: [
      {
        ...rows,
        name: 'buckets',
        about: { zh: '每段一条：bucket、count、total', en: 'One record a bucket: bucket, count, total' },
      },
    ],
    code: (at) => `function main(inputs) {
  const start = {
    day: (date) => date.slice(0, 10),
    week: (date) => {
      const day = new Date(date.slice(0, 10) + 'T00:00:00Z')
      // Weeks begin on Monday.
      day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
      return day.toISOString().slice(0, 10)
    },
    month: (date) => date.slice(0, 7),
    quarter: (date) => date.slice(0, 4) + '-Q' + Math.ceil(Number(date.slice(5, 7)) / 3),
    year: (date) => date.slice(0, 4),
  }[${at.in('period')}]
  const buckets = new Map()
  for (const row of ${at.in('rows')}) {
    const date = String(row[${at.in('date_column')}] ?? '')
    if (!/^\\d{4}-\\d{2}-\\d{2}/.test(date)) continue
    const key = start(date)
    const bucket = buckets.get(key) ?? { bucket: key, count: 0, total: 0 }
    bucket.count++
    bucket.total += Number(row[${at.in('value_column')}] ?? 0)
    buckets.set(key, bucket)
  }
  const ordered = [...buckets.values()].sort((a, b) => (a.bucket < b.bucket ? -1 : 1))
  return { ${at.out('buckets')}: ordered }
}
`,
    tests: [
      {
        inputs: {
          rows: [
            { date: '2024-05-17', amount: 2 },
            { date: '2024-04-01T08:00:00', amount: 1 },
            { date: 'unknown', amount: 9 },
          ],
          date_column: 'date',
          period: 'quarter',
          value_column: 'amount',
        },
        outputs: { buckets: [{ bucket: '2024-Q2', count: 2, total: 3 }] },
      },
      {
        inputs: { rows: [{ date: '2024-05-19' }], date_column: 'date', period: 'week', value_column: 'amount' },
        outputs: { buckets: [{ bucket: '2024-05-13', count: 1, total: 0 }] },
      },
    ],
  },
]
