import type { ColumnProfile } from '../../catalog/profile.ts'
import { compared, equals, isMissing, literal, sayableValues, verb, withConditions } from '../conditions.ts'
import { groupsOf, measuresOf } from '../phrases.ts'
import { isComparable } from '../roles.ts'
import type { Scene } from '../scene.ts'
import { tellingThreshold } from '../thresholds.ts'
import { askCount, askOne, askValue, listed, pick, zh } from '../wording.ts'
import type { TableShape } from './shape.ts'

/** How many rows there are, all of them or those that meet a condition. */
export const COUNT_SHAPES: Readonly<Record<string, TableShape>> = {
  'count-all': (s) => [
    { sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from}`, question: askCount(s, withConditions(s, [])) },
  ],

  'count-where': (s) =>
    groupsOf(s).flatMap((field) => {
      const values = sayableValues(field)
      return values.length === 0 ? [] : [counted(s, [equals(field, pick(s.random, values.slice(0, 6)))])]
    }),

  'count-above': (s) =>
    measuresOf(s).flatMap((field) => {
      const comparison = pick(s.random, ['>', '>='] as const)
      const side = comparison === '>' ? 'above' : 'below'
      const threshold = tellingThreshold(field, pick(s.random, [0.3, 0.4, 0.5]), side)
      return threshold === null ? [] : [counted(s, [compared(field, comparison, threshold)])]
    }),

  'count-missing': (s) =>
    s.fields
      .filter(({ profile, role }) => profile.nullShare > 0 && role !== 'key')
      .map((field) => counted(s, [isMissing(field, field.profile.nullShare < 0.5)])),

  'count-values': (s) =>
    s.fields
      .filter(
        ({ column, profile, role }) =>
          isComparable(column) &&
          profile.distinct > 1 &&
          repeats(s, profile) &&
          !['flag', 'key', 'text', 'timestamp'].includes(role),
      )
      .map((field) => ({
        sql: `SELECT COUNT(DISTINCT ${field.ref}) AS ${field.stem}_count FROM ${s.from}`,
        question: askOne(s, {
          zh: [
            zh`${s.one}中有多少个不同的${field.label}？`,
            zh`统计${s.one}里不重复的${field.label}数量。`,
            zh`${s.one}一共涉及多少种${field.label}？`,
            zh`去重后，${s.one}的${field.label}有多少个？`,
            zh`请问${s.one}共有几种不同的${field.label}？`,
          ],
          en: [
            `How many different ${field.many} do ${s.many} have?`,
            `What is the number of different ${field.many} among ${s.many}?`,
            `Tell me how many different ${field.many} appear among ${s.many}.`,
            `How many unique ${field.many} are there among ${s.many}?`,
            `Find the number of unique ${field.many} of ${s.many}.`,
          ],
        }),
      })),

  'count-either': (s) => {
    const [one, other] = groupsOf(s).filter(({ role }) => role !== 'flag')
    const first = one === undefined ? undefined : sayableValues(one)[0]
    const second = other === undefined ? undefined : sayableValues(other)[0]
    if (one === undefined || other === undefined || first === undefined || second === undefined) return []
    const conditions = [equals(one, first), equals(other, second)]
    return [
      {
        sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${conditions.map(({ sql }) => sql).join(' OR ')}`,
        question: askCount(s, withConditions(s, conditions, 'or')),
      },
    ]
  },

  'count-split': (s) =>
    groupsOf(s)
      .filter(({ profile }) => profile.valuesComplete)
      .slice(0, 3)
      .flatMap((field) => {
        const values = sayableValues(field, true).slice(0, 4)
        if (values.length < 2) return []
        const columns = values.map(
          (value, at) => `COUNT(*) FILTER (WHERE ${equals(field, value).sql}) AS ${field.stem}_${at + 1}`,
        )
        const parts = values.map((value) => equals(field, value))
        const isFlag = field.role === 'flag'
        const said = {
          zh: isFlag
            ? listed(
                'zh',
                parts.map((part) => zh`${part.zh}的${s.one}`),
              )
            : zh`${field.label}分别为${listed('zh', values)}的${s.one}`,
          en: isFlag
            ? `${s.many} ${listed(
                'en',
                parts.map((part) => part.en),
              )}`
            : `${s.many} with the ${field.label} ${listed('en', values)}`,
        }
        return [
          {
            sql: `SELECT ${columns.join(', ')} FROM ${s.from}`,
            question: askValue(s, {
              zh: zh`${said.zh}各自的数量（每个单独一列）`,
              en: `the number of ${said.en}, each in a column of its own`,
            }),
          },
        ]
      }),

  'share-of-value': (s) =>
    groupsOf(s)
      .slice(0, 3)
      .flatMap((field) => {
        const value = sayableValues(field)[0]
        if (value === undefined || field.role === 'flag') return []
        return [
          {
            sql: `SELECT 100.0 * COUNT(*) FILTER (WHERE ${field.ref} = ${literal(field, value)}) / NULLIF(COUNT(*), 0) AS percentage FROM ${s.from}`,
            question: askValue(s, {
              zh: zh`${field.label}为${value}的${s.one}占全部${s.one}的百分比（总数按 100 计）`,
              en: `the percentage (out of 100) of all ${s.many} whose ${field.label} ${verb(field)} ${value}`,
            }),
          },
        ]
      }),
}

function counted(s: Scene, conditions: Parameters<typeof withConditions>[1]) {
  return {
    sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`,
    question: askCount(s, withConditions(s, conditions)),
  }
}

/** Some value occurs twice: else to count the different ones is to count them all. */
function repeats(s: Scene, { values, distinct, nullShare }: ColumnProfile): boolean {
  return (values[0]?.count ?? 0) > 1 || distinct < Math.min(s.rows, SAMPLE_ROWS) * (1 - nullShare) - 1
}

const SAMPLE_ROWS = 5000 // a profile sees no more
