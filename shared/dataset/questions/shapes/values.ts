import { equals, sayableValues, withConditions } from '../conditions.ts'
import type { Draft, Field, Scene } from '../scene.ts'
import { askCount, zh } from '../wording.ts'
import type { TableShape } from './shape.ts'
import { VALUE_FORMS } from './value-forms.ts'

const VALUES_SAID_MAX = 4 // a longer list is nothing that a person would say
const VALUES_SAID_MAX_OF_MANY = 5 // of a long list, whose handfuls would leave no room for other questions
const MANY_VALUES = 24
const HANDFULS_ASKED_TWICE_MAX = 2
const SENTENCE = /[，、；。]|; |, \p{Ll}/u // in a list nobody would know where such a value ends
const COMMA = /, / // nor in a longer list of these: two with `or` between them are told apart
const CHARACTERS_SAID_MAX = 75 // of a list's values together
const CHARACTERS_SAID_MAX_OF_MANY = 130 // where there would be more handfuls of long texts than ways to ask

/**
 * Every value of a short list, a handful in each question. Statements that differ in the values of `IN` alone are one
 * and the same to a fingerprint, so that each handful is asked about in a way of its own.
 */
export const VALUE_SHAPES: Readonly<Record<string, TableShape>> = {
  'values-asked': (s) => listedFields(s).flatMap((field, place) => draftsFor(s, field, place)),

  // A text that is there and says nothing: what is missing is asked for by other shapes.
  'empty-text-asked': (s) =>
    listedFields(s)
      .filter(({ profile }) => profile.values.some(({ value }) => value === ''))
      .map((field) => {
        const condition = { ...equals(field, ''), zh: zh`${field.label}为空文本`, en: `with an empty ${field.label}` }
        return {
          sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
          question: askCount(s, withConditions(s, [condition])),
        }
      }),

  'flag-asked': (s) =>
    s.fields
      .filter(({ column, profile }) => column.category === 'B' && profile.valuesComplete)
      .flatMap((field) =>
        field.profile.values.map(({ value }) => {
          const condition = equals(field, value)
          return {
            sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${condition.sql}`,
            question: askCount(s, withConditions(s, [condition])),
          }
        }),
      ),
}

/** Columns whose values are a list that people know: enums, and texts that repeat. */
export function isListed({ column, role, profile }: Field, rows: number): boolean {
  if (column.isArray || !profile.valuesComplete || profile.distinct === 0) return false
  if (['key', 'foreign_key', 'binary', 'search', 'json'].includes(role)) return false
  if (column.category === 'B' || column.enumLabels !== null) return true
  const repeats = profile.distinct * 2 <= rows // few for so many rows, also where most have none
  return repeats && (column.category === 'S' || role === 'category')
}

function listedFields(s: Scene): readonly Field[] {
  return s.fields.filter((field) => field.column.category !== 'B' && isListed(field, s.rows))
}

function draftsFor(s: Scene, field: Field, place: number): readonly Draft[] {
  // A code such as wrong_item is said as it is; what holds quotes only where the type itself lists it.
  const isEnum = field.column.enumLabels !== null
  const values = sayableValues(field, true).filter((value) => isEnum || !/['"`%]/.test(value))
  if (values.length === 0) return []
  // To ask for all values at once is to ask for nothing: then two questions share them.
  const isAll = values.length > 1 && values.length === field.profile.distinct
  const most = isAll ? values.length - 1 : values.length
  const short = handfulsOf(values, most, CHARACTERS_SAID_MAX)
  const handfuls =
    short.length <= VALUE_FORMS.length / 2 ? short : handfulsOf(values, most, CHARACTERS_SAID_MAX_OF_MANY)
  const forms = VALUE_FORMS.map((_, at) => VALUE_FORMS[(at + place) % VALUE_FORMS.length]).filter(
    (form) => form !== undefined,
  )
  const drafts: Draft[] = []
  const used = new Set<string>()
  // Where there are forms to spare, every handful has two: one of them suits the mix of levels.
  const times = handfuls.length <= HANDFULS_ASKED_TWICE_MAX ? 2 : 1
  for (const handful of Array.from({ length: times }, () => handfuls).flat()) {
    for (const [at, form] of forms.entries()) {
      const kind = `${at} ${handful.length === 1}` // `=` and `IN` are two to a fingerprint
      const draft = used.has(kind) ? null : form(s, field, handful)
      if (draft === null) continue
      used.add(kind)
      drafts.push(draft)
      break
    }
  }
  return drafts
}

/** As few as may be, of nearly the same size, none longer than a person would say. */
function handfulsOf(values: readonly string[], most: number, charactersMax: number): readonly (readonly string[])[] {
  const size = Math.min(most, values.length > MANY_VALUES ? VALUES_SAID_MAX_OF_MANY : VALUES_SAID_MAX)
  const even = Math.ceil(values.length / Math.ceil(values.length / size))
  const handfuls: string[][] = []
  for (const value of values) {
    const last = handfuls.at(-1)
    const characters = last?.reduce((sum, one) => sum + widthOf(one), widthOf(value)) ?? 0
    const fits = last !== undefined && last.length < even && characters <= charactersMax
    const together = [...(last ?? []), value]
    const isClear =
      !together.some((one) => SENTENCE.test(one)) && (together.length < 3 || !together.some((one) => COMMA.test(one)))
    if (fits && isClear) last.push(value)
    else handfuls.push([value])
  }
  return handfuls
}

/** A Chinese character says as much as two letters. */
function widthOf(text: string): number {
  return text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0)
}
