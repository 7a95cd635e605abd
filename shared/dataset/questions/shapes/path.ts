import { quoteIdentifier } from '../../catalog/quote.ts'
import { articled } from '../conditions.ts'
import { type Link, parentColumns, parentGroup, parentTitle, titleOnly, titlesOnly } from '../link.ts'
import { groupsOf, IN_ONE_LINE, isAdditive, measuresOf, refs, statistic } from '../phrases.ts'
import { askCount, askFigures, askList, listed, zh } from '../wording.ts'
import { joined } from './join.ts'
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
          zh: zh`每个${child.one}的${listed(
            'zh',
            child.titles.map(({ label }) => label),
          )}，以及它的${first.role}所属${parentTitle(second)}`,
          en: `the ${listed(
            'en',
            child.titles.map(({ label }) => label),
          )} of each ${child.one} with the ${parentTitle(second)} of its ${first.role}`,
        }),
      },
    ]
  },

  'chain-count': (first, second) => {
    const { child } = first
    if (second.parent.titles.length === 0) return []
    const sql = `SELECT ${endColumns(first, second)}, COUNT(*) AS ${child.stem}_count FROM ${chained(first, second)} GROUP BY ${parentGroup(second)}`
    const noun = {
      zh: zh`${first.role}所属的每个${second.role}的${titleOnly(second)}及其${child.one}数量`,
      en: `the ${titleOnly(second)} and the number of ${child.many} for each ${second.role} of their ${first.role}`,
    }
    return [
      { sql, question: askFigures(first, noun) },
      {
        sql: `${sql} ORDER BY ${child.stem}_count DESC LIMIT 5`,
        question: askList(first, {
          zh: zh`经由${first.role}拥有${child.one}最多的 5 个${second.role}的${titleOnly(second)}及其${child.one}数量`,
          en: `the ${titleOnly(second)} and the number of ${child.many} of the 5 ${second.roleMany} with the most ${child.many} through their ${first.roleMany}`,
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
              zh: zh`${first.role}所属的每个${second.role}的${titleOnly(second)}及其${child.one}的${figure.zh}`,
              en: `the ${titleOnly(second)} and the ${figure.en} of ${child.many} for each ${second.role} of their ${first.role}`,
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
          zh: zh`${first.role}所属${second.role}的每个${group.label}对应的${first.child.one}数量`,
          en: `the number of ${first.child.many} for each ${group.label} of the ${second.role} of their ${first.role}`,
        }),
      })),

  'chain-count-all': (first, second) => [
    {
      sql: `SELECT COUNT(*) AS ${first.child.stem}_count FROM ${chained(first, second)}`,
      question: askCount(first, {
        zh: zh`有${first.role}且该${first.role}有${second.role}的${first.child.one}`,
        en: `${first.child.many} with ${articled(first.role)} that has ${articled(second.role)}`,
      }),
    },
  ],
}

/** m belongs to a and to c: what a has to do with c. */
export const BRIDGE_SHAPES: Readonly<Record<string, PathShape>> = {
  'bridge-list': (first, second) => {
    if (first.parent.titles.length === 0 || second.parent.titles.length === 0) return []
    return [
      {
        sql: `SELECT ${parentColumns(first)}, ${endColumns(first, second)} FROM ${bridged(first, second)}`,
        question: askList(first, {
          zh: zh`每个${first.child.one}的${parentTitle(first)}和${parentTitle(second)}`,
          en: `the ${parentTitle(first)} and the ${parentTitle(second)} for each ${first.child.one}`,
        }),
      },
    ]
  },

  'bridge-count': (first, second) =>
    [[first, second] as const, [second, first] as const].flatMap(([one, other]) => {
      const target = one.child.fields.find(({ column }) => column.name === other.key.fromColumns[0])
      if (one.parent.titles.length === 0 || target === undefined || other.via.length > 1) return []
      return [
        {
          sql: `SELECT ${parentColumns(one)}, COUNT(DISTINCT ${target.ref}) AS ${other.parent.alias}_count FROM ${bridged(one, other)} GROUP BY ${parentGroup(one)} ORDER BY ${other.parent.alias}_count DESC LIMIT 5`,
          question: askList(one, {
            zh: zh`在${one.child.one}中涉及不同${other.role}最多的 5 个${one.role}的${titleOnly(one)}及其不同${other.role}的数量`,
            en: `the ${titleOnly(one)} and the number of different ${other.roleMany} of the 5 ${one.roleMany} with the most different ${other.roleMany} among their ${one.child.many}`,
          }),
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
                  en: `the ${parentTitle(first)}, the ${group.label} of the ${second.role} and the number of ${first.child.many} for each combination of them`,
                }),
              },
            ],
      ),
}

/** Two kinds of children of one parent, counted side by side. `first.parent` and `second.parent` are the same relation. */
export const SIBLING_SHAPES: Readonly<Record<string, PathShape>> = {
  'both-kinds': (first, second) => {
    const from = whereBoth(first, second)
    if (from === null || first.parent.titles.length === 0 || first.isSelf || second.isSelf) return []
    const [key] = first.key.toColumns.map((name) => `${first.parent.alias}.${quoteIdentifier(name)}`)
    const noun = {
      zh: zh`既有${first.child.one}又有${second.child.one}的${first.role}`,
      en: `${first.roleMany} that have both ${first.child.many} and ${second.child.many}`,
    }
    return [
      {
        sql: `SELECT COUNT(DISTINCT ${key}) AS ${first.parent.stem}_count FROM ${from}`,
        question: askCount(first, noun),
      },
      {
        sql: `SELECT ${parentColumns(first, second.child)} FROM ${from} GROUP BY ${parentGroup(first)}`,
        question: askList(first, {
          zh: zh`${noun.zh}的${titleOnly(first)}`,
          en: `the ${titlesOnly(first)} of ${noun.en}`,
        }),
      },
    ]
  },

  'two-counts': (first, second) => {
    const one = first.via[0]
    const other = second.via[0]
    if (
      one === undefined ||
      other === undefined ||
      first.via.length + second.via.length > 2 ||
      first.parent.titles.length === 0
    )
      return []
    const [oneName, otherName] = [`${first.child.stem}_count`, `${second.child.stem}_count`]
    if (oneName === otherName) return []
    const sides = [
      [first, one, oneName, 'first_counts'],
      [second, other, otherName, 'second_counts'],
    ] as const
    const ctes = sides.map(
      ([link, via, name, cte]) =>
        `${cte} AS (SELECT ${via.ref}, COUNT(*) AS ${name} FROM ${link.child.from} GROUP BY ${via.ref})`,
    )
    const joins = sides.map(
      ([link, via, , cte]) =>
        `LEFT JOIN ${cte} ON ${via.ref.replace(`${link.child.alias}.`, `${cte}.`)} = ${link.on.split(' = ')[1] ?? ''}`,
    )
    const columns = sides.map(([, , name, cte]) => `COALESCE(${cte}.${name}, 0) AS ${name}`)
    return [
      {
        sql: `WITH ${ctes.join(', ')} SELECT ${parentColumns(first)}, ${columns.join(', ')} FROM ${first.parent.from} ${joins.join(' ')}`,
        question: askFigures(first, {
          zh: zh`每个${first.role}的${titleOnly(first)}、${first.child.one}数量和${second.child.one}数量（没有的记为 0）`,
          en: `the ${titleOnly(first)}, the number of ${first.child.many} and the number of ${second.child.many} for each ${first.role}, with 0 where there are none`,
        }),
      },
    ]
  },
}

/** A parent with many children of both kinds meets each with each: beyond this a join is slow for what it says. */
const JOINED_ROWS_MAX = 2_000_000

/**
 * Parents that have both kinds, where some must (together the kinds refer to more parents than there are) and some lack
 * either kind, so that the question tells parents apart.
 */
function whereBoth(first: Link, second: Link): string | null {
  const [one, other] = [first.via[0], second.via[0]]
  const parents = first.parent.rows
  if (one === undefined || other === undefined || first.via.length + second.via.length > 2) return null
  if (one.profile.distinct + other.profile.distinct <= parents) return null
  if (Math.max(one.profile.distinct, other.profile.distinct) >= parents) return null
  if ((first.child.rows * second.child.rows) / parents > JOINED_ROWS_MAX) return null
  return `${first.parent.from} JOIN ${first.child.from} ON ${first.on} JOIN ${second.child.from} ON ${second.on}`
}

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
