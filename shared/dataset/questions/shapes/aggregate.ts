import { equals, sayableValues } from '../conditions.ts'
import {
  datesOf,
  groupsOf,
  isAdditive,
  measuresOf,
  type Statistic,
  type StatisticName,
  statistic,
  statisticOf,
} from '../phrases.ts'
import type { Field, Scene } from '../scene.ts'
import { askValue, pick, zh } from '../wording.ts'
import type { TableShape } from './shape.ts'

/** One figure over many rows: sums, averages, extremes, medians. */
export const AGGREGATE_SHAPES: Readonly<Record<string, TableShape>> = {
  'statistic-all': (s) =>
    measuresOf(s).flatMap((field) => namesFor(field).map((name) => figures(s, [statistic(field, name)]))),

  'statistic-where': (s) =>
    measuresOf(s)
      .slice(0, 4)
      .flatMap((field) => {
        const condition = conditionFor(s)
        return condition === null ? [] : [figures(s, [statistic(field, pick(s.random, namesFor(field)))], condition)]
      }),

  'statistics-several': (s) =>
    measuresOf(s).flatMap((field) => [
      figures(s, [statistic(field, 'min'), statistic(field, 'max'), statistic(field, 'avg')]),
      figures(s, [statistic(field, 'max'), statistic(field, 'min')]),
    ]),

  'statistics-two-columns': (s) => {
    const [one, other] = measuresOf(s)
    if (one === undefined || other === undefined) return []
    const condition = conditionFor(s)
    return [
      figures(s, [statistic(one, 'avg'), statistic(other, 'avg')]),
      ...(condition === null ? [] : [figures(s, [statistic(one, 'max'), statistic(other, 'max')], condition)]),
    ]
  },

  median: (s) =>
    measuresOf(s)
      .slice(0, 3)
      .map((field) => ({
        sql: `SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY ${field.ref}) AS median_${field.stem} FROM ${s.from}`,
        question: askValue(s, {
          zh: zh`所有${s.one}的${field.label}中位数`,
          en: `the median ${field.label} of all ${s.many}`,
        }),
      })),

  'date-span': (s) =>
    datesOf(s).flatMap((field) => [
      figures(s, [statistic(field, 'min'), statistic(field, 'max')]),
      figures(s, [statistic(field, pick(s.random, ['min', 'max']))]),
    ]),

  'statistic-filter': (s) =>
    measuresOf(s)
      .slice(0, 2)
      .flatMap((field) => {
        const condition = conditionFor(s)
        if (condition === null) return []
        const all = statistic(field, 'avg')
        return [
          {
            sql: `SELECT ${all.sql} AS ${all.as}, ${all.sql} FILTER (WHERE ${condition.sql}) AS filtered_${all.as} FROM ${s.from}`,
            question: askValue(s, {
              zh: zh`所有${s.one}的${all.zh}，以及其中${condition.zh}的${s.one}的${all.zh}`,
              en: `the ${all.en} of all ${s.many} and of those ${condition.en}`,
            }),
          },
        ]
      }),

  'missing-as-zero': (s) =>
    measuresOf(s)
      .filter(({ profile }) => profile.nullShare > 0)
      .slice(0, 2)
      .map((field) => ({
        sql: `SELECT AVG(COALESCE(${field.ref}, 0)) AS average_${field.stem} FROM ${s.from}`,
        question: askValue(s, {
          zh: zh`所有${s.one}的平均${field.label}（缺失的按 0 计算）`,
          en: `the average ${field.label} of all ${s.many}, counting missing ones as 0`,
        }),
      })),
}

/** The statistics that mean something for the column. */
export function namesFor(field: Field): readonly StatisticName[] {
  return isAdditive(field) ? ['sum', 'avg', 'max', 'min'] : ['avg', 'max', 'min']
}

function figures(s: Scene, statistics: readonly Statistic[], condition?: ReturnType<typeof equals>) {
  const columns = statistics.map(({ sql, as }) => `${sql} AS ${as}`).join(', ')
  const where = condition === undefined ? '' : ` WHERE ${condition.sql}`
  return {
    sql: `SELECT ${columns} FROM ${s.from}${where}`,
    question: askValue(s, statisticOf(s, statistics, condition === undefined ? [] : [condition])),
  }
}

/** A filter that keeps some rows, on one of the columns worth grouping by. */
export function conditionFor(s: Scene, besides?: Field): ReturnType<typeof equals> | null {
  const fields = groupsOf(s).filter((field) => field !== besides && sayableValues(field).length > 0)
  if (fields.length === 0) return null
  const field = pick(s.random, fields)
  return equals(field, pick(s.random, sayableValues(field).slice(0, 4)))
}
