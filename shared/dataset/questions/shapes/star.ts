import { quoteIdentifier } from '../../catalog/quote.ts'
import { type Link, parentColumns, parentGroup, titleOnly, titlesOnly } from '../link.ts'
import { askCount, askFigures, askList, type Both, listed, zh } from '../wording.ts'
import type { StarShape } from './shape.ts'

/** One parent with several kinds of children, such as an account with its tickets, notes and calls. All links lead to it by one role. */
export const STAR_SHAPES: Readonly<Record<string, StarShape>> = {
  'counts-side-by-side': (links) => {
    const [first] = links
    const stems = new Set(links.map(({ child }) => child.stem))
    const readings = links.reduce((sum, { child, parent }) => sum + child.rows * parent.rows, 0)
    if (first === undefined || first.parent.titles.length === 0) return []
    if (stems.size < links.length || readings > READINGS_MAX) return []
    const counts = links.map(
      ({ child, on }) => `(SELECT COUNT(*) FROM ${child.from} WHERE ${on}) AS ${child.stem}_count`,
    )
    const { one } = first.parent
    const isOwn = first.role === one
    const [kinds, numbers] = [
      listed(
        'en',
        links.map(({ child }) => child.many),
      ),
      listed(
        'zh',
        links.map(({ child }) => zh`${child.one}数量`),
      ),
    ]
    return [
      {
        sql: `SELECT ${parentColumns(first)}, ${counts.join(', ')} FROM ${first.parent.from}`,
        question: askFigures(first, {
          zh: zh`每个${one}的${titleOnly(first)}，以及${isOwn ? '它的' : zh`以其为${first.role}的`}${numbers}`,
          en: `the ${titleOnly(first)} of each ${one} and the numbers of ${kinds} ${isOwn ? 'that it has' : `with that ${one} as ${first.role}`}`,
        }),
      },
    ]
  },

  'all-kinds': (links) => {
    const three = links.slice(0, 3)
    const [first] = three
    if (first === undefined || !isTelling(three)) return []
    const from = `${first.parent.from} ${three.map(({ child, on }) => `JOIN ${child.from} ON ${on}`).join(' ')}`
    const [key] = first.key.toColumns.map((name) => `${first.parent.alias}.${quoteIdentifier(name)}`)
    const rows: Both = {
      zh: zh`同时有${listed(
        'zh',
        three.map(({ child }) => child.one),
      )}的${first.role}`,
      en: `${first.roleMany} that have ${listed(
        'en',
        three.map(({ child }) => child.many),
      )}`,
    }
    const count = {
      sql: `SELECT COUNT(DISTINCT ${key}) AS ${first.parent.stem}_count FROM ${from}`,
      question: askCount(first, rows),
    }
    if (first.parent.titles.length === 0) return [count]
    return [
      count,
      {
        sql: `SELECT ${parentColumns(first, ...three.map(({ child }) => child))} FROM ${from} GROUP BY ${parentGroup(first)}`,
        question: askList(first, {
          zh: zh`${rows.zh}的${titleOnly(first)}`,
          en: `the ${titlesOnly(first)} of ${rows.en}`,
        }),
      },
    ]
  },
}

const READINGS_MAX = 5_000_000 // about a second, where no index helps
const JOINED_ROWS_MAX = 2_000_000 // each child of a parent meets each of the other kinds

/** Some parents must have all kinds (each kind is lacked by few enough), and each kind is lacked by some. */
function isTelling(links: readonly Link[]): boolean {
  const parents = links[0]?.parent.rows ?? 0
  const reached = links.map(({ via }) => via[0]?.profile.distinct ?? 0)
  const lacking = reached.reduce((sum, count) => sum + parents - count, 0)
  const joined = links.reduce((product, { child }, at) => product * (child.rows / (at === 0 ? 1 : parents)), 1)
  return links.length === 3 && lacking < parents && Math.max(...reached) < parents && joined <= JOINED_ROWS_MAX
}
