import { quoteLiteral } from '../../catalog/quote.ts'
import { isMissing, sayableValues, withConditions } from '../conditions.ts'
import { refs } from '../phrases.ts'
import { item } from '../said-names.ts'
import type { Field, Scene } from '../scene.ts'
import { askCount, askFigures, askList, type Both, listed, pick, zh } from '../wording.ts'
import { singular } from '../words.ts'
import type { TableShape } from './shape.ts'

/** Arrays, JSON, text search and binary columns: types with operators of their own. */
export const SPECIAL_SHAPES: Readonly<Record<string, TableShape>> = {
  'array-contains': (s) =>
    arrays(s).flatMap((field) => {
      const element = elementOf(s, field)
      if (element === null) return []
      const noun = {
        zh: zh`${field.label}包含${element}的${s.one}`,
        en: `${s.many} whose ${field.label} include ${element}`,
      }
      const sql = `${quoteLiteral(element)} = ANY(${field.ref})`
      return [
        { sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${sql}`, question: askCount(s, noun) },
        ...titled(s, noun, `WHERE ${sql}`),
      ]
    }),

  'array-size': (s) =>
    arrays(s).flatMap((field) =>
      titled(
        s,
        { zh: zh`至少有 2 项${field.label}的${s.one}`, en: `${s.many} with at least 2 ${field.many}` },
        `WHERE CARDINALITY(${field.ref}) >= 2`,
      ),
    ),

  'array-elements': (s) =>
    arrays(s).map((field) => ({
      sql: `SELECT element, COUNT(*) AS ${s.stem}_count FROM ${s.from} CROSS JOIN LATERAL UNNEST(${field.ref}) AS element GROUP BY element`,
      question: askFigures(s, {
        zh: zh`每一项${field.label}对应的${s.one}数量`,
        en: `the number of ${s.many} for each individual ${singular(field.label)}`,
      }),
    })),

  'json-kind': (s) =>
    of(s, 'json').flatMap((field) => {
      const type = field.column.baseType
      const [key] = jsonKeys(field)
      const kinds = [
        {
          sql: `SELECT ${type}_typeof(${field.ref}) AS kind, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY ${type}_typeof(${field.ref})`,
          question: askFigures(s, {
            zh: zh`${field.label}的每种数据类型的${s.one}数量`,
            en: `the number of ${s.many} for each kind of value in ${field.label}`,
          }),
        },
      ]
      if (key === undefined) return kinds // to know what is in it beats knowing its kind
      const part = `${field.ref} ->> ${quoteLiteral(key)}`
      return [
        {
          sql: `SELECT ${part} AS part, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY ${part}`,
          question: askFigures(s, {
            zh: zh`${field.label}里每个${key}对应的${s.one}数量`,
            en: `the number of ${s.many} for each ${key} in ${field.label}`,
          }),
        },
        {
          sql: `SELECT DISTINCT ${part} AS part FROM ${s.from} WHERE ${part} IS NOT NULL`,
          question: askList(s, {
            zh: zh`${s.one}的${field.label}里出现过的不重复的${key}`,
            en: `the different values of ${key} present in the ${field.label} of ${s.many}`,
          }),
        },
      ]
    }),

  'text-search': (s) =>
    of(s, 'search').flatMap((field) => {
      const text = s.fields.find(({ role, column }) => role === 'name' && column.category === 'S')
      const words =
        text === undefined
          ? []
          : sayableValues(text)
              .flatMap((value) => value.split(/[^A-Za-z]+/))
              .filter((word) => word.length >= 5)
      if (words.length === 0) return []
      const word = pick(s.random, words.slice(0, 30))
      const sql = `${field.ref} @@ PLAINTO_TSQUERY('english', '${word}')`
      const noun = {
        zh: zh`${field.label}能检索到${word}的${s.one}`,
        en: `${s.many} whose ${field.label} contains the word ${word}`,
      }
      return [
        { sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from} WHERE ${sql}`, question: askCount(s, noun) },
        ...titled(s, noun, `WHERE ${sql}`),
      ]
    }),

  'search-present': (s) =>
    [...of(s, 'search'), ...of(s, 'binary')].flatMap((field) => {
      const noun = withConditions(s, [isMissing(field, false)])
      return [
        { sql: `SELECT COUNT(${field.ref}) AS ${s.stem}_count FROM ${s.from}`, question: askCount(s, noun) },
        ...titled(s, noun, `WHERE ${field.ref} IS NOT NULL`),
      ]
    }),

  'binary-size': (s) =>
    of(s, 'binary').flatMap((field) => {
      const size = { zh: zh`${field.label}的字节数`, en: `size of the ${field.label} in bytes` }
      return s.titles.length === 0
        ? []
        : [
            {
              sql: `SELECT ${refs(s.titles)}, OCTET_LENGTH(${field.ref}) AS ${field.stem}_bytes FROM ${s.from}`,
              question: askList(s, {
                zh: zh`每${item(s.one)}的${listed(
                  'zh',
                  s.titles.map(({ label }) => label),
                )}以及${size.zh}`,
                en: `the ${listed(
                  'en',
                  s.titles.map(({ label }) => label),
                )} and the ${size.en} for each ${s.one}`,
              }),
            },
          ]
    }),

  'search-size': (s) =>
    of(s, 'search').flatMap((field) =>
      s.titles.length === 0
        ? []
        : [
            {
              sql: `SELECT ${refs(s.titles)}, LENGTH(${field.ref}) AS ${field.stem}_words FROM ${s.from}`,
              question: askList(s, {
                zh: zh`每${item(s.one)}的${listed(
                  'zh',
                  s.titles.map(({ label }) => label),
                )}和${field.label}里的词数`,
                en: `the ${listed(
                  'en',
                  s.titles.map(({ label }) => label),
                )} of each ${s.one} and the number of words in its ${field.label}`,
              }),
            },
          ],
    ),
}

function of(s: Scene, role: Field['role']): readonly Field[] {
  return s.fields.filter((field) => field.role === role && field.profile.nullShare < 1)
}

function arrays(s: Scene): readonly Field[] {
  return of(s, 'array').filter(({ column }) => column.category === 'S' || column.category === 'A')
}

function titled(s: Scene, noun: Both, clause: string) {
  if (s.titles.length === 0) return []
  const names = {
    zh: listed(
      'zh',
      s.titles.map(({ label }) => label),
    ),
    en: listed(
      'en',
      s.titles.map(({ many }) => many),
    ),
  }
  return [
    {
      sql: `SELECT ${refs(s.titles)} FROM ${s.from} ${clause}`,
      question: askList(s, { zh: zh`${noun.zh}的${names.zh}`, en: `the ${names.en} of ${noun.en}` }),
    },
  ]
}

/** An element of some array in the data, read off its text form: `{Trailers,"Deleted Scenes"}`. */
function elementOf(s: Scene, field: Field): string | null {
  const elements = field.profile.values
    .slice(0, 10)
    .flatMap(({ value }) => value.replace(/^\{|\}$/g, '').split(','))
    .map((element) => element.replaceAll('"', ''))
    .filter((element) => /^[\p{L}\p{N}][\p{L}\p{N} -]*$/u.test(element))
  return elements.length === 0 ? null : pick(s.random, elements)
}

/** Keys with simple values in the objects of the data. */
function jsonKeys(field: Field): readonly string[] {
  const keys = new Map<string, number>()
  for (const { value } of field.profile.values) {
    for (const key of plainKeys(value)) keys.set(key, (keys.get(key) ?? 0) + 1)
  }
  return [...keys]
    .sort(([, one], [, other]) => other - one)
    .map(([key]) => key)
    .filter((key) => /^[\p{L}\p{N} -]+$/u.test(key))
}

function plainKeys(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    return Object.entries(value)
      .filter(([, part]) => part !== null && typeof part !== 'object')
      .map(([key]) => key)
  } catch {
    return [] // the profile cuts long values
  }
}
