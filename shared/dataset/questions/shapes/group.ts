import { equals, sayableValues } from '../conditions.ts'
import { groupsOf, IN_ONE_LINE, isAdditive, measuresOf, perGroup, refs, sortedBy, statistic } from '../phrases.ts'
import { item } from '../said-names.ts'
import type { Field, Scene } from '../scene.ts'
import { tellingCount, tellingLimit, tellingThreshold } from '../thresholds.ts'
import { askFigures, askList, type Both, pick, zh } from '../wording.ts'
import { conditionFor, namesFor } from './aggregate.ts'
import type { TableShape } from './shape.ts'

/** Figures for each value of a column. */
export const GROUP_SHAPES: Readonly<Record<string, TableShape>> = {
  'count-per-group': (s) =>
    groupsOf(s).map((field) => ({
      sql: grouped(s, [field], countColumn(s)),
      question: askFigures(s, countPer(s, [field])),
    })),

  'count-per-group-sorted': (s) =>
    groupsOf(s).map((field) => ({
      sql: `${grouped(s, [field], countColumn(s))} ORDER BY ${s.stem}_count DESC`,
      question: askFigures(s, countPer(s, [field]), byCount()),
    })),

  'top-groups': (s) =>
    groupsOf(s)
      .filter(({ profile }) => profile.distinct > 3)
      .map((field) => ({
        sql: `${grouped(s, [field], countColumn(s))} ORDER BY ${s.stem}_count DESC LIMIT 3`,
        question: askList(s, {
          zh: zh`${s.one}数量最多的 3 个${field.label}及其${s.one}数量`,
          en: `the 3 ${field.many} with the most ${s.many}, and how many each has`,
        }),
      })),

  'statistic-per-group': (s) =>
    groupsOf(s)
      .slice(0, 4)
      .flatMap((field) =>
        measuresOf(s)
          .slice(0, 3)
          .map((measure) => {
            const figure = statistic(measure, pick(s.random, namesFor(measure)))
            return {
              sql: grouped(s, [field], `${figure.sql} AS ${figure.as}`),
              question: askFigures(s, per(s, figure, [field])),
            }
          }),
      ),

  'statistic-per-group-sorted': (s) =>
    groupsOf(s)
      .slice(0, 3)
      .flatMap((field) =>
        measuresOf(s)
          .slice(0, 2)
          .flatMap((measure) => {
            const figure = statistic(measure, isAdditive(measure) ? 'sum' : 'avg')
            const limit = tellingLimit(field.profile.distinct, 5)
            if (limit === null) return []
            return {
              sql: `${grouped(s, [field], `${figure.sql} AS ${figure.as}`)} ORDER BY ${figure.as} DESC LIMIT ${limit}`,
              question: askFigures(s, {
                zh: zh`${figure.zh}最高的${limit === 1 ? '' : zh`前 ${limit} 个`}${field.label}及其${s.one}的${figure.zh}`,
                en: `the ${figure.en} of ${s.many} for the ${limit === 1 ? field.label : `${limit} ${field.many}`} where it is highest`,
              }),
            }
          }),
      ),

  having: (s) =>
    groupsOf(s).flatMap((field) => {
      const counts = field.profile.values.map(({ count }) => count)
      const middle = Math.floor(((counts[0] ?? 0) + (counts.at(-1) ?? 0)) / 2)
      const threshold = tellingCount(counts, middle) ?? middle
      if (threshold < 1 || threshold >= (counts[0] ?? 0)) return []
      return [
        {
          sql: `${grouped(s, [field], countColumn(s))} HAVING COUNT(*) > ${threshold}`,
          question: askList(s, {
            zh: zh`拥有超过 ${threshold} ${item(s.one)}的${field.label}及其${s.one}数量`,
            en: `the ${field.many} with more than ${threshold} ${s.many}, and how many each has`,
          }),
        },
      ]
    }),

  'having-average': (s) =>
    groupsOf(s)
      .slice(0, 2)
      .flatMap((field) =>
        measuresOf(s)
          .slice(0, 2)
          .flatMap((measure) => {
            const figure = statistic(measure, 'avg')
            return [
              {
                sql: `SELECT ${field.ref}, ${countColumn(s)} FROM ${s.from} GROUP BY ${field.ref} HAVING ${figure.sql} > (SELECT ${figure.sql} FROM ${s.from})`,
                question: askList(s, {
                  zh: zh`${s.one}的${figure.zh}高于总体水平的${field.label}及其${s.one}数量`,
                  en: `the ${field.many} whose ${s.many} have a higher ${figure.en} than all ${s.many} together, and how many each has`,
                }),
              },
            ]
          }),
      ),

  'count-per-two-groups': (s) =>
    pairsOf(groupsOf(s)).map((fields) => ({
      sql: grouped(s, fields, countColumn(s)),
      question: askFigures(s, countPer(s, fields)),
    })),

  rollup: (s) =>
    [
      ...pairsOf(groupsOf(s)).slice(0, 2),
      ...groupsOf(s)
        .slice(0, 2)
        .map((field) => [field]),
    ].map((fields) => ({
      sql: `SELECT ${refs(fields)}, ${countColumn(s)} FROM ${s.from} GROUP BY ROLLUP (${refs(fields)})`,
      question: askFigures(s, {
        zh: zh`${perGroup(fields).zh}的${s.one}数量，并给出${fields.length > 1 ? '各级小计和总计' : '总计'}`,
        en: `the number of ${s.many} ${perGroup(fields).en}, with ${fields.length > 1 ? 'subtotals and a grand total' : 'a grand total'}`,
      }),
    })),

  'filter-per-group': (s) =>
    pairsOf(groupsOf(s))
      .slice(0, 4)
      .flatMap(([field, other]) => {
        const value = other === undefined ? undefined : sayableValues(other)[0]
        if (field === undefined || other === undefined || value === undefined) return []
        const condition = equals(other, value)
        return [
          {
            sql: grouped(
              s,
              [field],
              `${countColumn(s)}, COUNT(*) FILTER (WHERE ${condition.sql}) AS matching_${s.stem}_count`,
            ),
            question: askFigures(s, {
              zh: zh`${perGroup([field]).zh}的${s.one}数量，以及其中${condition.zh}的数量`,
              en: `the number of ${s.many} ${perGroup([field]).en}, and of those the number ${condition.en}`,
            }),
          },
        ]
      }),

  'group-where-top': (s) =>
    groupsOf(s)
      .slice(0, 3)
      .flatMap((field) => {
        const condition = conditionFor(s, field)
        const measure = measuresOf(s)[0]
        const limit = tellingLimit(field.profile.distinct, 3)
        if (condition === null || measure === undefined || limit === null) return []
        const figure = statistic(measure, 'avg')
        return [
          {
            sql: `SELECT ${field.ref}, ${figure.sql} AS ${figure.as}, ${countColumn(s)} FROM ${s.from} WHERE ${condition.sql} GROUP BY ${field.ref} ORDER BY ${figure.as} DESC LIMIT ${limit}`,
            question: askFigures(s, {
              zh: zh`在${condition.zh}的${s.one}中，${figure.zh}最高的${limit === 1 ? '' : zh`${limit} 个`}${field.label}及其${figure.zh}和${s.one}数量`,
              en: `the ${figure.en} and the number of ${s.many} ${condition.en}, for the ${limit === 1 ? field.label : `${limit} ${field.many}`} with the highest ${figure.en}`,
            }),
          },
        ]
      }),

  'case-bands': (s) =>
    measuresOf(s)
      .slice(0, 3)
      .flatMap((measure) => {
        const [low, high] = [tellingThreshold(measure, 0.25, 'below'), tellingThreshold(measure, 0.6, 'below')]
        if (low === null || high === null || Number(low) >= Number(high) || measure.profile.nullShare > 0) return []
        const [small, middle, large] = s.language === 'zh' ? ['低', '中', '高'] : ['low', 'medium', 'high']
        return [
          {
            sql: `SELECT CASE WHEN ${measure.ref} < ${low} THEN '${small}' WHEN ${measure.ref} < ${high} THEN '${middle}' ELSE '${large}' END AS ${measure.stem}_level, ${countColumn(s)} FROM ${s.from} GROUP BY 1`,
            question: askFigures(s, {
              zh: zh`按${measure.label}分为低（小于 ${low}）、中（${low} 到 ${high} 以下）、高（${high} 及以上）三档后每档的${s.one}数量`,
              en: `the number of ${s.many} for each level of ${measure.label}: low below ${low}, medium below ${high}, high otherwise`,
            }),
          },
        ]
      }),

  'names-per-group': (s) => {
    const title = s.titles[0]
    if (title === undefined || title.column.category !== 'S') return []
    return groupsOf(s)
      .filter((field) => field !== title)
      .slice(0, 3)
      .map((field) => ({
        sql: `SELECT ${field.ref}, STRING_AGG(${title.ref}, ', ' ORDER BY ${title.ref}) AS ${title.stem}_list FROM ${s.from} GROUP BY ${field.ref}`,
        question: askFigures(
          s,
          {
            zh: zh`${perGroup([field]).zh}下所有${s.one}的${title.label}`,
            en: `the ${title.many} of ${s.many} ${perGroup([field]).en}`,
          },
          IN_ONE_LINE,
        ),
      }))
  },
}

function grouped(s: Scene, fields: readonly Field[], figure: string): string {
  return `SELECT ${refs(fields)}, ${figure} FROM ${s.from} GROUP BY ${refs(fields)}`
}

function countColumn(s: Scene): string {
  return `COUNT(*) AS ${s.stem}_count`
}

function countPer(s: Scene, fields: readonly Field[]): Both {
  return { zh: zh`${perGroup(fields).zh}的${s.one}数量`, en: `the number of ${s.many} ${perGroup(fields).en}` }
}

function per(s: Scene, figure: Both, fields: readonly Field[]): Both {
  return {
    zh: zh`${perGroup(fields).zh}的${s.one}的${figure.zh}`,
    en: `the ${figure.en} of ${s.many} ${perGroup(fields).en}`,
  }
}

function byCount(): Both {
  return sortedBy({ zh: '数量', en: 'that number' }, 'desc')
}

/** Neighbours, two by two: enough to use every column without trying them all. */
function pairsOf(fields: readonly Field[]): readonly Field[][] {
  return fields.slice(1).map((field, at) => [fields[at], field].filter((one) => one !== undefined))
}
