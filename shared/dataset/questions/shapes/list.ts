import type { Condition } from '../conditions.ts'
import { between, compared, equals, isMissing, literal, sayableValues, verb, withConditions } from '../conditions.ts'
import { descending, fieldsOf, groupsOf, measuresOf, refs, said, sortedBy } from '../phrases.ts'
import { isComparable } from '../roles.ts'
import type { Field, Scene } from '../scene.ts'
import { tellingThreshold } from '../thresholds.ts'
import { askList, pick, zh } from '../wording.ts'
import type { TableShape } from './shape.ts'

/** Rows that meet a condition, and the columns that somebody wants of them. */
export const LIST_SHAPES: Readonly<Record<string, TableShape>> = {
  'list-where': (s) =>
    groupsOf(s).flatMap((field) => {
      const value = sayableValues(field)[0]
      const shown = s.titles.filter((title) => title !== field)
      return value === undefined || shown.length === 0
        ? []
        : [listed(s, shown, [equals(field, pick(s.random, sayableValues(field).slice(0, 6)))])]
    }),

  'list-one-column': (s) =>
    listableOf(s)
      .slice(0, 30)
      .flatMap((field) => {
        if (!isDetail(field)) return [listed(s, [field], [])]
        const group = groupsOf(s).find((one) => one !== field && one.role !== 'flag')
        const value = group === undefined ? undefined : sayableValues(group)[0]
        if (group !== undefined && value !== undefined) return [listed(s, [field], [equals(group, value)])]
        return s.titles.length === 1 && field.profile.nullShare === 0 ? [] : [listed(s, [field], [])]
      }),

  'list-values': (s) =>
    groupsOf(s).map((field) => ({
      sql: `SELECT DISTINCT ${field.ref} FROM ${s.from}`,
      question: askList(s, {
        zh: zh`${s.one}中所有不重复的${field.label}`,
        en: `the different ${field.many} of ${s.many}`,
      }),
    })),

  'look-up': (s) => {
    const [title] = s.titles
    if (title === undefined || s.titles.length > 1) return []
    const values = sayableValues(title)
    return chunks(
      showable(s).filter((field) => field !== title),
      3,
    )
      .filter((fields) => fields.some(({ profile }) => profile.nullShare === 0))
      .flatMap((fields) => {
        const value = values[Math.floor(s.random() * values.length)]
        return value === undefined ? [] : [listed(s, fields, [equals(title, value)])]
      })
  },

  'look-up-one': (s) => {
    const [title] = s.titles
    const values = title === undefined || s.titles.length > 1 ? [] : sayableValues(title)
    return showable(s)
      .filter((field) => field !== title && field.profile.nullShare === 0)
      .flatMap((field) => {
        const value = values[Math.floor(s.random() * values.length)]
        return title === undefined || value === undefined ? [] : [listed(s, [field], [equals(title, value)])]
      })
  },

  'show-columns': (s) =>
    chunks(showable(s), 2)
      .filter((fields) => fields.length > 1)
      .map((fields) => listed(s, fields, [])),

  'show-columns-where': (s) =>
    chunks([...showable(s)].reverse(), 2).flatMap((fields) => {
      const field = groupsOf(s).find((group) => !fields.includes(group))
      const values = field === undefined ? [] : sayableValues(field)
      return field === undefined || values.length === 0
        ? []
        : [listed(s, fields, [equals(field, pick(s.random, values.slice(0, 5)))])]
    }),

  'show-columns-present': (s) =>
    s.fields
      .filter(({ profile }) => profile.nullShare > 0 && profile.nullShare < 1)
      .map((field) =>
        listed(s, [...s.titles.filter((title) => title !== field), field].slice(0, 3), [isMissing(field, false)]),
      ),

  'list-missing': (s) =>
    s.titles.length === 0
      ? []
      : s.fields
          .filter((field) => field.profile.nullShare > 0 && !s.titles.includes(field))
          .map((field) => listed(s, s.titles, [isMissing(field, true)])),

  'list-between': (s) =>
    measuresOf(s)
      .slice(0, 5)
      .flatMap((field) => {
        const [low, high] = [tellingThreshold(field, 0.2, 'below'), tellingThreshold(field, 0.7, 'above')]
        if (low === null || high === null || Number(low) >= Number(high) || s.titles.includes(field)) return []
        return [listed(s, [...s.titles, field], [between(field, low, high)])]
      }),

  'list-above': (s) =>
    measuresOf(s)
      .slice(0, 4)
      .flatMap((field) => {
        const threshold = tellingThreshold(field, pick(s.random, [0.5, 0.6, 0.7]), 'above')
        return threshold === null || s.titles.length === 0
          ? []
          : [listed(s, s.titles, [compared(field, '>', threshold)])]
      }),

  'list-containing': (s) =>
    textual(s).flatMap((field) => {
      const word = wordIn(s, field)
      return word === null ? [] : [listed(s, s.titles.length > 0 ? s.titles : [field], [contains(field, word)])]
    }),

  'list-beginning': (s) =>
    textual(s).flatMap((field) => {
      const letter = sayableValues(field)
        .map((value) => value[0] ?? '')
        .find((character) => /\p{L}/u.test(character))
      if (letter === undefined) return []
      return [
        listed(
          s,
          [field],
          [
            {
              sql: `${field.ref} ~ '^${letter}'`,
              zh: zh`${field.label}以${letter}开头`,
              en: `whose ${field.label} ${verb(field, 'begins', 'begin')} with ${letter}`,
              share: null,
            },
          ],
        ),
      ]
    }),

  'list-sorted': (s) =>
    listableOf(s)
      .filter(({ role }) => role !== 'foreign_key')
      .slice(0, 5)
      .flatMap((field) => {
        const shown = [...s.titles.filter((title) => title !== field), field]
        const direction = pick(s.random, ['asc', 'desc'] as const)
        return [
          {
            sql: `SELECT ${refs(shown)} FROM ${s.from} ORDER BY ${direction === 'desc' ? descending(field) : field.ref}`,
            question: askList(s, fieldsOf(s, shown), sortedBy(said(field), direction, orderKind(field))),
          },
        ]
      }),

  'list-with-default': (s) =>
    s.fields
      .filter(
        ({ profile, column }) =>
          profile.nullShare > 0 &&
          profile.nullShare < 1 &&
          column.category === 'S' &&
          !column.isArray &&
          column.enumLabels === null,
      )
      .slice(0, 4)
      .flatMap((field) => {
        const shown = s.titles.filter((title) => title !== field)
        const unknown = s.language === 'zh' ? '未知' : 'unknown'
        if (shown.length === 0) return []
        return [
          {
            sql: `SELECT ${refs(shown)}, COALESCE(${field.ref}, '${unknown}') AS ${field.stem}_or_unknown FROM ${s.from}`,
            question: askList(s, fieldsOf(s, [...shown, field]), {
              zh: zh`没有${field.label}的显示为未知`,
              en: `showing unknown where the ${field.label} is missing`,
            }),
          },
        ]
      }),

  'list-two-conditions': (s) => {
    const [one, other] = [...groupsOf(s)].sort((a, b) => (topShare(b) ?? 0) - (topShare(a) ?? 0))
    const values = [one, other].map((field) => (field === undefined ? undefined : sayableValues(field)[0]))
    if (
      one === undefined ||
      other === undefined ||
      values[0] === undefined ||
      values[1] === undefined ||
      s.titles.length === 0
    )
      return []
    const conditions = [equals(one, values[0]), equals(other, values[1])]
    const certain = conditions.reduce((sum, { share }) => sum + (share ?? 0), 0) > 1 // then some row meets both
    return [
      {
        sql: `SELECT ${refs(s.titles)} FROM ${s.from} WHERE ${conditions.map(({ sql }) => sql).join(' OR ')}`,
        question: askList(s, fieldsOf(s, s.titles, conditions, 'or')),
      },
      ...(certain ? [listed(s, s.titles, conditions)] : []),
    ]
  },

  'list-excluding': (s) =>
    groupsOf(s)
      .filter(({ role }) => role !== 'flag')
      .slice(0, 3)
      .flatMap((field) => {
        const value = sayableValues(field)[0]
        if (value === undefined || s.titles.length === 0) return []
        return [
          listed(s, s.titles, [
            {
              sql: `${field.ref} <> ${literal(field, value)}`,
              zh: zh`${field.label}不是${value}`,
              en: `whose ${field.label} ${verb(field)} not ${value}`,
              share: null,
            },
          ]),
        ]
      }),
}

/** A phone or a postal code: wanted of one row or of a few, hardly of all. */
function isDetail({ role }: Field): boolean {
  return role === 'contact' || role === 'code'
}

function topShare(field: Field): number | null {
  return equals(field, sayableValues(field)[0] ?? '').share
}

function listed(s: Scene, fields: readonly Field[], conditions: readonly Condition[]) {
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`
  return { sql: `SELECT ${refs(fields)} FROM ${s.from}${where}`, question: askList(s, fieldsOf(s, fields, conditions)) }
}

function orderKind({ role, column }: Field): 'number' | 'date' | 'text' {
  if (role === 'date' || role === 'timestamp' || role === 'time') return 'date'
  return column.category === 'N' ? 'number' : 'text'
}

/** Columns that a person can read in a list; binary ones are asked about otherwise. */
function showable(s: Scene): readonly Field[] {
  return s.fields.filter(({ role }) => role !== 'binary' && role !== 'search')
}

function listableOf(s: Scene): readonly Field[] {
  return s.fields.filter(
    ({ column, role, profile }) => isComparable(column) && role !== 'flag' && profile.nullShare < 1,
  )
}

function textual(s: Scene): readonly Field[] {
  return s.fields
    .filter(({ role, column }) => ['name', 'text', 'contact'].includes(role) && column.category === 'S')
    .slice(0, 3)
}

function wordIn(s: Scene, field: Field): string | null {
  const words = sayableValues(field)
    .flatMap((value) => value.split(/[^\p{L}]+/u))
    .filter((word) => word.length >= 4 || /\p{Script=Han}{2}/u.test(word))
  return words.length === 0 ? null : pick(s.random, words.slice(0, 40))
}

function contains(field: Field, word: string): Condition {
  return {
    sql: `${field.ref} ILIKE '%${word}%'`,
    zh: zh`${field.label}包含${word}`,
    en: `whose ${field.label} ${verb(field, 'contains', 'contain')} ${word}`,
    share: null,
  }
}

function chunks(fields: readonly Field[], size: number): readonly (readonly Field[])[] {
  return Array.from({ length: Math.ceil(fields.length / size) }, (_, at) => fields.slice(at * size, (at + 1) * size))
}

/** Used by the pairs on empty tables, which only need to name things. */
export function rowsOf(s: Scene): { readonly zh: string; readonly en: string } {
  return withConditions(s, [])
}
