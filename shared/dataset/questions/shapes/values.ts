import { type Condition, equals, isIn, isNoneOf, sayableValues, withConditions } from '../conditions.ts'
import { fieldsOf, groupsOf, measuresOf, perGroup, refs, said, sortedBy, statistic, statisticOf } from '../phrases.ts'
import { isComparable } from '../roles.ts'
import type { Draft, Field, Scene } from '../scene.ts'
import { askCount, askFigures, askList, askValue, zh } from '../wording.ts'
import { namesFor } from './aggregate.ts'
import type { TableShape } from './shape.ts'

const VALUES_SAID_MAX = 8 // a longer list is nothing that a person would say

/**
 * Every value of a short list, a handful in each question. Statements that differ in the values of `IN` alone are one
 * and the same to a fingerprint, so that each handful is asked about in a way of its own.
 */
export const VALUE_SHAPES: Readonly<Record<string, TableShape>> = {
  'values-asked': (s) => listedFields(s).flatMap((field, place) => draftsFor(s, field, place)),

  // A text that is there and says nothing: what is missing is asked for by other shapes.
  'empty-text-asked': (s) =>
    listedFields(s)
      .filter(({ profile }) => profile.values.some(({ value }) => value === ''))
      .map((field) => {
        const condition = { ...equals(field, ''), zh: zh`${field.label}为空文本`, en: `with an empty ${field.label}` }
        return {
          sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
          question: askCount(s, withConditions(s, [condition])),
        }
      }),

  'flag-asked': (s) =>
    s.fields
      .filter(({ column, profile }) => column.category === 'B' && profile.valuesComplete)
      .flatMap((field) =>
        field.profile.values.map(({ value }) => {
          const condition = equals(field, value)
          return {
            sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
            question: askCount(s, withConditions(s, [condition])),
          }
        }),
      ),
}

/** Columns whose values are a list that people know: enums, and texts that repeat. */
export function isListed({ column, role, profile }: Field, rows: number): boolean {
  if (column.isArray || !profile.valuesComplete || profile.distinct === 0) return false
  if (['key', 'foreign_key', 'binary', 'search', 'json'].includes(role)) return false
  if (column.category === 'B' || column.enumLabels !== null) return true
  const repeats = profile.distinct * 2 <= rows // few for so many rows, also where most have none
  return repeats && (column.category === 'S' || role === 'category')
}

function listedFields(s: Scene): readonly Field[] {
  return s.fields.filter((field) => field.column.category !== 'B' && isListed(field, s.rows))
}

function draftsFor(s: Scene, field: Field, place: number): readonly Draft[] {
  // A code such as wrong_item is said as it is; what holds quotes only where the type itself lists it.
  const isEnum = field.column.enumLabels !== null
  const values = sayableValues(field, true).filter((value) => isEnum || !/['"`%]/.test(value))
  if (values.length === 0) return []
  // To ask for all values at once is to ask for nothing: then two questions share them.
  const isAll = values.length > 1 && values.length === field.profile.distinct
  const handfuls = evenly(values, Math.max(Math.ceil(values.length / VALUES_SAID_MAX), isAll ? 2 : 1))
  const forms = FORMS.map((_, at) => FORMS[(at + place) % FORMS.length]).filter((form) => form !== undefined)
  const drafts: Draft[] = []
  const used = new Set<Form>()
  // Where there are forms to spare, every handful has two: one of them suits the mix of levels.
  const times = handfuls.length * 2 <= FORMS.length / 2 ? 2 : 1
  for (const handful of Array.from({ length: times }, () => handfuls).flat()) {
    for (const form of forms.filter((one) => !used.has(one))) {
      const draft = form(s, field, handful)
      if (draft === null) continue
      used.add(form)
      drafts.push(draft)
      break
    }
  }
  return drafts
}

/** In parts of nearly the same size, so that none is left with a single value. */
function evenly(values: readonly string[], parts: number): readonly (readonly string[])[] {
  return Array.from({ length: parts }, (_, at) =>
    values.slice(Math.floor((at * values.length) / parts), Math.floor(((at + 1) * values.length) / parts)),
  )
}

type Form = (s: Scene, field: Field, values: readonly string[]) => Draft | null

function oneOf(field: Field, values: readonly string[]): Condition {
  return values.length === 1 ? equals(field, values[0] ?? '') : isIn(field, values)
}

function countsOf(field: Field, values: readonly string[]): readonly number[] {
  return field.profile.values.filter(({ value }) => values.includes(value)).map(({ count }) => count)
}

const FORMS: readonly Form[] = [
  function countOf(s, field, values) {
    const condition = oneOf(field, values)
    return {
      sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
      question: askCount(s, withConditions(s, [condition])),
    }
  },

  function countPerValue(s, field, values) {
    if (new Set(countsOf(field, values)).size < 2) return null // of equal numbers none comes first
    const condition = oneOf(field, values)
    return {
      sql: `SELECT ${field.ref}, COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql} GROUP BY ${field.ref} ORDER BY ${s.stem}_count DESC`,
      question: askFigures(
        s,
        {
          zh: zh`在${withConditions(s, [condition]).zh}中，${perGroup([field]).zh}的${s.one}数量`,
          en: `the number of ${withConditions(s, [condition]).en}, ${perGroup([field]).en}`,
        },
        sortedBy({ zh: '数量', en: 'that number' }, 'desc'),
      ),
    }
  },

  function namesOf(s, field, values) {
    const condition = oneOf(field, values)
    const shown = s.titles.filter((title) => title !== field)
    if (shown.length === 0) return null
    return {
      sql: `SELECT ${refs(shown)} FROM ${s.from} WHERE ${condition.sql}`,
      question: askList(s, fieldsOf(s, shown, [condition])),
    }
  },

  function statisticPerValue(s, field, values) {
    const measure = measuresOf(s).find((one) => one !== field)
    if (measure === undefined || values.length < 2) return null
    const condition = oneOf(field, values)
    const figure = statistic(measure, 'avg')
    return {
      sql: `SELECT ${field.ref}, ${figure.sql} AS ${figure.as} FROM ${s.from} WHERE ${condition.sql} GROUP BY ${field.ref} ORDER BY ${figure.as} DESC`,
      question: askFigures(
        s,
        {
          zh: zh`在${withConditions(s, [condition]).zh}中，${perGroup([field]).zh}的${figure.zh}`,
          en: `the ${figure.en} of ${withConditions(s, [condition]).en}, ${perGroup([field]).en}`,
        },
        sortedBy({ zh: figure.zh, en: 'that figure' }, 'desc'),
      ),
    }
  },

  function sortedNames(s, field, values) {
    const [title] = s.titles
    if (title === undefined || title === field || !isComparable(title.column)) return null
    const condition = oneOf(field, values)
    const shown = [...s.titles, field]
    const kind = title.column.category === 'N' ? 'number' : 'text'
    return {
      sql: `SELECT ${refs(shown)} FROM ${s.from} WHERE ${condition.sql} ORDER BY ${title.ref}`,
      question: askList(s, fieldsOf(s, shown, [condition]), sortedBy(said(title), 'asc', kind)),
    }
  },

  function others(s, field, values) {
    if (field.profile.distinct - values.length < 1) return null
    const condition = isNoneOf(field, values)
    return {
      sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
      question: askCount(s, withConditions(s, [condition])),
    }
  },

  function share(s, field, values) {
    const condition = oneOf(field, values)
    return {
      sql: `SELECT 100.0 * COUNT(*) FILTER (WHERE ${condition.sql}) / COUNT(*) AS percentage FROM ${s.from}`,
      question: askValue(s, {
        zh: zh`${withConditions(s, [condition]).zh}占全部${s.one}的百分比（满分 100）`,
        en: `the percentage (out of 100) of all ${withConditions(s, [condition]).en}`,
      }),
    }
  },

  function perOtherGroup(s, field, values) {
    const other = groupsOf(s).find((one) => one !== field && one.role !== 'flag')
    if (other === undefined) return null
    const condition = oneOf(field, values)
    return {
      sql: `SELECT ${other.ref}, COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql} GROUP BY ${other.ref} ORDER BY ${s.stem}_count DESC`,
      question: askFigures(
        s,
        {
          zh: zh`在${withConditions(s, [condition]).zh}中，${perGroup([other]).zh}的${s.one}数量`,
          en: `the number of ${withConditions(s, [condition]).en}, ${perGroup([other]).en}`,
        },
        sortedBy({ zh: '数量', en: 'that number' }, 'desc'),
      ),
    }
  },

  function statisticOfAll(s, field, values) {
    const measure = measuresOf(s).find((one) => one !== field)
    if (measure === undefined) return null
    const condition = oneOf(field, values)
    const figures = namesFor(measure)
      .slice(0, 2)
      .map((name) => statistic(measure, name))
    return {
      sql: `SELECT ${figures.map(({ sql, as }) => `${sql} AS ${as}`).join(', ')} FROM ${s.from} WHERE ${condition.sql}`,
      question: askValue(s, statisticOf(s, figures, [condition])),
    }
  },

  function differentOthers(s, field, values) {
    const other = s.fields.find(
      (one) =>
        one !== field &&
        isComparable(one.column) &&
        one.profile.distinct > 1 &&
        one.role !== 'flag' &&
        one.role !== 'key',
    )
    if (other === undefined) return null
    const condition = oneOf(field, values)
    return {
      sql: `SELECT COUNT(DISTINCT ${other.ref}) AS ${other.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
      question: askValue(s, {
        zh: zh`${withConditions(s, [condition]).zh}的不同${other.label}的数量`,
        en: `the number of different ${other.many} of ${withConditions(s, [condition]).en}`,
      }),
    }
  },

  function aboveCount(s, field, values) {
    const counts = countsOf(field, values)
    const threshold = Math.floor((Math.max(...counts) + Math.min(...counts)) / 2)
    if (threshold < 1 || threshold >= Math.max(...counts)) return null
    const condition = oneOf(field, values)
    return {
      sql: `SELECT ${field.ref}, COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql} GROUP BY ${field.ref} HAVING COUNT(*) > ${threshold}`,
      question: askFigures(s, {
        zh: zh`在${withConditions(s, [condition]).zh}中，数量超过 ${threshold} 的每个${field.label}及其${s.one}数量`,
        en: `the number of ${withConditions(s, [condition]).en}, ${perGroup([field]).en} that has more than ${threshold}`,
      }),
    }
  },
]
