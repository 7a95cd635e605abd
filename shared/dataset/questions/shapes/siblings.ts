import { quoteIdentifier } from '../../catalog/quote.ts'
import { type Link, parentColumns, parentGroup, titleOnly, titlesOnly } from '../link.ts'
import { askCount, askFigures, askList, type Both, zh } from '../wording.ts'
import type { PathShape } from './shape.ts'

/** Two kinds of children of one parent, counted side by side. `first.parent` and `second.parent` are the same relation. */
export const SIBLING_SHAPES: Readonly<Record<string, PathShape>> = {
  'both-kinds': (first, second) => {
    const from = whereBoth(first, second)
    if (from === null || first.parent.titles.length === 0 || first.isSelf || second.isSelf) return []
    const [key] = first.key.toColumns.map((name) => `${first.parent.alias}.${quoteIdentifier(name)}`)
    const noun = {
      zh: zh`既有${childrenOf(first).zh}、又有${childrenOf(second).zh}的${first.parent.one}`,
      en: `${first.parent.many} that have both ${childrenOf(first, 'them').en} and ${childrenOf(second, 'them').en}`,
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
          zh: zh`每个${first.parent.one}的${titleOnly(first)}、${childrenOf(first).zh}数量和${childrenOf(second).zh}数量（没有的记为 0）`,
          en: `the ${titleOnly(first)}, the number of ${childrenOf(first).en} and the number of ${childrenOf(second).en} for each ${first.parent.one}, with 0 where there are none`,
        }),
      },
    ]
  },
}

/** Each kind by the role that its parent plays there, another for each key: `transfers with it as target person`. */
function childrenOf({ child, parent, role }: Link, parents: 'it' | 'them' = 'it'): Both {
  if (role === parent.one) return { zh: child.one, en: child.many }
  return { zh: zh`以其为${role}的${child.one}`, en: `${child.many} with ${parents} as ${role}` }
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
