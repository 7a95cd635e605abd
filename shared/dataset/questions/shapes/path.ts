import { articled, type Condition, equals, sayableValues } from '../conditions.ts'
import { type Link, parentColumns, parentGroup, parentTitle, titleOnly } from '../link.ts'
import { groupsOf, IN_ONE_LINE, isAdditive, measuresOf, refs, statistic } from '../phrases.ts'
import { item, owned } from '../said-names.ts'
import type { Scene } from '../scene.ts'
import { tellingLimit } from '../thresholds.ts'
import { askCount, askFigures, askList, askValue, type Both, listed, pick, zh } from '../wording.ts'
import { isCertain, joined } from './join.ts'
import type { PathShape } from './shape.ts'

/** a belongs to b, b belongs to c: what c has of a. */
export const CHAIN_SHAPES: Readonly<Record<string, PathShape>> = {
  'chain-list': (first, second) => {
    const { child } = first
    if (child.titles.length === 0 || second.parent.titles.length === 0) return []
    return [
      {
        sql: `SELECT ${refs(child.titles)}, ${endColumns(first, second)} FROM ${chained(first, second)}`,
        question: askList(first, {
          zh: zh`每${item(child.one)}的${listed(
            'zh',
            child.titles.map(({ label }) => label),
          )}，以及其${first.role}对应${second.role}的${titleOnly(second)}`,
          en: `the ${listed(
            'en',
            child.titles.map(({ label }) => label),
          )} of each ${child.one} with the ${titleOnly(second)} of the ${second.role} of its ${first.role}`,
        }),
      },
    ]
  },

  'chain-count': (first, second) => {
    const { child } = first
    if (second.parent.titles.length === 0) return []
    const sql = `SELECT ${endColumns(first, second)}, COUNT(*) AS ${child.stem}_count FROM ${chained(first, second)} GROUP BY ${parentGroup(second)}`
    const each = { sql, question: askFigures(first, farNoun(first, second, { zh: '数量', en: 'number' })) }
    const limit = tellingLimit(second.via[0]?.profile.distinct ?? 0, 5)
    if (limit === null || limit === 1 || second.via.length > 1) return [each]
    return [
      each,
      {
        sql: `${sql} ORDER BY ${child.stem}_count DESC LIMIT ${limit}`,
        question: askList(first, {
          zh: zh`${child.one}最多（按其${first.role}对应的${second.role}统计）的 ${limit} 个${second.role}的${titleOnly(second)}及其${child.one}数量`,
          en: `the ${titleOnly(second)} and the number of ${child.many} of the ${limit} ${second.roleMany} with the most ${child.many} through their ${first.roleMany}`,
        }),
      },
    ]
  },

  'chain-statistic': (first, second) => {
    const { child } = first
    if (second.parent.titles.length === 0) return []
    return measuresOf(child)
      .slice(0, 1)
      .map((measure) => {
        const figure = statistic(measure, isAdditive(measure) ? 'sum' : 'avg')
        return {
          sql: `SELECT ${endColumns(first, second)}, ${figure.sql} AS ${figure.as} FROM ${chained(first, second)} GROUP BY ${parentGroup(second)} ORDER BY ${figure.as} DESC`,
          question: askFigures(
            first,
            {
              ...farNoun(first, second, { zh: zh`的${figure.zh}`, en: figure.en }),
            },
            { zh: zh`按${figure.zh}从高到低排列`, en: 'sorted by that figure from highest to lowest' },
          ),
        }
      })
  },

  'chain-group': (first, second) =>
    groupsOf(second.parent)
      .slice(0, 2)
      .map((group) => ({
        sql: `SELECT ${group.ref}, COUNT(*) AS ${first.child.stem}_count FROM ${chained(first, second)} GROUP BY ${group.ref}`,
        question: askFigures(first, {
          zh: zh`按${first.role}对应的${owned(second.role, group.label)}统计的${first.child.one}数量`,
          en: `the number of ${first.child.many} for each ${group.label} of the ${second.role} of their ${first.role}`,
        }),
      })),

  'chain-count-all': (first, second) =>
    isCertain(first) && isCertain(second)
      ? []
      : [
          {
            sql: `SELECT COUNT(*) AS ${first.child.stem}_count FROM ${chained(first, second)}`,
            question: askCount(first, {
              zh: zh`有${first.role}且该${first.role}有${second.role}的${first.child.one}`,
              en: `${first.child.many} with ${articled(first.role)} that has ${articled(second.role)}`,
            }),
          },
        ],

  'chain-where': (first, second) => {
    const { child } = first
    const condition = farCondition(first, second)
    if (condition === null) return []
    const rows = {
      zh: zh`${first.role}对应的${owned(second.role, condition.zh)}的${child.one}`,
      en: `${child.many} whose ${first.role} has ${articled(second.role)} ${condition.en}`,
    }
    const from = `${chained(first, second)} WHERE ${condition.sql}`
    const measure = measuresOf(child)[0]
    const figure = measure === undefined ? null : statistic(measure, isAdditive(measure) ? 'sum' : 'avg')
    return [
      { sql: `SELECT COUNT(*) AS ${child.stem}_count FROM ${from}`, question: askCount(first, rows) },
      ...(child.titles.length === 0
        ? []
        : [{ sql: `SELECT ${refs(child.titles)} FROM ${from}`, question: askList(first, titlesOf(child, rows)) }]),
      ...(figure === null
        ? []
        : [
            {
              sql: `SELECT ${figure.sql} AS ${figure.as} FROM ${from}`,
              question: askValue(first, { zh: zh`${rows.zh}的${figure.zh}`, en: `the ${figure.en} of ${rows.en}` }),
            },
          ]),
    ]
  },
}

/** m belongs to a and to c: what a has to do with c. */
export const BRIDGE_SHAPES: Readonly<Record<string, PathShape>> = {
  'bridge-list': (first, second) => {
    if (first.parent.titles.length === 0 || second.parent.titles.length === 0) return []
    return [
      {
        sql: `SELECT ${parentColumns(first)}, ${endColumns(first, second)} FROM ${bridged(first, second)}`,
        question: askList(first, {
          zh: zh`每${item(first.child.one)}的${parentTitle(first)}以及${parentTitle(second)}`,
          en: `the ${parentTitle(first)} and the ${parentTitle(second)} for each ${first.child.one}`,
        }),
      },
    ]
  },

  'bridge-count': (first, second) =>
    [[first, second] as const, [second, first] as const].flatMap(([one, other]) => {
      const target = one.child.fields.find(({ column }) => column.name === other.key.fromColumns[0])
      const limit = tellingLimit(one.via[0]?.profile.distinct ?? 0, 5)
      if (one.parent.titles.length === 0 || target === undefined || other.via.length > 1) return []
      if (limit === null || limit === 1) return []
      return [
        {
          sql: `SELECT ${parentColumns(one)}, COUNT(DISTINCT ${target.ref}) AS ${other.parent.alias}_count FROM ${bridged(one, other)} GROUP BY ${parentGroup(one)} ORDER BY ${other.parent.alias}_count DESC LIMIT ${limit}`,
          question: askList(one, {
            zh: zh`在${one.child.one}中涉及不同${other.role}最多的 ${limit} 个${one.role}的${titleOnly(one)}及其不同${other.role}的数量`,
            en: `the ${titleOnly(one)} and the number of different ${other.roleMany} of the ${limit} ${one.roleMany} with the most different ${other.roleMany} among their ${one.child.many}`,
          }),
        },
      ]
    }),

  'bridge-where': (first, second) =>
    [[first, second] as const, [second, first] as const].flatMap(([one, other]) => {
      const condition = farCondition(one, other)
      if (condition === null || one.parent.titles.length === 0) return []
      const rows = {
        zh: zh`至少有一${item(zh`${owned(other.role, condition.zh)}的${one.child.one}`)}的${one.role}`,
        en: `${one.roleMany} with at least one ${one.child.one} that has ${articled(other.role)} ${condition.en}`,
      }
      return [
        {
          sql: `SELECT DISTINCT ${refs(one.parent.titles)} FROM ${bridged(one, other)} WHERE ${condition.sql}`,
          question: askList(one, titlesOf(one.parent, rows, 'different')),
        },
      ]
    }),

  'bridge-names': (first, second) => {
    const [title] = second.parent.titles
    if (title === undefined || first.parent.titles.length === 0 || title.column.category !== 'S') return []
    return [
      {
        sql: `SELECT ${parentColumns(first)}, STRING_AGG(DISTINCT ${title.ref}, ', ' ORDER BY ${title.ref}) AS ${title.stem}_list FROM ${bridged(first, second)} GROUP BY ${parentGroup(first)}`,
        question: askList(
          first,
          {
            zh: zh`每个${first.role}的${titleOnly(first)}，以及其${first.child.one}涉及的所有不同${second.role}的${title.label}`,
            en: `the ${titleOnly(first)} of each ${first.role} with the different ${title.many} of the ${second.roleMany} among its ${first.child.many}`,
          },
          IN_ONE_LINE,
        ),
      },
    ]
  },

  'bridge-statistic': (first, second) => {
    if (second.parent.titles.length === 0 || first.parent.titles.length === 0) return []
    return measuresOf(first.child)
      .slice(0, 1)
      .map((measure) => {
        const figure = statistic(measure, isAdditive(measure) ? 'sum' : 'avg')
        return {
          sql: `SELECT ${parentColumns(first)}, ${endColumns(first, second)}, ${figure.sql} AS ${figure.as} FROM ${bridged(first, second)} GROUP BY ${parentGroup(first)}, ${parentGroup(second)}`,
          question: askFigures(first, {
            zh: zh`每种${first.role}和${second.role}组合的${parentTitle(first)}、${parentTitle(second)}以及${first.child.one}的${figure.zh}`,
            en: `the ${parentTitle(first)}, the ${parentTitle(second)} and the ${figure.en} of ${first.child.many} for each combination of ${first.role} and ${second.role}`,
          }),
        }
      })
  },

  'bridge-group': (first, second) =>
    groupsOf(second.parent)
      .slice(0, 1)
      .flatMap((group) =>
        first.parent.titles.length === 0
          ? []
          : [
              {
                sql: `SELECT ${parentColumns(first)}, ${group.ref}, COUNT(*) AS ${first.child.stem}_count FROM ${bridged(first, second)} GROUP BY ${parentGroup(first)}, ${group.ref}`,
                question: askFigures(first, {
                  zh: zh`每个${first.role}的${titleOnly(first)}，按${second.role}的${group.label}分别统计的${first.child.one}数量`,
                  en: `the number of ${first.child.many} for each ${first.role} and each ${group.label} of the ${second.role}, with the ${parentTitle(first)}`,
                }),
              },
            ],
      ),
}

/** Each far parent's name, with a figure of the children that lead to it. @param figure Chinese continues the noun: `数量` */
function farNoun(first: Link, second: Link, figure: Both): Both {
  const { child } = first
  return {
    zh: zh`每个${second.role}的${titleOnly(second)}，以及其${first.role}的${child.one}${figure.zh}`,
    en: `the ${titleOnly(second)} of each ${second.role} and the ${figure.en} of ${child.many} of its ${first.roleMany}`,
  }
}

function titlesOf({ titles }: Scene, rows: Both, only = ''): Both {
  const [labels, many] = [titles.map(({ label }) => label), titles.map((title) => title.many)]
  return {
    zh: zh`${rows.zh}的${listed('zh', labels)}${only === '' ? '' : '（去重）'}`,
    en: `the ${only === '' ? '' : `${only} `}${listed('en', many)} of ${rows.en}`,
  }
}

/** The far parent by a group that it belongs to, or by its name; only where most rows lead to one that has children. */
function farCondition(first: Link, second: Link): Condition | null {
  const { titles } = second.parent
  const named = titles.length === 1 && !first.hasChildless && !second.hasChildless ? titles : []
  const fields = [...groupsOf(second.parent).filter(({ profile }) => profile.distinct <= GROUPS_MAX), ...named].filter(
    (field) => field.role !== 'flag' && sayableValues(field).length > 0,
  )
  const field = fields.length === 0 ? undefined : pick(first.random, fields)
  if (field === undefined) return null
  const value = pick(first.random, sayableValues(field).slice(0, 3))
  return { ...equals(field, value), en: `with the ${field.label} ${value}` }
}

const GROUPS_MAX = 12 // of more, the most frequent may be one that nothing leads to

function chained(first: Link, second: Link): string {
  return `${joined(first)} JOIN ${second.parent.from} ON ${second.on}`
}

function bridged(first: Link, second: Link): string {
  return `${joined(first)} JOIN ${second.parent.from} ON ${second.on}`
}

/** The far parent's columns, told from those of the other two relations. */
function endColumns(first: Link, second: Link): string {
  return parentColumns(second, first.child, first.parent)
}
