import { datesOf, descending, groupsOf, isAdditive, measuresOf, refs, statistic } from '../phrases.ts'
import { item } from '../said-names.ts'
import type { Field, Scene } from '../scene.ts'
import { askFigures, askList, listed, pick, zh } from '../wording.ts'
import { month, TIME_ORDER } from './date.ts'
import type { TableShape } from './shape.ts'

/** Places, shares and changes: rows compared with their neighbours. */
export const WINDOW_SHAPES: Readonly<Record<string, TableShape>> = {
  'best-per-group': (s) =>
    combos(s)
      .slice(0, 4)
      .map(([group, measure]) => {
        const count = pick(s.random, [2, 3])
        const shown = [group, ...besides(s, group, measure), measure]
        return {
          sql: `SELECT ${names(shown)} FROM (SELECT ${refs(shown)}, ROW_NUMBER() OVER (PARTITION BY ${group.ref} ORDER BY ${descending(measure)}) AS place FROM ${s.from}) AS placed WHERE place <= ${count}`,
          question: askList(s, {
            zh: zh`每个${group.label}中${measure.label}最高的 ${count} ${item(s.one)}的${listed(
              'zh',
              shown.map(({ label }) => label),
            )}`,
            en: `the ${listed(
              'en',
              shown.map(({ many }) => many),
            )} of the ${count} ${s.many} with the highest ${measure.label} for each ${group.label}`,
          }),
        }
      }),

  'rank-rows': (s) =>
    measuresOf(s)
      .filter((field) => !s.titles.includes(field))
      .slice(0, 3)
      .flatMap((measure) =>
        s.titles.length === 0
          ? []
          : [
              {
                sql: `SELECT ${refs([...s.titles, measure])}, RANK() OVER (ORDER BY ${descending(measure)}) AS ${measure.stem}_rank FROM ${s.from}`,
                question: askList(s, {
                  zh: zh`每${item(s.one)}的${listed(
                    'zh',
                    [...s.titles, measure].map(({ label }) => label),
                  )}，以及按${measure.label}从高到低的名次`,
                  en: `the ${listed(
                    'en',
                    [...s.titles, measure].map(({ label }) => label),
                  )} of each ${s.one}, with its rank by ${measure.label} from highest to lowest`,
                }),
              },
            ],
      ),

  'rank-groups': (s) =>
    groupsOf(s)
      .slice(0, 3)
      .map((group) => ({
        sql: `SELECT ${group.ref}, COUNT(*) AS ${s.stem}_count, DENSE_RANK() OVER (ORDER BY COUNT(*) DESC) AS ${group.stem}_rank FROM ${s.from} GROUP BY ${group.ref}`,
        question: askFigures(s, {
          zh: zh`每个${group.label}的${s.one}数量，以及按数量从多到少的连续名次`,
          en: `the number of ${s.many} for each ${group.label}, with its rank by that number from most to fewest, without gaps after ties`,
        }),
      })),

  quarters: (s) =>
    measuresOf(s)
      .filter((field) => !s.titles.includes(field))
      .slice(0, 2)
      .flatMap((measure) =>
        s.titles.length === 0 || s.rows < 4
          ? []
          : [
              {
                sql: `SELECT ${refs([...s.titles, measure])}, NTILE(4) OVER (ORDER BY ${measure.ref}) AS ${measure.stem}_quarter FROM ${s.from}`,
                question: askList(s, {
                  zh: zh`每${item(s.one)}的${listed(
                    'zh',
                    [...s.titles, measure].map(({ label }) => label),
                  )}，并按${measure.label}从低到高分成数量相等的 4 组标出组号`,
                  en: `the ${listed(
                    'en',
                    [...s.titles, measure].map(({ label }) => label),
                  )} of each ${s.one}, and which of 4 equal groups by ${measure.label} from lowest to highest it falls in`,
                }),
              },
            ],
      ),

  'monthly-change': (s) =>
    datesOf(s)
      .slice(0, 2)
      .map((field) => ({
        sql: `SELECT month, ${s.stem}_count, ${s.stem}_count - LAG(${s.stem}_count) OVER (ORDER BY month) AS change FROM (SELECT ${month(field)} AS month, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY ${month(field)}) AS monthly ORDER BY month`,
        question: askFigures(
          s,
          {
            zh: zh`每个月（按${field.label}）的${s.one}数量，以及与前一个月份相比的变化`,
            en: `the number of ${s.many} for each month of ${field.label}, and its change from the previous month`,
          },
          TIME_ORDER,
        ),
      })),

  'running-count': (s) =>
    datesOf(s)
      .slice(0, 2)
      .map((field) => ({
        sql: `SELECT ${month(field)} AS month, COUNT(*) AS ${s.stem}_count, SUM(COUNT(*)) OVER (ORDER BY ${month(field)}) AS running_count FROM ${s.from} GROUP BY ${month(field)} ORDER BY month`,
        question: askFigures(
          s,
          {
            zh: zh`每个月（按${field.label}）的${s.one}数量和累计数量`,
            en: `the number of ${s.many} for each month of ${field.label}, together with the running total`,
          },
          TIME_ORDER,
        ),
      })),

  'running-sum': (s) =>
    datesOf(s)
      .slice(0, 1)
      .flatMap((field) =>
        measuresOf(s)
          .filter(isAdditive)
          .slice(0, 2)
          .map((measure) => {
            const figure = statistic(measure, 'sum')
            return {
              sql: `WITH monthly AS (SELECT ${month(field)} AS month, ${figure.sql} AS ${figure.as} FROM ${s.from} GROUP BY ${month(field)}) SELECT month, ${figure.as}, SUM(${figure.as}) OVER (ORDER BY month) AS running_${measure.stem} FROM monthly ORDER BY month`,
              question: askFigures(
                s,
                {
                  zh: zh`每个月（按${field.label}）${s.one}的${figure.zh}，以及逐月累计值`,
                  en: `the ${figure.en} of ${s.many} for each month of ${field.label}, with the running total over the months`,
                },
                TIME_ORDER,
              ),
            }
          }),
      ),

  'running-sum-rows': (s) => {
    const key = s.fields.find(
      ({ column }) => s.relation.primaryKey?.columns.length === 1 && s.relation.primaryKey.columns[0] === column.name,
    )
    if (key === undefined) return []
    return measuresOf(s)
      .filter(isAdditive)
      .slice(0, 1)
      .map((measure) => ({
        sql: `SELECT ${refs([key, measure])}, SUM(${measure.ref}) OVER (ORDER BY ${key.ref}) AS running_${measure.stem} FROM ${s.from} ORDER BY ${key.ref}`,
        question: askList(s, {
          zh: zh`所有${s.one}的${key.label}、${measure.label}和按${key.label}累计的${measure.label}，按${key.label}升序排列`,
          en: `the ${key.many} and ${measure.many} of all ${s.many}, with the running total of ${measure.label} by ${key.label}, sorted by ${key.label}`,
        }),
      }))
  },

  'share-of-total': (s) =>
    groupsOf(s)
      .slice(0, 3)
      .map((group) => ({
        sql: `SELECT ${group.ref}, COUNT(*) AS ${s.stem}_count, 100.0 * COUNT(*) / SUM(COUNT(*)) OVER () AS percentage FROM ${s.from} GROUP BY ${group.ref}`,
        question: askFigures(s, {
          zh: zh`每个${group.label}的${s.one}数量及其占总数的百分比（总数按 100 计）`,
          en: `the number of ${s.many} for each ${group.label} and its percentage (out of 100) of all ${s.many}`,
        }),
      })),

  'latest-per-group': (s) => {
    const date = datesOf(s)[0]
    if (date === undefined) return []
    return groupsOf(s)
      .slice(0, 3)
      .map((group) => {
        const shown = [group, ...besides(s, group, date), date]
        return {
          sql: `SELECT DISTINCT ON (${group.ref}) ${refs(shown)} FROM ${s.from} ORDER BY ${group.ref}, ${descending(date)}`,
          question: askList(s, {
            zh: zh`每个${group.label}中${date.label}最晚的一${item(s.one)}的${listed(
              'zh',
              shown.map(({ label }) => label),
            )}，按${group.label}升序排列`,
            en: `the ${listed(
              'en',
              shown.map(({ many }) => many),
            )} of the ${s.one} with the latest ${date.label} for each ${group.label}, sorted by ${group.label}`,
          }),
        }
      })
  },

  'top-one-per-group': (s) =>
    combos(s)
      .slice(0, 3)
      .map(([group, measure]) => {
        const shown = [group, ...besides(s, group, measure), measure]
        return {
          sql: `SELECT DISTINCT ON (${group.ref}) ${refs(shown)} FROM ${s.from} ORDER BY ${group.ref}, ${descending(measure)}`,
          question: askList(s, {
            zh: zh`每个${group.label}中${measure.label}最高的一${item(s.one)}的${listed(
              'zh',
              shown.map(({ label }) => label),
            )}，按${group.label}升序排列`,
            en: `the ${listed(
              'en',
              shown.map(({ many }) => many),
            )} of the ${s.one} with the highest ${measure.label} for each ${group.label}, sorted by ${group.label}`,
          }),
        }
      }),
}

/** Groups with measures, each group once before any comes again. */
export function combos(s: Scene): readonly (readonly [Field, Field])[] {
  const groups = groupsOf(s)
  return measuresOf(s)
    .slice(0, 2)
    .flatMap((measure) => groups.slice(0, 3).map((group) => [group, measure] as const))
}

function besides(s: Scene, ...fields: readonly Field[]): readonly Field[] {
  return s.titles.filter((title) => !fields.includes(title))
}

function names(fields: readonly Field[]): string {
  return fields.map(({ ref }) => ref).join(', ')
}
