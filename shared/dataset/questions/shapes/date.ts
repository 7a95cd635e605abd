import { articled, before, type Condition, dayOf, inYear, since, withConditions } from '../conditions.ts'
import { datesOf, fieldsOf, isAdditive, measuresOf, refs, statistic } from '../phrases.ts'
import type { Field, Scene } from '../scene.ts'
import { dayBefore, tellingDays } from '../thresholds.ts'
import { askCount, askFigures, askList, askValue, pick, zh } from '../wording.ts'
import type { TableShape } from './shape.ts'

/** Questions about when: every day and year named here lies within the data. */
export const DATE_SHAPES: Readonly<Record<string, TableShape>> = {
  'count-in-year': (s) =>
    datesOf(s).flatMap((field) => {
      const year = yearOf(s, field)
      return year === null ? [] : [counted(s, inYear(field, year))]
    }),

  'list-in-year': (s) =>
    datesOf(s).flatMap((field) => {
      const year = yearOf(s, field)
      return year === null || s.titles.length === 0 ? [] : [listed(s, inYear(field, year))]
    }),

  'count-since': (s) =>
    datesOf(s).flatMap((field) => {
      const day = dayIn(s, field)
      return day === null ? [] : [counted(s, since(field, day))]
    }),

  'list-since': (s) =>
    datesOf(s).flatMap((field) => {
      const day = dayIn(s, field)
      return day === null || s.titles.length === 0 ? [] : [listed(s, since(field, day))]
    }),

  'count-before': (s) =>
    datesOf(s).flatMap((field) => {
      const days = tellingDays(field)
      const day = days.length > 0 ? pick(s.random, days) : dayOf(field.profile.max)
      return day === null ? [] : [counted(s, before(field, day))]
    }),

  'count-between-days': (s) =>
    datesOf(s).flatMap((field) => {
      const [low, high] = spanIn(s, field)
      if (low === null || high === null || low >= high) return []
      const condition = {
        zh: zh`${field.label}在${low}到${high}之间`,
        en: `whose ${field.label} is between ${low} and ${high}`,
        share: null,
        sql: `${field.ref} BETWEEN '${low}' AND '${high}'`,
      }
      return [counted(s, condition)]
    }),

  'count-per-month': (s) =>
    datesOf(s).map((field) => ({
      sql: `SELECT ${month(field)} AS month, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY ${month(field)} ORDER BY month`,
      question: askFigures(
        s,
        {
          zh: zh`每个月（按${field.label}）的${s.one}数量`,
          en: `the number of ${s.many} for each month of ${field.label}`,
        },
        TIME_ORDER,
      ),
    })),

  'count-per-year': (s) =>
    datesOf(s).map((field) => ({
      sql: `SELECT EXTRACT(YEAR FROM ${field.ref}) AS year, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY EXTRACT(YEAR FROM ${field.ref})`,
      question: askFigures(s, {
        zh: zh`每年（按${field.label}）的${s.one}数量`,
        en: `the number of ${s.many} for each year of ${field.label}`,
      }),
    })),

  'statistic-per-month': (s) =>
    datesOf(s)
      .slice(0, 2)
      .flatMap((field) =>
        measuresOf(s)
          .slice(0, 3)
          .map((measure) => {
            const figure = statistic(measure, isAdditive(measure) ? 'sum' : 'avg')
            return {
              sql: `SELECT ${month(field)} AS month, ${figure.sql} AS ${figure.as} FROM ${s.from} GROUP BY ${month(field)} ORDER BY month`,
              question: askFigures(
                s,
                {
                  zh: zh`每个月（按${field.label}）${s.one}的${figure.zh}`,
                  en: `the ${figure.en} of ${s.many} for each month of ${field.label}`,
                },
                TIME_ORDER,
              ),
            }
          }),
      ),

  'busiest-months': (s) =>
    datesOf(s).map((field) => ({
      sql: `SELECT ${month(field)} AS month, COUNT(*) AS ${s.stem}_count FROM ${s.from}${field.profile.nullShare > 0 ? ` WHERE ${field.ref} IS NOT NULL` : ''} GROUP BY ${month(field)} ORDER BY ${s.stem}_count DESC LIMIT 3`,
      question: askList(s, {
        zh: zh`${field.profile.nullShare > 0 ? zh`有${field.label}的${s.one}中，` : ''}按${field.label}统计${s.one}数量最多的 3 个月份及各自的数量`,
        en: `the 3 months of ${field.label} with the most ${s.many}, and how many each has${field.profile.nullShare > 0 ? `, leaving out ${s.many} without ${articled(field.label)}` : ''}`,
      }),
    })),

  'count-last-days': (s) =>
    datesOf(s).map((field) => {
      const days = pick(s.random, [7, 30, 90])
      return {
        sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${lastDays(s, field, days)}`,
        question: askCount(s, lastDaysNoun(s, field, days)),
      }
    }),

  'list-last-days': (s) =>
    s.titles.length === 0
      ? []
      : datesOf(s).map((field) => {
          const days = pick(s.random, [10, 30, 60])
          return {
            sql: `SELECT ${refs([...s.titles.filter((title) => title !== field), field])} FROM ${s.from} WHERE ${lastDays(s, field, days)} ORDER BY ${field.ref}`,
            question: askList(
              s,
              {
                zh: zh`${lastDaysNoun(s, field, days).zh}的${s.titles.map(({ label }) => label).join('、')}和${field.label}`,
                en: `the ${s.titles.map(({ many }) => many).join(', ')} and ${field.many} of ${lastDaysNoun(s, field, days).en}`,
              },
              TIME_ORDER,
            ),
          }
        }),

  'count-per-weekday': (s) =>
    datesOf(s)
      .slice(0, 2)
      .map((field) => ({
        sql: `SELECT EXTRACT(ISODOW FROM ${field.ref}) AS weekday, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY EXTRACT(ISODOW FROM ${field.ref}) ORDER BY weekday`,
        question: askFigures(
          s,
          {
            zh: zh`一周中每一天（按${field.label}）的${s.one}数量`,
            en: `the number of ${s.many} for each day of the week of ${field.label}`,
          },
          { zh: '从周一到周日排列', en: 'sorted from Monday to Sunday' },
        ),
      })),

  'time-between': (s) => {
    const [start, end] = datesOf(s).filter(({ stem }) => !/update|modif/.test(stem))
    if (start === undefined || end === undefined || start.column.baseType !== end.column.baseType) return []
    return [
      {
        sql: `SELECT AVG(${end.ref} - ${start.ref}) AS average_gap FROM ${s.from}`,
        question: askValue(s, {
          zh: zh`所有${s.one}从${start.label}到${end.label}的平均间隔`,
          en: `the average time from ${start.label} to ${end.label} over all ${s.many}`,
        }),
      },
    ]
  },
}

export const TIME_ORDER = { zh: '按时间先后排列', en: 'in order of time' }

export function month(field: Field): string {
  return `DATE_TRUNC('month', ${field.ref})`
}

/** A year in which there are rows: that of a frequent value, else of the last. */
export function yearOf(s: Scene, field: Field): string | null {
  const years = field.profile.values.slice(0, 8).flatMap(({ value }) => dayOf(value)?.slice(0, 4) ?? [])
  return years.length > 0 ? pick(s.random, years) : (dayOf(field.profile.max)?.slice(0, 4) ?? null)
}

/** A day told from those next to it, else the first day of the month of some value that has later ones. */
export function dayIn(s: Scene, field: Field): string | null {
  const telling = tellingDays(field)
  if (telling.length > 0) return pick(s.random, telling)
  const [low, high] = [dayOf(field.profile.min), dayOf(field.profile.max)]
  const days = field.profile.values
    .flatMap(({ value }) => dayOf(value) ?? [])
    .filter((day) => low !== null && high !== null && day > low && day < high)
  const day = days.length > 0 ? pick(s.random, days) : high
  if (day === null || low === null) return null
  const first = `${day.slice(0, 7)}-01`
  return first > low ? first : day
}

/** From one such day to another; a time on the last day itself is no longer in between. */
function spanIn(s: Scene, field: Field): readonly [string | null, string | null] {
  const days = tellingDays(field)
  const [early, late] = [days.slice(0, Math.ceil(days.length / 2)), days.slice(Math.ceil(days.length / 2))]
  if (late.length === 0) return [dayOf(field.profile.min), dayIn(s, field)]
  const last = pick(s.random, late)
  return [pick(s.random, early), field.role === 'date' ? dayBefore(last) : last]
}

function lastDays(s: Scene, field: Field, days: number): string {
  return `${field.ref} > (SELECT MAX(${field.ref}) FROM ${s.from}) - INTERVAL '${days} days'`
}

function lastDaysNoun(s: Scene, field: Field, days: number) {
  return {
    zh: zh`${field.label}在最晚${field.label}之前 ${days} 天内的${s.one}`,
    en: `${s.many} whose ${field.label} is within ${days} days before the latest ${field.label}`,
  }
}

function counted(s: Scene, condition: Condition) {
  return {
    sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
    question: askCount(s, withConditions(s, [condition])),
  }
}

function listed(s: Scene, condition: Condition) {
  return {
    sql: `SELECT ${refs(s.titles)} FROM ${s.from} WHERE ${condition.sql}`,
    question: askList(s, fieldsOf(s, s.titles, [condition])),
  }
}
