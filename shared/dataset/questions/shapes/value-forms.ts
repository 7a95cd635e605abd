import { type Condition, equals, isIn, isNoneOf, withConditions } from '../conditions.ts'
import {
  datesOf,
  descending,
  fieldsOf,
  groupsOf,
  measuresOf,
  perGroup,
  refs,
  said,
  sortedBy,
  statistic,
  statisticOf,
} from '../phrases.ts'
import { isComparable, type Role } from '../roles.ts'
import { item } from '../said-names.ts'
import type { Draft, Field, Scene } from '../scene.ts'
import { askCount, askFigures, askList, askValue, listed, zh } from '../wording.ts'
import { namesFor } from './aggregate.ts'

// What a person would want to see beside a name.
const TELLING: ReadonlySet<Role> = new Set(['category', 'contact', 'name', 'date', 'money', 'measure', 'text', 'code'])

/** One way to ask for rows by a handful of values; null where it does not suit the column, the values or the table. */
export type Form = (s: Scene, field: Field, values: readonly string[]) => Draft | null

function oneOf(field: Field, values: readonly string[]): Condition {
  return values.length === 1 ? equals(field, values[0] ?? '') : isIn(field, values)
}

function countsOf(field: Field, values: readonly string[]): readonly number[] {
  return field.profile.values.filter(({ value }) => values.includes(value)).map(({ count }) => count)
}

/** Each gives statements that differ from those of all others in more than their values. */
export const VALUE_FORMS: readonly Form[] = [
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
        zh: zh`${withConditions(s, [condition]).zh}占全部${s.one}的百分比（总数按 100 计）`,
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

  differentOthers(0),
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

  function latestOfAll(s, field, values) {
    const [date] = datesOf(s)
    if (date === undefined) return null
    const condition = oneOf(field, values)
    const figure = statistic(date, 'max')
    return {
      sql: `SELECT ${figure.sql} AS ${figure.as} FROM ${s.from} WHERE ${condition.sql}`,
      question: askValue(s, statisticOf(s, [figure], [condition])),
    }
  },

  function topAmong(s, field, values) {
    const measure = measuresOf(s).find((one) => one !== field && !s.titles.includes(one))
    if (measure === undefined || s.titles.length === 0) return null
    const condition = oneOf(field, values)
    const shown = [...s.titles, measure]
    return {
      sql: `SELECT ${refs(shown)} FROM ${s.from} WHERE ${condition.sql} ORDER BY ${descending(measure)} LIMIT 3`,
      question: askList(s, {
        zh: zh`${condition.zh}的${s.one}中，${measure.label}最高的 3 ${item(s.one)}的${listed(
          'zh',
          shown.map(({ label }) => label),
        )}`,
        en: `the ${listed(
          'en',
          shown.map(({ many }) => many),
        )} of the 3 ${s.many} with the highest ${measure.label}, among ${s.many} ${condition.en}`,
      }),
    }
  },

  columnOf(0),
  differentOthers(1),
  columnOf(1),
  differentOthers(2),
  columnOf(2),
]

/** How many different values another column has in these rows. */
function differentOthers(nth: number): Form {
  return (s, field, values) => {
    const other = s.fields.filter(
      (one) =>
        one !== field &&
        isComparable(one.column) &&
        one.profile.distinct > 1 &&
        one.role !== 'flag' &&
        one.role !== 'key',
    )[nth]
    if (other === undefined) return null
    const condition = oneOf(field, values)
    return {
      sql: `SELECT COUNT(DISTINCT ${other.ref}) AS ${other.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
      question: askValue(s, {
        zh: zh`${withConditions(s, [condition]).zh}的不同${other.label}的数量`,
        en: `the number of different ${other.many} of ${withConditions(s, [condition]).en}`,
      }),
    }
  }
}

/** Another column of these rows, alone. */
function columnOf(nth: number): Form {
  return (s, field, values) => {
    const other = s.fields.filter((one) => one !== field && !s.titles.includes(one) && TELLING.has(one.role))[nth]
    if (other === undefined) return null
    const condition = oneOf(field, values)
    return {
      sql: `SELECT ${other.ref} FROM ${s.from} WHERE ${condition.sql}`,
      question: askList(s, fieldsOf(s, [other], [condition])),
    }
  }
}
