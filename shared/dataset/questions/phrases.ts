import { type Condition, withConditions } from './conditions.ts'
import { isNumeric } from './roles.ts'
import type { Field, Scene } from './scene.ts'
import { type Both, listed, zh } from './wording.ts'
import { singular } from './words.ts'

export type StatisticName = 'sum' | 'avg' | 'max' | 'min'

/** An aggregate over a column, as SQL and as words: `AVG(unit_price)`, `average unit price`. */
export interface Statistic extends Both {
  readonly sql: string
  readonly as: string
}

// Adding these up means nothing to anybody.
const NOT_ADDITIVE =
  /price|rate|rating|age$|score|percent|temperature|level|duration|length|year|discount|ratio|average|size|单价|率|比例|评分|年龄|折扣/
const STATISTIC_STEMS: Readonly<Record<StatisticName, string>> = {
  sum: 'total',
  avg: 'average',
  max: 'highest',
  min: 'lowest',
}

export function statistic(field: Field, name: StatisticName): Statistic {
  const { label } = field
  const isDate = ['date', 'timestamp', 'time'].includes(field.role)
  const english = isDate ? { sum: '', avg: '', max: 'latest', min: 'earliest' } : STATISTIC_STEMS
  const chinese = isDate
    ? { sum: '', avg: '', max: '最晚', min: '最早' }
    : { sum: '总', avg: '平均', max: '最高', min: '最低' }
  const isTotal = name === 'sum' && /^(total|sum)\b/.test(label)
  const isChineseTotal = name === 'sum' && (/[总合]/.test(label) || /^[\x20-\x7e]+$/.test(label))
  return {
    sql: `${name.toUpperCase()}(${field.ref})`,
    as: `${english[name]}_${field.stem}`,
    en: isTotal ? `sum of the ${label}` : `${english[name]} ${label}`,
    zh: isChineseTotal ? zh`${label}合计` : zh`${chinese[name]}${label}`,
  }
}

export function isAdditive(field: Field): boolean {
  return (
    isNumeric(field.column) && !NOT_ADDITIVE.test(field.stem.replaceAll('_', ' ')) && !NOT_ADDITIVE.test(field.label)
  )
}

/** Numbers worth calculating with: they vary, and are no keys or codes. */
export function measuresOf(scene: Scene): readonly Field[] {
  return scene.fields.filter(
    ({ role, column, profile }) =>
      (role === 'money' || role === 'measure') && isNumeric(column) && profile.distinct > 1,
  )
}

/** Columns worth grouping by: a few values that repeat. */
export function groupsOf(scene: Scene): readonly Field[] {
  return scene.fields.filter(
    ({ role, profile }) =>
      ['category', 'flag', 'year'].includes(role) &&
      profile.distinct > 1 &&
      profile.distinct <= 60 &&
      profile.nullShare < 0.95,
  )
}

/** Dates that span at least a day; those that only say when a row was written, where there are no others. */
export function datesOf(scene: Scene): readonly Field[] {
  const dates = scene.fields.filter(
    ({ role, profile: { min, max } }) =>
      (role === 'date' || role === 'timestamp') && isDay(min) && isDay(max) && min.slice(0, 10) < max.slice(0, 10),
  )
  const telling = dates.filter(({ stem }) => !/update|modif|^(created|inserted)_|timestamp/.test(stem))
  return telling.length > 0 ? telling : dates
}

function isDay(text: string | null): text is string {
  return /^\d{4}-/.test(text ?? '')
}

/** `c.first_name, c.last_name`. */
export function refs(fields: readonly Field[]): string {
  return fields.map(({ ref }) => ref).join(', ')
}

/** `the first names and last names of customers whose …` / `… 的 customer 的 first name 和 last name`. */
export function fieldsOf(
  scene: Scene,
  fields: readonly Field[],
  conditions: readonly Condition[] = [],
  joiner: 'and' | 'or' = 'and',
): Both {
  const rows = withConditions(scene, conditions, joiner)
  return {
    zh: zh`${conditions.length === 0 ? zh`所有${rows.zh}` : rows.zh}的${listed(
      'zh',
      fields.map(({ label }) => label),
    )}`,
    en: `the ${listed(
      'en',
      fields.map(({ many }) => many),
    )} of ${conditions.length === 0 ? `all ${rows.en}` : rows.en}`,
  }
}

/** `the highest price of products whose …`. */
export function statisticOf(scene: Scene, statistics: readonly Both[], conditions: readonly Condition[] = []): Both {
  const rows = withConditions(scene, conditions)
  return {
    zh: zh`${conditions.length === 0 ? zh`所有${rows.zh}` : rows.zh}的${listed(
      'zh',
      statistics.map((one) => one.zh),
    )}`,
    en: `the ${listed(
      'en',
      statistics.map((one) => one.en),
    )} of ${conditions.length === 0 ? `all ${rows.en}` : rows.en}`,
  }
}

/** `for each country`, `每个 country`. */
export function perGroup(groups: readonly Field[]): Both {
  const labels = groups.map(({ label }) => label)
  const ones = groups.map(({ label, many }) => (label === many ? singular(label) : label)) // `for each note` of `notes`
  return {
    zh: groups.length > 1 ? zh`每种${listed('zh', labels)}组合` : zh`每个${labels[0] ?? ''}`,
    en: `for each ${groups.length > 1 ? 'combination of ' : ''}${listed('en', ones)}`,
  }
}

/** How rows are sorted, said after the rest. */
export function sortedBy(what: Both, direction: 'asc' | 'desc', kind: 'number' | 'date' | 'text' = 'number'): Both {
  const words = {
    number: {
      desc: { zh: '从高到低', en: 'from highest to lowest' },
      asc: { zh: '从低到高', en: 'from lowest to highest' },
    },
    date: { desc: { zh: '从新到旧', en: 'latest first' }, asc: { zh: '从早到晚', en: 'earliest first' } },
    text: {
      desc: { zh: '倒序', en: 'in reverse alphabetical order' },
      asc: { zh: '升序', en: 'in alphabetical order' },
    },
  }[kind][direction]
  return { zh: zh`按${what.zh}${words.zh}排列`, en: `sorted by ${what.en} ${words.en}` }
}

export function said(field: Field): Both {
  return { zh: field.label, en: field.label }
}

/** ` DESC` with missing values last, where there are any. */
export function descending({ ref, profile }: Field): string {
  return `${ref} DESC${profile.nullShare > 0 ? ' NULLS LAST' : ''}`
}

/** How names that were joined to one text look. */
export const IN_ONE_LINE: Both = { zh: '按升序用逗号连成一行', en: 'as one text with commas in alphabetical order' }
