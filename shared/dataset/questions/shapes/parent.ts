import { type Link, parentColumns, parentGroup, titleOnly, titlesOnly } from '../link.ts'
import { datesOf, IN_ONE_LINE, isAdditive, measuresOf, refs, type Statistic, statistic } from '../phrases.ts'
import { item } from '../said-names.ts'
import { tellingCount, tellingLimit } from '../thresholds.ts'
import { askCount, askFigures, askList, askValue, type Both, listed, zh } from '../wording.ts'
import { joined } from './join.ts'
import type { LinkShape } from './shape.ts'

/** What each parent has: how many children, how much, which. */
export const PARENT_SHAPES: Readonly<Record<string, LinkShape>> = {
  'count-per-parent': (l) => many(l, () => [{ sql: perParent(l, counted(l)), question: askFigures(l, countNoun(l)) }]),

  'top-parents': (l) =>
    many(l, () => {
      const limit = tellingLimit(parentsOf(l), 5)
      if (limit === null) return []
      return [
        {
          sql: `${perParent(l, counted(l))} ORDER BY ${l.child.stem}_count DESC LIMIT ${limit}`,
          question: askList(l, {
            zh: zh`${l.child.one}最多的${topZh(limit)}${l.role}的${titleOnly(l)}及其${l.child.one}数量`,
            en: `the ${titleOnly(l)} and the number of ${l.child.many} of the ${limit === 1 ? l.role : `${limit} ${l.roleMany}`} with the most ${l.child.many}`,
          }),
        },
      ]
    }),

  'count-per-every-parent': (l) =>
    many(l, () => [
      {
        sql: `SELECT ${parentColumns(l)}, COUNT(${l.via[0]?.ref ?? '*'}) AS ${l.child.stem}_count FROM ${l.parent.from} LEFT JOIN ${l.child.from} ON ${l.on} GROUP BY ${parentGroup(l)}`,
        question: askFigures(l, {
          zh: zh`${countNoun(l).zh}（没有${l.child.one}的也要算）`,
          en: `${countNoun(l).en}, including those without any`,
        }),
      },
    ]),

  'sum-per-every-parent': (l) =>
    many(l, () =>
      measuresOf(l.child)
        .filter(isAdditive)
        .slice(0, 1)
        .map((measure) => {
          const figure = statistic(measure, 'sum')
          return {
            sql: `SELECT ${parentColumns(l)}, COALESCE(${figure.sql}, 0) AS ${figure.as} FROM ${l.parent.from} LEFT JOIN ${l.child.from} ON ${l.on} GROUP BY ${parentGroup(l)}`,
            question: askFigures(l, {
              zh: zh`${figureNoun(l, figure).zh}，没有${l.child.one}的记为 0`,
              en: `${figureNoun(l, figure).en}, with 0 for those without any`,
            }),
          }
        }),
    ),

  'statistic-per-parent': (l) =>
    many(l, () =>
      measuresOf(l.child)
        .slice(0, 3)
        .flatMap((measure) => {
          const figure = statistic(measure, isAdditive(measure) ? 'sum' : 'avg')
          const limit = tellingLimit(parentsOf(l), 3)
          const all = {
            sql: perParent(l, `${figure.sql} AS ${figure.as}`),
            question: askFigures(l, figureNoun(l, figure)),
          }
          if (limit === null) return [all]
          return [
            all,
            {
              sql: `${all.sql} ORDER BY ${figure.as} DESC LIMIT ${limit}`,
              question: askList(l, {
                zh: zh`${l.child.one}的${figure.zh}最高的${topZh(limit)}${l.role}的${titleOnly(l)}及其${figure.zh}`,
                en: `the ${titleOnly(l)} and the ${figure.en} of ${l.child.many} for the ${limit === 1 ? l.role : `${limit} ${l.roleMany}`} where it is highest`,
              }),
            },
          ]
        }),
    ),

  'parents-having': (l) =>
    many(l, () => {
      const counts = l.via.length === 1 ? (l.via[0]?.profile.values.map(({ count }) => count) ?? []) : []
      const wanted = Math.floor(((counts[0] ?? 0) + (counts[Math.floor(counts.length / 2)] ?? 0)) / 2) - 1
      const threshold = tellingCount(counts, wanted) ?? wanted
      return threshold < 1
        ? []
        : [
            {
              sql: `SELECT ${parentColumns(l)} FROM ${joined(l)} GROUP BY ${parentGroup(l)} HAVING COUNT(*) > ${threshold}`,
              question: askList(l, {
                zh: zh`拥有超过 ${threshold} ${item(l.child.one)}的${l.role}的${titleOnly(l)}`,
                en: `the ${titleOnly(l)} of every ${l.role} with more than ${threshold} ${l.child.many}`,
              }),
            },
          ]
    }),

  'names-per-parent': (l) =>
    many(l, () => {
      const title = l.child.titles[0]
      if (title === undefined || title.column.category !== 'S') return []
      return [
        {
          sql: perParent(l, `STRING_AGG(${title.ref}, ', ' ORDER BY ${title.ref}) AS ${title.stem}_list`),
          question: askList(
            l,
            {
              zh: zh`每个${l.role}的${titleOnly(l)}以及其下所有${l.child.one}的${title.label}`,
              en: `the ${titleOnly(l)} of each ${l.role} with the ${title.many} of its ${l.child.many}`,
            },
            IN_ONE_LINE,
          ),
        },
      ]
    }),

  'parents-ranked': (l) =>
    many(l, () => [
      {
        sql: perParent(l, `${counted(l)}, RANK() OVER (ORDER BY COUNT(*) DESC) AS ${l.child.stem}_rank`),
        question: askFigures(l, {
          zh: zh`${countNoun(l).zh}，以及按数量从多到少的名次`,
          en: `${countNoun(l).en}, with its rank from most to fewest`,
        }),
      },
    ]),

  'average-children': (l) =>
    many(l, () => [
      {
        sql: `WITH counted AS (SELECT ${l.via.map(({ ref }) => ref).join(', ')}, ${counted(l)} FROM ${joined(l)} GROUP BY ${l.via.map(({ ref }) => ref).join(', ')}) SELECT AVG(${l.child.stem}_count) AS average_${l.child.stem}_count FROM counted`,
        question: askValue(l, {
          zh: zh`有${l.child.one}的${l.role}平均拥有的${l.child.one}数量`,
          en: `the average number of ${l.child.many} per ${l.role} that has any`,
        }),
      },
    ]),

  'busy-parents': (l) =>
    many(l, () => {
      const [title] = l.parent.titles
      const target = l.key.toColumns[0]
      const key = l.parent.fields.find(({ column }) => column.name === target)
      const via = l.via[0]
      if (title === undefined || key === undefined || via === undefined || l.via.length > 1 || isQuadratic(l)) return []
      const counts = via.profile.values.map(({ count }) => count)
      const wanted = Math.floor((counts[0] ?? 0) / 2)
      const below = tellingCount(counts, wanted - 1)
      const threshold = below === null ? wanted : below + 1
      if (threshold < 1) return []
      const titles = l.parent.titles
      return [
        {
          sql: `SELECT ${refs(titles)} FROM ${l.parent.from} WHERE (SELECT COUNT(*) FROM ${l.child.from} WHERE ${l.on}) >= ${threshold}`,
          question: askList(l, {
            zh: zh`至少有 ${threshold} ${item(l.child.one)}的${l.role}的${titleOnly(l)}`,
            en: `the ${titlesOnly(l)} of ${l.roleMany} that have at least ${threshold} ${l.child.many}`,
          }),
        },
      ]
    }),

  'childless-parents': (l) => {
    const gone = withoutChildren(l)
    const left = `FROM ${l.parent.from} LEFT JOIN ${l.child.from} ON ${l.on} WHERE ${l.via[0]?.ref ?? ''} IS NULL`
    const not = `FROM ${l.parent.from} WHERE NOT EXISTS (SELECT 1 FROM ${l.child.from} WHERE ${l.on})`
    const counts = [left, not].map((rest) => ({
      sql: `SELECT COUNT(*) AS ${l.parent.alias}_count ${rest}`,
      question: askCount(l, gone),
    }))
    if (!l.hasChildless || l.parent.titles.length === 0) return counts
    const noun = { zh: zh`${gone.zh}的${titleOnly(l)}`, en: `the ${titlesOnly(l)} of ${gone.en}` }
    return [
      ...counts,
      ...[left, not].map((rest) => ({ sql: `SELECT ${refs(l.parent.titles)} ${rest}`, question: askList(l, noun) })),
    ]
  },

  'parents-with-children': (l) => {
    const noun = withChildren(l)
    const exists = `FROM ${l.parent.from} WHERE EXISTS (SELECT 1 FROM ${l.child.from} WHERE ${l.on})`
    const [via] = l.via
    const key = l.parent.fields.find(({ column }) => column.name === l.key.toColumns[0])
    const count = { sql: `SELECT COUNT(*) AS ${l.parent.alias}_count ${exists}`, question: askCount(l, noun) }
    if (l.parent.titles.length === 0 || via === undefined || key === undefined || l.via.length > 1) return [count]
    return [
      count,
      {
        sql: `SELECT ${refs(l.parent.titles)} FROM ${l.parent.from} WHERE ${key.ref} IN (SELECT ${via.ref} FROM ${l.child.from})`,
        question: askList(l, { zh: zh`${noun.zh}的${titleOnly(l)}`, en: `the ${titlesOnly(l)} of ${noun.en}` }),
      },
    ]
  },

  'unused-keys': (l) => {
    const [via] = l.via
    const key = l.parent.fields.find(({ column }) => column.name === l.key.toColumns[0])
    if (via === undefined || key === undefined || l.via.length > 1 || !l.hasChildless) return []
    return [
      {
        sql: `SELECT ${key.ref} FROM ${l.parent.from} EXCEPT SELECT ${via.ref} FROM ${l.child.from}`,
        question: askList(l, {
          zh: zh`没有出现在任何${l.child.one}中的${l.role}的${key.label}（去重）`,
          en: `the different ${key.many} of ${l.roleMany} that appear in no ${l.child.one}`,
        }),
      },
    ]
  },

  'latest-children': (l) =>
    many(l, () => {
      const field = datesOf(l.child)[0] ?? measuresOf(l.child)[0]
      if (field === undefined || isQuadratic(l)) return []
      const isDate = field.role === 'date' || field.role === 'timestamp'
      const shown = [...new Set([...l.child.titles, field])]
      const inner = shown.map(({ ref }) => ref).join(', ')
      const outer = shown.map(({ ref }) => ref.replace(`${l.child.alias}.`, 'latest.')).join(', ')
      const labels = listed(
        l.language,
        shown.map((one) => (l.language === 'zh' ? one.label : one.many)),
      )
      return [
        {
          sql: `SELECT ${parentColumns(l)}, ${outer} FROM ${l.parent.from} CROSS JOIN LATERAL (SELECT ${inner} FROM ${l.child.from} WHERE ${l.on} ORDER BY ${field.ref} DESC${field.profile.nullShare > 0 ? ' NULLS LAST' : ''} LIMIT 2) AS latest`,
          question: askList(l, {
            zh: zh`每个${l.role}的${titleOnly(l)}以及其${field.label}${isDate ? '最晚' : '最高'}的 2 ${item(l.child.one)}的${labels}`,
            en: `the ${titleOnly(l)} of each ${l.role} with the ${labels} of its 2 ${l.child.many} with the ${isDate ? 'latest' : 'highest'} ${field.label}`,
          }),
        },
      ]
    }),
}

/** Parents that have a child, as far as the sample shows; composite keys are at least as many as each of their columns. */
function parentsOf(l: Link): number {
  return Math.max(...l.via.map(({ profile }) => profile.distinct))
}

function topZh(limit: number): string {
  return limit === 1 ? '' : ` ${limit} 个`
}

/** Nothing where a parent has one child at most, or no name. */
function many<T>(l: Link, drafts: () => readonly T[]): readonly T[] {
  return l.isOneToOne || l.parent.titles.length === 0 ? [] : drafts()
}

function perParent(l: Link, figure: string): string {
  return `SELECT ${parentColumns(l)}, ${figure} FROM ${joined(l)} GROUP BY ${parentGroup(l)}`
}

function counted(l: Link): string {
  return `COUNT(*) AS ${l.child.stem}_count`
}

function countNoun(l: Link): Both {
  return {
    zh: zh`每个${l.role}的${titleOnly(l)}及其${l.child.one}数量`,
    en: `the ${titleOnly(l)} and the number of ${l.child.many} for each ${l.role}`,
  }
}

function figureNoun(l: Link, figure: Statistic): Both {
  return {
    zh: zh`每个${l.role}的${titleOnly(l)}及其${l.child.one}的${figure.zh}`,
    en: `the ${titleOnly(l)} and the ${figure.en} of ${l.child.many} for each ${l.role}`,
  }
}

/** A role that is not the relation's own name says more: not every employee is a manager. */
function withoutChildren(l: Link): Both {
  return l.role === l.parent.one
    ? { zh: zh`没有任何${l.child.one}的${l.role}`, en: `${l.roleMany} without any ${l.child.one}` }
    : {
        zh: zh`不是任何${l.child.one}的${l.role}的${l.parent.one}`,
        en: `${l.parent.many} that are the ${l.role} of no ${l.child.one}`,
      }
}

function withChildren(l: Link): Both {
  return l.role === l.parent.one
    ? { zh: zh`有${l.child.one}的${l.role}`, en: `${l.roleMany} that have at least one ${l.child.one}` }
    : {
        zh: zh`是某${item(l.child.one)}的${l.role}的${l.parent.one}`,
        en: `${l.parent.many} that are the ${l.role} of at least one ${l.child.one}`,
      }
}

/** Every parent may read every child, where no index helps. */
function isQuadratic(l: Link): boolean {
  return l.child.rows * l.parent.rows > 5_000_000 // about a second
}
