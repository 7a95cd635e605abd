import type { Role, Template } from './template.ts'

export const rows: Role = {
  name: 'rows',
  type: 'list<object>',
  about: { zh: '记录列表', en: 'The records' },
}
const column = (name: string, usual: string, zh: string, en: string, hints?: RegExp): Role => ({
  name,
  type: 'string',
  default: usual,
  about: { zh, en },
  ...(hints === undefined ? {} : { hints }),
})
const valueColumn = column(
  'value_column',
  'amount',
  '数值所在的列',
  'The column of the numbers',
  /value|amount|measure/,
)
const out = (zh: string, en: string): Role => ({ ...rows, about: { zh, en } })
const passes = { input: 'rows', output: 'rows' }
const FIRST = { region: 'north', amount: 10 }
const SECOND = { region: 'south', amount: 30 }
const THIRD = { region: 'north', amount: 60 }
const SALES = [FIRST, SECOND, THIRD]

/** Templates that work on records one by one. */
export const ROW_TEMPLATES: readonly Template[] = [
  {
    id: 'share_of_total',
    suffix: 'share_calculator',
    title: { zh: '占比', en: 'Share of the total' },
    words: [
      [/占比|份额|占总|百分比构成/, 4],
      [/share of (?:the )?total|percent(?:age)? of (?:the )?total|\bshares?\b|proportion/i, 4],
    ],
    inputs: [rows, valueColumn],
    outputs: [out('带 share 列的记录', 'The records with a column share')],
    passes,
    code: (at) => `function main(inputs) {
  const column = ${at.in('value_column')}
  const total = ${at.in('rows')}.reduce((sum, row) => sum + Number(row[column] ?? 0), 0)
  const share = (row) => (total === 0 ? 0 : Number(row[column] ?? 0) / total)
  return { ${at.out('rows')}: ${at.in('rows')}.map((row) => ({ ...row, share: share(row) })) }
}
`,
    tests: [
      {
        inputs: { rows: SALES, value_column: 'amount' },
        outputs: {
          rows: [
            { region: 'north', amount: 10, share: 0.1 },
            { region: 'south', amount: 30, share: 0.3 },
            { region: 'north', amount: 60, share: 0.6 },
          ],
        },
      },
    ],
  },
  {
    id: 'ranking',
    suffix: 'ranking',
    title: { zh: '排名', en: 'Ranking' },
    words: [
      [/排名|排行|名次|前\s*\d+\s*名|最高的|最低的|排序/, 4],
      [/\brank(?:ing|ed|s)?\b|\btop[ -]?(?:n|\d+)\b|leader ?board|\bsort(?:ed|ing|s)?\b/i, 4],
    ],
    inputs: [
      rows,
      valueColumn,
      { name: 'descending', type: 'boolean', default: true, about: { zh: '从大到小', en: 'Greatest first' } },
      {
        name: 'top',
        type: 'integer',
        default: 0,
        about: { zh: '只保留前几名，0 为全部', en: 'How many to keep; 0 for all' },
        hints: /top|limit|^n$/,
      },
    ],
    outputs: [out('带 rank 列、按名次排列的记录', 'The records by rank, with a column rank')],
    passes,
    code: (at) => `function main(inputs) {
  const column = ${at.in('value_column')}
  const sign = ${at.in('descending')} ? -1 : 1
  const sorted = [...${at.in('rows')}].sort((a, b) => sign * (Number(a[column] ?? 0) - Number(b[column] ?? 0)))
  let rank = 0
  const ranked = sorted.map((row, index) => {
    // Equal values share a rank.
    if (index === 0 || sorted[index - 1][column] !== row[column]) rank = index + 1
    return { ...row, rank }
  })
  return { ${at.out('rows')}: ${at.in('top')} > 0 ? ranked.slice(0, ${at.in('top')}) : ranked }
}
`,
    tests: [
      {
        inputs: { rows: SALES, value_column: 'amount', descending: true, top: 2 },
        outputs: {
          rows: [
            { region: 'north', amount: 60, rank: 1 },
            { region: 'south', amount: 30, rank: 2 },
          ],
        },
      },
    ],
  },
  {
    id: 'filter',
    suffix: 'filter',
    title: { zh: '过滤', en: 'Filter' },
    words: [
      [/过滤|筛选|筛出|剔除|只保留|排除/, 4],
      [/\bfilter(?:s|ed|ing)?\b|keep only|\bexclude\b|select rows|rows where/i, 4],
    ],
    inputs: [
      rows,
      column('column', 'amount', '要比较的列', 'The column that is compared', /column|field|key/),
      {
        name: 'operator',
        type: 'string',
        default: 'not_empty',
        choices: ['=', '!=', '>', '>=', '<', '<=', 'contains', 'not_contains', 'not_empty'],
        about: { zh: '比较方式', en: 'How it is compared' },
        hints: /operator|condition/,
      },
      {
        name: 'value',
        type: 'any',
        required: false,
        default: null,
        about: { zh: '比较的值', en: 'What it is compared with' },
        hints: /value|threshold|min|max/,
      },
    ],
    outputs: [
      out('符合条件的记录', 'The records that fit'),
      {
        name: 'removed',
        type: 'integer',
        about: { zh: '去掉的记录数', en: 'How many did not' },
        hints: /removed|dropped|count/,
      },
    ],
    passes,
    code: (at) => `function main(inputs) {
  const wanted = ${at.in('value')}
  const tests = {
    '=': (value) => value === wanted,
    '!=': (value) => value !== wanted,
    '>': (value) => value > wanted,
    '>=': (value) => value >= wanted,
    '<': (value) => value < wanted,
    '<=': (value) => value <= wanted,
    contains: (value) => String(value ?? '').includes(String(wanted)),
    not_contains: (value) => !String(value ?? '').includes(String(wanted)),
    not_empty: (value) => value !== null && value !== undefined && value !== '',
  }
  const kept = ${at.in('rows')}.filter((row) => tests[${at.in('operator')}](row[${at.in('column')}]))
  return { ${at.out('rows')}: kept, ${at.out('removed')}: ${at.in('rows')}.length - kept.length }
}
`,
    tests: [
      {
        inputs: { rows: SALES, column: 'amount', operator: '>=', value: 30 },
        outputs: { rows: [SECOND, THIRD], removed: 1 },
      },
      {
        inputs: { rows: [{ amount: null }, { amount: 0 }], column: 'amount', operator: 'not_empty', value: null },
        outputs: { rows: [{ amount: 0 }], removed: 1 },
      },
    ],
  },
  {
    id: 'deduplicate',
    suffix: 'deduplicator',
    title: { zh: '去重', en: 'Deduplicate' },
    words: [
      [/去重|去掉重复|删除重复|重复(?:项|记录|数据)/, 5],
      [/de-?dup(?:licate|e|lication)?|duplicates?|\bdistinct\b|\bunique\b/i, 4],
    ],
    inputs: [
      rows,
      {
        name: 'keys',
        type: 'list<string>',
        default: [],
        about: { zh: '判断重复的列，空为所有列', en: 'The columns that must differ; empty for all' },
        hints: /key|column|field/,
      },
    ],
    outputs: [
      out('不重复的记录', 'The records, each once'),
      {
        name: 'removed',
        type: 'integer',
        about: { zh: '去掉的记录数', en: 'How many were left out' },
        hints: /removed|dropped|count/,
      },
    ],
    passes,
    code: (at) => `function main(inputs) {
  const seen = new Set()
  const kept = ${at.in('rows')}.filter((row) => {
    const names = ${at.in('keys')}.length > 0 ? ${at.in('keys')} : Object.keys(row).sort()
    const key = JSON.stringify(names.map((name) => [name, row[name] ?? null]))
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
  return { ${at.out('rows')}: kept, ${at.out('removed')}: ${at.in('rows')}.length - kept.length }
}
`,
    tests: [
      { inputs: { rows: SALES, keys: ['region'] }, outputs: { rows: [FIRST, SECOND], removed: 1 } },
      {
        inputs: {
          rows: [
            { a: 1, b: 2 },
            { b: 2, a: 1 },
          ],
          keys: [],
        },
        outputs: { rows: [{ a: 1, b: 2 }], removed: 1 },
      },
    ],
  },
  {
    id: 'fill_gaps',
    suffix: 'gap_filler',
    title: { zh: '填补空缺', en: 'Fill gaps' },
    words: [
      [/填补|补全|填充|缺失值|空值|空缺|插补/, 4],
      [/fill(?:s|ed|ing)? (?:in )?(?:the )?(?:gaps?|missing|nulls?|blanks?|empty)|missing values|\bimpute/i, 4],
    ],
    inputs: [
      rows,
      valueColumn,
      {
        name: 'method',
        type: 'string',
        default: 'previous',
        choices: ['previous', 'zero', 'average'],
        about: { zh: '用什么填补', en: 'What takes the place of a gap' },
        hints: /method|strategy/,
      },
    ],
    outputs: [
      out('填补后的记录', 'The records without gaps'),
      {
        name: 'filled',
        type: 'integer',
        about: { zh: '填补的个数', en: 'How many gaps were filled' },
        hints: /filled|count/,
      },
    ],
    passes,
    code: (at) => `function main(inputs) {
  const column = ${at.in('value_column')}
  const known = ${at.in('rows')}.map((row) => row[column]).filter((value) => value !== null && value !== undefined && value !== '')
  const average = known.length === 0 ? 0 : known.reduce((sum, value) => sum + Number(value), 0) / known.length
  let previous = known[0] ?? 0
  let filled = 0
  const full = ${at.in('rows')}.map((row) => {
    const value = row[column]
    if (value !== null && value !== undefined && value !== '') {
      previous = value
      return row
    }
    filled++
    return { ...row, [column]: { previous, zero: 0, average }[${at.in('method')}] }
  })
  return { ${at.out('rows')}: full, ${at.out('filled')}: filled }
}
`,
    tests: [
      {
        inputs: { rows: [{ amount: 4 }, { amount: null }, { amount: 8 }], value_column: 'amount', method: 'previous' },
        outputs: { rows: [{ amount: 4 }, { amount: 4 }, { amount: 8 }], filled: 1 },
      },
      {
        inputs: { rows: [{ amount: 4 }, {}, { amount: 8 }], value_column: 'amount', method: 'average' },
        outputs: { rows: [{ amount: 4 }, { amount: 6 }, { amount: 8 }], filled: 1 },
      },
    ],
  },
]
