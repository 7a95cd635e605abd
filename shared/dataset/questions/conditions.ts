import { quoteLiteral } from '../catalog/quote.ts'
import type { Field } from './scene.ts'
import { valueNames } from './value-names.ts'
import type { Language } from './vocabulary.ts'
import { type Both, listed, zh } from './wording.ts'

/** A filter as SQL and as words: `whose country is Germany` / `country 为 Germany`. */
export interface Condition extends Both {
  readonly sql: string
  /** Sampled share of rows that meet it; null when it is not known. */
  readonly share: number | null
}

const NUMBER = /^-?\d+(\.\d+)?$/
const VALUE_CHARACTERS_MAX = 50

/** `is`, or `are` where the column's own name is a plural: `whose total sales are …`. */
export function verb({ label, many }: Field, one = 'is', several = 'are'): string {
  return label === many && /s( (per|of|in|on) |$)/.test(label) ? several : one
}

/** A value as an SQL literal of the column's type. */
export function literal({ column }: Field, value: string): string {
  if (column.category === 'B') return value === 't' || value === 'true' ? 'TRUE' : 'FALSE'
  return column.category === 'N' && NUMBER.test(value) ? value : quoteLiteral(value)
}

/** Values that a person would say aloud, most frequent first; those with quotes or underscores only when asked for. */
export function sayableValues({ profile }: Field, anyText = false): readonly string[] {
  const short = profile.values
    .map(({ value }) => value)
    .filter(
      (value) =>
        value.trim() === value && value !== '' && value.length <= VALUE_CHARACTERS_MAX && !/[\p{Cc}\\]/u.test(value),
    )
  return anyText ? short : short.filter((value) => !/['"`_%]/.test(value))
}

export function shareOf({ profile }: Field, values: readonly string[]): number | null {
  const seen = profile.values.reduce((sum, { count }) => sum + count, 0)
  if (!profile.valuesComplete || seen === 0) return null
  const met = profile.values.filter(({ value }) => values.includes(value)).reduce((sum, { count }) => sum + count, 0)
  return (met / seen) * (1 - profile.nullShare)
}

/** A value with what its code means, where the comment tells: `approved (1)`. */
function saidValue({ column }: Field, value: string, language: Language): string {
  const name = valueNames(column.comment, language).get(value)
  if (name === undefined) return value
  return language === 'zh' ? `${name}（${value}）` : `${name} (${value})`
}

function listedValues(field: Field, values: readonly string[], language: Language): string {
  return listed(
    language,
    values.map((value) => saidValue(field, value, language)),
    'or',
  )
}

export function equals(field: Field, value: string): Condition {
  if (field.role === 'flag' && !/ code$|代码$/.test(field.label)) return flagged(field, value)
  return {
    sql: `${field.ref} = ${literal(field, value)}`,
    zh: zh`${field.label}为${saidValue(field, value, 'zh')}`,
    en: `whose ${field.label} ${verb(field)} ${saidValue(field, value, 'en')}`,
    share: shareOf(field, [value]),
  }
}

export function isIn(field: Field, values: readonly string[]): Condition {
  return {
    sql: `${field.ref} IN (${values.map((value) => literal(field, value)).join(', ')})`,
    zh: zh`${field.label}为${listedValues(field, values, 'zh')}`,
    en: `whose ${field.label} ${verb(field)} ${listedValues(field, values, 'en')}`,
    share: shareOf(field, values),
  }
}

/** Rows without a value are none of them either way: they do not count. */
export function isNoneOf(field: Field, values: readonly string[]): Condition {
  const met = shareOf(field, values)
  return {
    sql: `${field.ref} NOT IN (${values.map((value) => literal(field, value)).join(', ')})`,
    zh: zh`${field.label}已知且不是${listedValues(field, values, 'zh')}`,
    en: `whose ${field.label} ${verb(field)} known and ${verb(field)} not ${listedValues(field, values, 'en')}`,
    share: met === null ? null : 1 - field.profile.nullShare - met,
  }
}

/** A yes-or-no column, whether it is a boolean, a number or a letter. */
export function flagged(field: Field, value: string): Condition {
  const yes = /^(t|true|1|y|yes)$/i.test(value)
  const isBoolean = field.column.category === 'B'
  const label = field.label.replace(/ status$| ?标记$/, '')
  const shown = isBoolean ? '' : ` (${value})`
  const sql = isBoolean ? (yes ? field.ref : `NOT ${field.ref}`) : `${field.ref} = ${literal(field, value)}`
  return {
    sql,
    zh: zh`${yes ? '标记为' : '未标记为'}${label}${isBoolean ? '' : `（${value}）`}`,
    en: `${yes ? 'marked as' : 'not marked as'} ${label}${shown}`,
    share: shareOf(field, [value]),
  }
}

export type Comparison = '>' | '>=' | '<' | '<='
const COMPARED: Readonly<Record<Comparison, Both>> = {
  '>': { zh: '大于', en: 'greater than' },
  '>=': { zh: '不低于', en: 'at least' },
  '<': { zh: '小于', en: 'less than' },
  '<=': { zh: '不超过', en: 'at most' },
}

export function compared(field: Field, comparison: Comparison, value: string): Condition {
  return {
    sql: `${field.ref} ${comparison} ${literal(field, value)}`,
    zh: zh`${field.label}${COMPARED[comparison].zh}${value}`,
    en: `whose ${field.label} ${verb(field)} ${COMPARED[comparison].en} ${value}`,
    share: null,
  }
}

export function between(field: Field, low: string, high: string): Condition {
  return {
    sql: `${field.ref} BETWEEN ${literal(field, low)} AND ${literal(field, high)}`,
    zh: zh`${field.label}在${low}到${high}之间`,
    en: `whose ${field.label} ${verb(field)} between ${low} and ${high}`,
    share: null,
  }
}

export function isMissing(field: Field, missing: boolean): Condition {
  if (field.role === 'search') return isBlank(field, missing)
  return {
    sql: `${field.ref} IS ${missing ? '' : 'NOT '}NULL`,
    zh: zh`${missing ? '没有' : '有'}${field.label}`,
    en: `${missing ? 'without' : 'with'} ${/^[A-Z]/.test(field.label) || field.label === field.many ? field.label : articled(field.label)}`,
    share: missing ? field.profile.nullShare : 1 - field.profile.nullShare,
  }
}

/** An index of words is nothing that one has. */
function isBlank(field: Field, blank: boolean): Condition {
  return {
    sql: `${field.ref} IS ${blank ? '' : 'NOT '}NULL`,
    zh: zh`${field.label}${blank ? '为空' : '不为空'}`,
    en: `whose ${field.label} ${verb(field)} ${blank ? 'empty' : 'filled in'}`,
    share: blank ? field.profile.nullShare : 1 - field.profile.nullShare,
  }
}

export function inYear(field: Field, year: string): Condition {
  return {
    sql: `EXTRACT(YEAR FROM ${field.ref}) = ${Number(year)}`,
    zh: zh`${field.label}在${year}年`,
    en: `whose ${field.label} is in ${year}`,
    share: null,
  }
}

/** On that day or later. */
export function since(field: Field, day: string): Condition {
  return {
    sql: `${field.ref} >= ${quoteLiteral(day)}`,
    zh: zh`${field.label}在${day}当天或之后`,
    en: `whose ${field.label} is on or after ${day}`,
    share: null,
  }
}

export function before(field: Field, day: string): Condition {
  return {
    sql: `${field.ref} < ${quoteLiteral(day)}`,
    zh: zh`${field.label}早于${day}`,
    en: `whose ${field.label} is before ${day}`,
    share: null,
  }
}

/** `customers whose …` in English, `…的 customer` in Chinese. */
export function withConditions(
  noun: { readonly one: string; readonly many: string },
  conditions: readonly Condition[],
  joiner: 'and' | 'or' = 'and',
): Both {
  if (conditions.length === 0) return { zh: noun.one, en: noun.many }
  const said = conditions
    .map((condition) => condition.zh)
    .reduce((all, one) => zh`${all}${joiner === 'and' ? '且' : '或者'}${one}`)
  return {
    zh: zh`${said}的${noun.one}`,
    en: `${noun.many} ${conditions.map((condition) => condition.en).join(` ${joiner} `)}`,
  }
}

/** `an employee`, `a customer`. */
export function articled(label: string): string {
  return `${/^(?:[aeio]|hour|honou?r|u(?!ni|se|ti|sa|r[aiou]|k))/.test(label) ? 'an' : 'a'} ${label}`
}

/** The day part of a timestamp's text; null for dates before Christ and infinity. */
export function dayOf(text: string | null): string | null {
  return /^\d{4}-\d{2}-\d{2}/.exec(text ?? '')?.[0] ?? null
}

/** A round number between smallest and largest, `share` of the way: every row at the top lies above it. */
export function thresholdOf({ profile, column }: Field, share: number): string | null {
  const [low, high] = [Number(profile.min ?? Number.NaN), Number(profile.max ?? Number.NaN)]
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) return null
  const exact = low + (high - low) * share
  const step = 10 ** Math.floor(Math.log10(high - low) - 0.3)
  const rounded = Math.round(exact / step) * step
  const integer = ['int2', 'int4', 'int8'].includes(column.baseType)
  const text = integer
    ? String(Math.round(step >= 1 ? rounded : exact))
    : String(Number(rounded.toFixed(Math.max(0, -Math.floor(Math.log10(step))))))
  return Number(text) > low && Number(text) < high && NUMBER.test(text) ? text : null
}
