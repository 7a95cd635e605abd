import { quoteIdentifier } from '../../catalog/quote.ts'
import { articled, equals, sayableValues } from '../conditions.ts'
import { type Link, parentTitle } from '../link.ts'
import { refs } from '../phrases.ts'
import { item } from '../said-names.ts'
import { askCount, askFigures, askList, askValue, listed, zh } from '../wording.ts'
import type { LinkShape } from './shape.ts'

/** A relation that refers to itself: trees of managers, categories, parts. Only rows below a root are walked, so it ends. */
export const SELF_SHAPES: Readonly<Record<string, LinkShape>> = {
  roots: (l) => {
    const [via] = l.via
    if (!isTree(l) || via === undefined) return []
    const from = l.child.from
    return [
      {
        sql: `SELECT COUNT(*) AS ${l.child.stem}_count FROM ${from} WHERE ${via.ref} IS NULL`,
        question: askCount(l, {
          zh: zh`没有${l.role}的${l.child.one}`,
          en: `${l.child.many} without ${articled(l.role)}`,
        }),
      },
      {
        sql: `SELECT ${refs(l.child.titles)} FROM ${from} WHERE ${via.ref} IS NULL`,
        question: askList(l, {
          zh: zh`没有${l.role}的${l.child.one}的${titles(l)}`,
          en: `the ${titles(l)} of ${l.child.many} without ${articled(l.role)}`,
        }),
      },
    ]
  },

  levels: (l) =>
    !isTree(l)
      ? []
      : [
          {
            sql: `${tree(l)} SELECT ${l.child.titles.map(({ column }) => quoteIdentifier(column.name)).join(', ')}, level FROM tree ORDER BY level`,
            question: askList(
              l,
              {
                zh: zh`每${item(l.child.one)}的${titles(l)}及其层级，没有${l.role}的为第 1 层`,
                en: `the ${titles(l)} of all ${l.child.many} with their level, where those without ${articled(l.role)} are level 1`,
              },
              { zh: '按层级从高到低排列', en: 'sorted from the top level down' },
            ),
          },
          {
            sql: `${tree(l)} SELECT level, COUNT(*) AS ${l.child.stem}_count FROM tree GROUP BY level ORDER BY level`,
            question: askFigures(
              l,
              {
                zh: zh`每一层的${l.child.one}数量，没有${l.role}的为第 1 层`,
                en: `the number of ${l.child.many} for each level, where those without ${articled(l.role)} are level 1`,
              },
              { zh: '按层级从高到低排列', en: 'sorted from the top level down' },
            ),
          },
          {
            sql: `${tree(l)} SELECT MAX(level) AS levels FROM tree`,
            question: askValue(l, {
              zh: zh`${l.child.one}的最大层级数，没有${l.role}的为第 1 层`,
              en: `the deepest level among ${l.child.many}, where those without ${articled(l.role)} are level 1`,
            }),
          },
        ],

  'below-one': (l) => {
    const [title] = l.child.titles
    const top = title === undefined ? undefined : sayableValues(title)[0]
    if (!isTree(l) || title === undefined || top === undefined) return []
    const condition = equals(title, top)
    return [
      {
        sql: `${descent(l, condition.sql)} SELECT COUNT(*) AS ${l.child.stem}_count FROM tree`,
        question: askValue(l, {
          zh: zh`${condition.zh}的${l.child.one}连同其所有各级下属${l.child.one}的数量`,
          en: `the number of ${l.child.many} in the hierarchy that starts from ${l.child.many} ${condition.en}, themselves included`,
        }),
      },
    ]
  },

  'same-parent': (l) => {
    const [via] = l.via
    const title = l.child.titles[0]
    if (via === undefined || l.via.length > 1 || title === undefined) return []
    const column = quoteIdentifier(via.column.name)
    return [
      {
        sql: `SELECT ${refs(l.child.titles)} FROM ${l.child.from} WHERE ${via.ref} IN (SELECT peer.${column} FROM ${l.child.from.replace(/ AS .*$/, '')} AS peer GROUP BY peer.${column} HAVING COUNT(*) > 1)`,
        question: askList(l, {
          zh: zh`与至少 1 个别的${l.child.one}有同一个${l.role}的${l.child.one}的${titles(l)}`,
          en: `the ${titles(l)} of ${l.child.many} that have the same ${l.role} as at least 1 other ${l.child.one}`,
        }),
      },
    ]
  },

  'with-parent-or-none': (l) => {
    const [title] = l.parent.titles
    if (!isTree(l) || title === undefined || title.column.category !== 'S' || title.column.enumLabels !== null)
      return []
    const none = l.language === 'zh' ? '无' : 'none'
    return [
      {
        sql: `SELECT ${refs(l.child.titles)}, COALESCE(${title.ref}, '${none}') AS ${l.parent.alias}_${title.stem} FROM ${l.child.from} LEFT JOIN ${l.parent.from} ON ${l.on}`,
        question: askList(l, {
          zh: zh`每${item(l.child.one)}的${titles(l)}及其${l.role}的${title.label}，没有${l.role}的显示为无`,
          en: `the ${titles(l)} of all ${l.child.many} with the ${title.label} of their ${l.role}, showing none where there is no ${l.role}`,
        }),
      },
    ]
  },
}

function isTree(l: Link): boolean {
  return (
    l.via.length === 1 && (l.via[0]?.profile.nullShare ?? 0) > 0 && l.child.titles.length > 0 && parentTitle(l) !== ''
  )
}

/** From the rows without a parent: no ring can be reached from there, so every branch ends. */
function tree(l: Link): string {
  const target = quoteIdentifier(l.key.toColumns[0] ?? '')
  const via = l.via[0]?.ref ?? ''
  const columns = walkedColumns(l)
  return `WITH RECURSIVE tree AS (SELECT ${columns}, 1 AS level FROM ${l.child.from} WHERE ${via} IS NULL UNION ALL SELECT ${columns}, tree.level + 1 FROM ${l.child.from} JOIN tree ON ${via} = tree.${target})`
}

/** From any row downwards. `UNION` ends also where rows point at one another in a ring, as paired rows do. */
function descent(l: Link, start: string): string {
  const target = quoteIdentifier(l.key.toColumns[0] ?? '')
  const via = l.via[0]?.ref ?? ''
  const columns = walkedColumns(l)
  return `WITH RECURSIVE tree AS (SELECT ${columns} FROM ${l.child.from} WHERE ${start} UNION SELECT ${columns} FROM ${l.child.from} JOIN tree ON ${via} = tree.${target})`
}

/** The key that rows are found by, and what people call a row by: often the key itself. */
function walkedColumns(l: Link): string {
  const walked = new Set([l.key.toColumns[0] ?? '', ...l.child.titles.map(({ column }) => column.name)])
  return [...walked].map((name) => `${l.child.alias}.${quoteIdentifier(name)}`).join(', ')
}

function titles(l: Link): string {
  return listed(
    l.language,
    l.child.titles.map((title) => (l.language === 'zh' ? title.label : title.many)),
  )
}
