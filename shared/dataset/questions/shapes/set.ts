import { equals, sayableValues, thresholdOf } from '../conditions.ts'
import { groupsOf, measuresOf } from '../phrases.ts'
import type { Field, Scene } from '../scene.ts'
import { askList, zh } from '../wording.ts'
import type { TableShape } from './shape.ts'
import { combos } from './window.ts'

/** What two lists have in common, or one has and the other has not. */
export const SET_SHAPES: Readonly<Record<string, TableShape>> = {
  'in-both': (s) =>
    ranged(s).map(([group, measure, low, high]) => ({
      sql: `${filtered(s, group, `${measure.ref} > ${low}`)} INTERSECT ${filtered(s, group, `${measure.ref} < ${high}`)}`,
      question: askList(s, {
        zh: zh`既有${measure.label}大于 ${low} 的${s.one}、又有${measure.label}小于 ${high} 的${s.one}的${group.label}（去重）`,
        en: `the different ${group.many} that have both ${s.many} with ${measure.label} above ${low} and ${s.many} with ${measure.label} below ${high}`,
      }),
    })),

  'in-either': (s) =>
    ranged(s).map(([group, measure, low, high]) => ({
      sql: `${filtered(s, group, `${measure.ref} < ${low}`)} UNION ${filtered(s, group, `${measure.ref} > ${high}`)}`,
      question: askList(s, {
        zh: zh`有${measure.label}小于 ${low} 的${s.one}、或者有${measure.label}大于 ${high} 的${s.one}的${group.label}（去重）`,
        en: `the different ${group.many} that have ${s.many} with ${measure.label} below ${low} or above ${high}`,
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
    if (title === undefined || s.titles.length > 1 || title.profile.distinct < 3) return []
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
              zh: zh`所有不重复的${s.one}的${title.label}，去掉${field.label}为${value}的${s.one}用到的`,
              en: `the different ${title.many} of ${s.many}, leaving out those of ${s.many} whose ${field.label} is ${value}`,
            }),
          },
        ]
      })
  },
}

function filtered(s: Scene, field: Field, condition: string): string {
  return `SELECT ${field.ref} FROM ${s.from} WHERE ${condition}`
}

function ranged(s: Scene): readonly (readonly [Field, Field, string, string])[] {
  if (measuresOf(s).length === 0) return []
  return combos(s)
    .slice(0, 3)
    .flatMap(([group, measure]) => {
      const [low, high] = [thresholdOf(measure, 0.2), thresholdOf(measure, 0.85)]
      if (low === null || high === null || low === high || group.role === 'flag' || group.profile.distinct < 3)
        return []
      return [[group, measure, low, high] as const]
    })
}

/** A value that fewer rows exceed than there are groups, so that some group is without; null when that is not known. */
function rareThreshold(group: Field, measure: Field): string | null {
  if (!measure.profile.valuesComplete) return null
  const values = [...measure.profile.values].sort((one, other) => Number(other.value) - Number(one.value))
  const [largest, second] = values
  if (largest === undefined || second === undefined || largest.count >= group.profile.distinct) return null
  return second.value
}
