import { type Condition, compared, equals, sayableValues, verb } from '../conditions.ts'
import { groupsOf, measuresOf } from '../phrases.ts'
import { isComparable } from '../roles.ts'
import type { Field, Scene } from '../scene.ts'
import { tellingThreshold } from '../thresholds.ts'
import { askList, zh } from '../wording.ts'
import type { TableShape } from './shape.ts'
import { combos } from './window.ts'

/** What two lists have in common, or one has and the other has not. */
export const SET_SHAPES: Readonly<Record<string, TableShape>> = {
  'in-both': (s) =>
    namedRanges(s).map(({ title, both: [one, other] }) => ({
      sql: `${filtered(s, title, one.sql)} INTERSECT ${filtered(s, title, other.sql)}`,
      question: askList(s, {
        zh: zh`既有${one.zh}的${s.one}、又有${other.zh}的${s.one}的${title.label}（去重）`,
        en: `the different ${title.many} found both among ${s.many} ${one.en} and among ${s.many} ${other.en}`,
      }),
    })),

  'in-either': (s) =>
    namedRanges(s).map(({ title, ends: [one, other] }) => ({
      sql: `${filtered(s, title, one.sql)} UNION ${filtered(s, title, other.sql)}`,
      question: askList(s, {
        zh: zh`${one.zh}或者${other.zh}的${s.one}的${title.label}（去重）`,
        en: `the different ${title.many} of ${s.many} ${one.en} or ${other.en}`,
      }),
    })),

  'groups-without': (s) =>
    ranged(s).flatMap(([group, measure]) => {
      const rare = rareThreshold(group, measure)
      if (rare === null) return []
      return [
        {
          sql: `SELECT ${group.ref} FROM ${s.from} EXCEPT ${filtered(s, group, `${measure.ref} > ${rare}`)}`,
          question: askList(s, {
            zh: zh`没有任何${measure.label}大于 ${rare} 的${s.one}的${group.label}（去重）`,
            en: `the different ${group.many} without any ${s.one} with ${measure.label} above ${rare}`,
          }),
        },
      ]
    }),

  'names-without': (s) => {
    const [title] = s.titles
    if (title === undefined || s.titles.length > 1 || title.profile.distinct < 3 || title.role === 'key') return []
    return groupsOf(s)
      .filter((field) => field !== title && field.role !== 'flag')
      .slice(0, 2)
      .flatMap((field) => {
        const value = sayableValues(field)[0]
        // Fewer rows are taken away than there are names: some are left.
        const seen = field.profile.values.reduce((sum, { count }) => sum + count, 0)
        const taken = value === undefined ? null : equals(field, value).share
        if (value === undefined || taken === null || taken * seen >= title.profile.distinct) return []
        return [
          {
            sql: `SELECT ${title.ref} FROM ${s.from} EXCEPT ${filtered(s, title, equals(field, value).sql)}`,
            question: askList(s, {
              zh: zh`${s.one}的${title.label}（去重），但不包括${field.label}为${value}的${s.one}的${title.label}`,
              en: `the different ${title.many} of ${s.many}, except those of ${s.many} whose ${field.label} ${verb(field)} ${value}`,
            }),
          },
        ]
      })
  },
}

function filtered(s: Scene, field: Field, condition: string): string {
  return `SELECT ${field.ref} FROM ${s.from} WHERE ${condition}`
}

interface Ranges {
  readonly title: Field
  /** Overlapping: some rows meet both. */
  readonly both: readonly [Condition, Condition]
  /** The two ends. */
  readonly ends: readonly [Condition, Condition]
}

/** What people call rows by, with ranges of one measure or of two. */
function namedRanges(s: Scene): readonly Ranges[] {
  const [title] = s.titles
  if (title === undefined || s.titles.length > 1 || !isComparable(title.column)) return []
  const measures = measuresOf(s).filter((field) => field !== title)
  return measures.slice(0, 3).flatMap((measure, at) => {
    const other = measures[at + 1] ?? measure
    const [low, high] = [tellingThreshold(measure, 0.2, 'above'), tellingThreshold(other, 0.8, 'below')]
    const [small, large] = [tellingThreshold(measure, 0.15, 'below'), tellingThreshold(other, 0.85, 'above')]
    if (low === null || high === null || small === null || large === null) return []
    if (other === measure && (Number(low) >= Number(high) || Number(small) > Number(large))) return []
    return [
      {
        title,
        both: [compared(measure, '>', low), compared(other, '<', high)],
        ends: [compared(measure, '<', small), compared(other, '>', large)],
      },
    ]
  })
}

/** Groups with a measure that tells some of them from the others. */
function ranged(s: Scene): readonly (readonly [Field, Field])[] {
  return combos(s)
    .slice(0, 3)
    .filter(([group]) => group.role !== 'flag' && group.profile.distinct >= 3)
}

/** A value that fewer rows exceed than there are groups, so that some group is without; null when that is not known. */
function rareThreshold(group: Field, measure: Field): string | null {
  if (!measure.profile.valuesComplete) return null
  const values = [...measure.profile.values].sort((one, other) => Number(other.value) - Number(one.value))
  const [largest, second] = values
  if (largest === undefined || second === undefined || largest.count >= group.profile.distinct) return null
  return second.value
}
