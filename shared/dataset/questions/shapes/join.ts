import { articled, type Condition, equals, sayableValues, withConditions } from '../conditions.ts'
import { type Link, parentColumns, parentTitle } from '../link.ts'
import { groupsOf, measuresOf, refs, statistic } from '../phrases.ts'
import { item } from '../said-names.ts'
import type { Field } from '../scene.ts'
import { askCount, askFigures, askList, askValue, listed, pick, zh } from '../wording.ts'
import { namesFor } from './aggregate.ts'
import type { LinkShape } from './shape.ts'

/** Rows together with what they belong to. */
export const JOIN_SHAPES: Readonly<Record<string, LinkShape>> = {
  'child-with-parent': (l) => {
    const others = l.child.fields.filter(
      (field) => !['binary', 'search', 'foreign_key'].includes(field.role) && !l.child.titles.includes(field),
    )
    return [l.child.titles, ...others.slice(0, 6).map((field) => [...l.child.titles, field])].flatMap((fields) =>
      paired(l, fields),
    )
  },

  'parent-columns-of-child': (l) => {
    const condition = childCondition(l)
    const others = l.parent.fields.filter(
      ({ role, profile }) => !['binary', 'search', 'foreign_key'].includes(role) && profile.nullShare === 0,
    )
    if (condition === null) return []
    return others.slice(0, 6).map((field) => ({
      sql: `SELECT ${field.ref} FROM ${joined(l)} WHERE ${condition.sql}`,
      question: askList(l, {
        zh: zh`${withConditions(l.child, [condition]).zh}对应的${l.role}的${field.label}`,
        en: `the ${field.many} of the ${l.roleMany} of ${withConditions(l.child, [condition]).en}`,
      }),
    }))
  },

  // Where every child has its parent, this is but the number of children.
  'count-joined': (l) =>
    isCertain(l)
      ? []
      : [
          {
            sql: `SELECT COUNT(*) AS ${l.child.stem}_count FROM ${joined(l)}`,
            question: askCount(l, {
              zh: zh`有${l.role}的${l.child.one}`,
              en: `${l.child.many} that have ${articled(l.role)}`,
            }),
          },
        ],

  'children-of-named-parent': (l) => {
    const condition = parentCondition(l)
    if (condition === null || l.child.titles.length === 0) return []
    return [
      {
        sql: `SELECT ${refs(l.child.titles)} FROM ${joined(l)} WHERE ${condition.sql}`,
        question: askList(l, {
          zh: zh`${l.role}的${condition.zh}的${l.child.one}的${listed(
            'zh',
            l.child.titles.map(({ label }) => label),
          )}`,
          en: `the ${listed(
            'en',
            l.child.titles.map(({ many }) => many),
          )} of ${l.child.many} with ${articled(l.role)} ${condition.en}`,
        }),
      },
    ]
  },

  'count-of-named-parent': (l) => {
    const condition = parentCondition(l)
    return condition === null
      ? []
      : [
          {
            sql: `SELECT COUNT(*) AS ${l.child.stem}_count FROM ${joined(l)} WHERE ${condition.sql}`,
            question: askCount(l, {
              zh: zh`${l.role}的${condition.zh}的${l.child.one}`,
              en: `${l.child.many} with ${articled(l.role)} ${condition.en}`,
            }),
          },
        ]
  },

  'statistic-of-named-parent': (l) => {
    const condition = parentCondition(l)
    if (condition === null) return []
    return measuresOf(l.child)
      .slice(0, 2)
      .map((measure) => {
        const figure = statistic(measure, pick(l.random, namesFor(measure)))
        return {
          sql: `SELECT ${figure.sql} AS ${figure.as} FROM ${joined(l)} WHERE ${condition.sql}`,
          question: askValue(l, {
            zh: zh`${l.role}的${condition.zh}的${l.child.one}的${figure.zh}`,
            en: `the ${figure.en} of ${l.child.many} with ${articled(l.role)} ${condition.en}`,
          }),
        }
      })
  },

  'count-per-parent-group': (l) =>
    groupsOf(l.parent)
      .slice(0, 4)
      .map((group) => ({
        sql: `SELECT ${group.ref}, COUNT(*) AS ${l.child.stem}_count FROM ${joined(l)} GROUP BY ${group.ref}`,
        question: askFigures(l, {
          zh: zh`${l.role}的每个${group.label}对应的${l.child.one}数量`,
          en: `the number of ${l.child.many} for each ${group.label} of their ${l.role}`,
        }),
      })),

  'statistic-per-parent-group': (l) =>
    groupsOf(l.parent)
      .slice(0, 3)
      .flatMap((group) =>
        measuresOf(l.child)
          .slice(0, 2)
          .map((measure) => {
            const figure = statistic(measure, pick(l.random, namesFor(measure)))
            return {
              sql: `SELECT ${group.ref}, ${figure.sql} AS ${figure.as} FROM ${joined(l)} GROUP BY ${group.ref} ORDER BY ${figure.as} DESC`,
              question: askFigures(
                l,
                {
                  zh: zh`${l.role}的每个${group.label}对应的${l.child.one}的${figure.zh}`,
                  en: `the ${figure.en} of ${l.child.many} for each ${group.label} of their ${l.role}`,
                },
                { zh: zh`按${figure.zh}从高到低排列`, en: `sorted by that figure from highest to lowest` },
              ),
            }
          }),
      ),

  'optional-parent': (l) =>
    isCertain(l) || l.child.titles.length === 0 || l.parent.titles.length === 0
      ? []
      : [
          {
            sql: `SELECT ${refs(l.child.titles)}, ${parentColumns(l)} FROM ${l.child.from} LEFT JOIN ${l.parent.from} ON ${l.on}`,
            question: askList(l, {
              zh: zh`每${item(l.child.one)}的${listed(
                'zh',
                l.child.titles.map(({ label }) => label),
              )}及其${parentTitle(l)}，没有${l.role}的也要列出`,
              en: `the ${listed(
                'en',
                l.child.titles.map(({ label }) => label),
              )} of each ${l.child.one} with its ${parentTitle(l)}, including ${l.child.many} without ${articled(l.role)}`,
            }),
          },
        ],

  'top-children-with-parent': (l) =>
    measuresOf(l.child)
      .filter((field) => !l.child.titles.includes(field))
      .slice(0, 2)
      .flatMap((measure) =>
        l.child.titles.length === 0 || l.parent.titles.length === 0
          ? []
          : [
              {
                sql: `SELECT ${refs([...l.child.titles, measure])}, ${parentColumns(l)} FROM ${joined(l)} ORDER BY ${measure.ref} DESC${measure.profile.nullShare > 0 ? ' NULLS LAST' : ''} LIMIT 5`,
                question: askList(l, {
                  zh: zh`${measure.label}最高的 5 ${item(l.child.one)}的${listed(
                    'zh',
                    [...l.child.titles, measure].map(({ label }) => label),
                  )}以及对应${parentTitle(l)}`,
                  en: `the ${listed(
                    'en',
                    [...l.child.titles, measure].map(({ many }) => many),
                  )} of the 5 ${l.child.many} with the highest ${measure.label}, with their ${parentTitle(l)}`,
                }),
              },
            ],
      ),
}

/** No child of the sample is without its parent. */
export function isCertain(l: Link): boolean {
  return l.via.every(({ profile }) => profile.nullShare === 0)
}

/** `invoice JOIN customer ON …`. */
export function joined(l: Link): string {
  return `${l.child.from} JOIN ${l.parent.from} ON ${l.on}`
}

function paired(l: Link, fields: readonly Field[]) {
  if (fields.length === 0 || l.parent.titles.length === 0) return []
  const labels = fields.map(({ label }) => label)
  return [
    {
      sql: `SELECT ${refs(fields)}, ${parentColumns(l)} FROM ${joined(l)}`,
      question: askList(l, {
        zh: zh`每${item(l.child.one)}的${listed('zh', labels)}以及对应${parentTitle(l)}`,
        en: `the ${listed('en', labels)} of each ${l.child.one} together with its ${parentTitle(l)}`,
      }),
    },
  ]
}

/** One child by name, or some by a group: it joins as long as its key is set. */
function childCondition(l: Link): Condition | null {
  if (l.via.some(({ profile }) => profile.nullShare > 0)) return null
  const [title] = l.child.titles
  const field =
    l.child.titles.length === 1 && title !== undefined && sayableValues(title).length > 0 ? title : groupsOf(l.child)[0]
  const values = field === undefined ? [] : sayableValues(field)
  return field === undefined || values.length === 0 ? null : equals(field, pick(l.random, values.slice(0, 20)))
}

/** A parent by name or by group; only where (nearly) every parent has children, so that the answer is not empty. */
function parentCondition(l: Link): Condition | null {
  if (l.hasChildless || l.via.length > 1) return null
  const fields = [...l.parent.titles.slice(0, l.parent.titles.length === 1 ? 1 : 0), ...groupsOf(l.parent)].filter(
    (field) => field.role !== 'flag' && sayableValues(field).length > 0,
  )
  const field = fields.length === 0 ? undefined : pick(l.random, fields)
  return field === undefined ? null : equals(field, pick(l.random, sayableValues(field).slice(0, 10)))
}
