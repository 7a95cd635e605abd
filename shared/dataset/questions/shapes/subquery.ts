import { verb } from '../conditions.ts'
import { datesOf, groupsOf, isAdditive, measuresOf, refs, statistic } from '../phrases.ts'
import { item } from '../said-names.ts'
import type { Field, Scene } from '../scene.ts'
import { askCount, askFigures, askList, askOne, askValue, type Both, listed, zh } from '../wording.ts'
import { month } from './date.ts'
import type { TableShape } from './shape.ts'
import { combos } from './window.ts'

const VIEW_ROWS_MAX = 100
const QUADRATIC_ROWS_MAX = 3000 // each row reads all others of its group

/** Questions whose answer needs another answer first. */
export const SUBQUERY_SHAPES: Readonly<Record<string, TableShape>> = {
  'above-average': (s) =>
    titled(s).map((measure) => ({
      sql: `SELECT ${refs(s.titles)} FROM ${s.from} WHERE ${measure.ref} > (SELECT AVG(${measure.ref}) FROM ${s.from})`,
      question: askList(s, {
        zh: zh`${measure.label}高于平均值的${s.one}的${titles(s).zh}`,
        en: `the ${titles(s).en} of ${s.many} whose ${measure.label} ${verb(measure)} above average`,
      }),
    })),

  'count-above-average': (s) =>
    measuresOf(s)
      .slice(0, 3)
      .map((measure) => ({
        sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${measure.ref} > (SELECT AVG(${measure.ref}) FROM ${s.from})`,
        question: askCount(s, {
          zh: zh`${measure.label}高于平均值的${s.one}`,
          en: `${s.many} whose ${measure.label} ${verb(measure)} above average`,
        }),
      })),

  'above-own-group-average': (s) =>
    combos(s)
      .slice(0, 3)
      .filter(() => s.titles.length > 0 && s.rows <= QUADRATIC_ROWS_MAX && !isCostly(s))
      .map(([group, measure]) => {
        const column = (alias: string, field: Field) => `${alias}.${field.ref}`
        return {
          sql: `SELECT ${s.titles.map((title) => column('one', title)).join(', ')} FROM ${s.from} AS one WHERE ${column('one', measure)} > (SELECT AVG(${column('other', measure)}) FROM ${s.from} AS other WHERE ${column('other', group)} = ${column('one', group)})`,
          question: askList(s, {
            zh: zh`${measure.label}高于同一${group.label}平均值的${s.one}的${titles(s).zh}`,
            en: `the ${titles(s).en} of ${s.many} whose ${measure.label} ${verb(measure)} above the average of ${s.many} with the same ${group.label}`,
          }),
        }
      }),

  'pairs-alike': (s) => {
    const keys = s.relation.primaryKey?.columns ?? []
    const key = s.fields.find(({ column }) => keys.length === 1 && keys[0] === column.name)
    const groups = groupsOf(s).filter(({ profile, role }) => role !== 'flag' && (profile.values[0]?.count ?? 0) > 1)
    if (key === undefined || s.rows > QUADRATIC_ROWS_MAX) return []
    return groups.slice(0, 2).map((group) => ({
      sql: `SELECT COUNT(*) AS pair_count FROM ${s.from} AS one JOIN ${s.from} AS other ON one.${group.ref} = other.${group.ref} AND one.${key.ref} < other.${key.ref}`,
      question: askOne(s, {
        zh: [
          zh`有多少对${s.one}的${group.label}相同？`,
          zh`请计算${group.label}相同的两${item(s.one)}一共有多少对。`,
          zh`${group.label}相同的${s.one}两两配对，一共有多少对？`,
          zh`统计${group.label}相同的${s.one}能两两组成多少对。`,
          zh`我想知道有多少对${s.one}的${group.label}相同。`,
        ],
        en: [
          `how many pairs of ${s.many} have the same ${group.label}?`,
          `count the pairs of ${s.many} that have the same ${group.label}.`,
          `what is the number of pairs of ${s.many} with the same ${group.label}?`,
          `tell me how many pairs of ${s.many} share the same ${group.label}.`,
          `I need the number of pairs of ${s.many} with the same ${group.label}.`,
        ],
      }),
    }))
  },

  'average-of-counts': (s) =>
    groupsOf(s)
      .slice(0, 2)
      .map((group) => ({
        sql: `SELECT AVG(${s.stem}_count) AS average_${s.stem}_count FROM (SELECT ${group.ref}, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY ${group.ref}) AS counted`,
        question: askValue(s, {
          zh: zh`平均每个${group.label}拥有的${s.one}数量`,
          en: `the average number of ${s.many} per ${group.label}`,
        }),
      })),

  'groups-above-average-count': (s) =>
    groupsOf(s)
      .filter(({ profile }) => (profile.values[0]?.count ?? 0) > (profile.values.at(-1)?.count ?? 0))
      .slice(0, 3)
      .map((group) => ({
        sql: `WITH counted AS (SELECT ${group.ref}, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY ${group.ref}) SELECT ${group.ref}, ${s.stem}_count FROM counted WHERE ${s.stem}_count > (SELECT AVG(${s.stem}_count) FROM counted)`,
        question: askList(s, {
          zh: zh`${s.one}数量超过各${group.label}平均水平的${group.label}及其${s.one}数量`,
          en: `the ${group.many} with more ${s.many} than ${group.many} have on average, and how many each has`,
        }),
      })),

  'best-group-members': (s) => {
    const measure = measuresOf(s)[0]
    if (measure === undefined) return []
    return groupsOf(s)
      .slice(0, 2)
      .map((group) => {
        const figure = statistic(measure, 'avg')
        return {
          sql: `WITH per_group AS (SELECT ${group.ref}, ${figure.sql} AS ${figure.as} FROM ${s.from} GROUP BY ${group.ref}), overall AS (SELECT AVG(${measure.ref}) AS overall_${measure.stem} FROM ${s.from}) SELECT per_group.${group.ref}, per_group.${figure.as} FROM per_group CROSS JOIN overall WHERE per_group.${figure.as} > overall.overall_${measure.stem}`,
          question: askList(s, {
            zh: zh`${s.one}的${figure.zh}高于总体${figure.zh}的${group.label}及其${figure.zh}`,
            en: `the ${group.many} where the ${figure.en} of ${s.many} is above the overall average, with that ${figure.en}`,
          }),
        }
      })
  },

  'two-largest-per-group': (s) =>
    combos(s)
      .slice(0, 2)
      .filter(() => s.titles.length > 0)
      .map(([group, measure]) => {
        const inner = [...new Set([...s.titles, measure])].filter((field) => field !== group)
        return {
          sql: `SELECT groups.${group.ref}, ${inner.map((field) => `largest.${field.ref}`).join(', ')} FROM (SELECT DISTINCT ${group.ref} FROM ${s.from}) AS groups CROSS JOIN LATERAL (SELECT ${refs(inner)} FROM ${s.from} AS member WHERE member.${group.ref} = groups.${group.ref} ORDER BY ${measure.ref} DESC${measure.profile.nullShare > 0 ? ' NULLS LAST' : ''} LIMIT 2) AS largest`,
          question: askList(s, {
            zh: zh`每个${group.label}，以及其中${measure.label}最高的 2 ${item(s.one)}的${listed(
              'zh',
              inner.map(({ label }) => label),
            )}`,
            en: `the ${group.many} with the ${listed(
              'en',
              inner.map(({ many }) => many),
            )} of the 2 ${s.many} with the highest ${measure.label} in each`,
          }),
        }
      }),

  'best-month': (s) => {
    const date = datesOf(s)[0]
    const measure = measuresOf(s)[0]
    if (date === undefined || measure === undefined) return []
    const figure = statistic(measure, isAdditive(measure) ? 'sum' : 'avg')
    return [
      {
        sql: `WITH monthly AS (SELECT ${month(date)} AS month, ${figure.sql} AS ${figure.as} FROM ${s.from} GROUP BY ${month(date)}), best AS (SELECT MAX(${figure.as}) AS best_value FROM monthly) SELECT monthly.month, monthly.${figure.as} FROM monthly JOIN best ON monthly.${figure.as} = best.best_value`,
        question: askFigures(s, {
          zh: zh`${s.one}的${figure.zh}最高的月份（按${date.label}）及其${figure.zh}`,
          en: `the month of ${date.label} with the highest ${figure.en} of ${s.many}, and that ${figure.en}`,
        }),
      },
    ]
  },
}

function titled(s: Scene): readonly Field[] {
  return s.titles.length === 0
    ? []
    : measuresOf(s)
        .filter((field) => !s.titles.includes(field))
        .slice(0, 4)
}

function titles(s: Scene): Both {
  return {
    zh: listed(
      'zh',
      s.titles.map(({ label }) => label),
    ),
    en: listed(
      'en',
      s.titles.map(({ many }) => many),
    ),
  }
}

/** A view's own query runs again for every row of the outer one. */
function isCostly({ relation, rows }: Scene): boolean {
  return relation.kind === 'view' && rows > VIEW_ROWS_MAX
}
