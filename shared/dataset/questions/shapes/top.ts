import { equals, sayableValues } from '../conditions.ts'
import { datesOf, descending, groupsOf, measuresOf, refs } from '../phrases.ts'
import { item } from '../said-names.ts'
import type { Field, Scene } from '../scene.ts'
import { askList, type Both, listed, pick, zh } from '../wording.ts'
import { conditionFor } from './aggregate.ts'
import type { TableShape } from './shape.ts'

/** The rows at one end of an order. */
export const TOP_SHAPES: Readonly<Record<string, TableShape>> = {
  'top-rows': (s) =>
    titled(s, measuresOf(s))
      .slice(0, 5)
      .map((field) => {
        const count = pick(s.random, [3, 5, 10])
        return {
          sql: `SELECT ${refs([...s.titles, field])} FROM ${s.from} ORDER BY ${descending(field)} LIMIT ${count}`,
          question: askList(s, ends(s, field, count, '最高', 'highest')),
        }
      }),

  'bottom-rows': (s) =>
    titled(s, measuresOf(s))
      .slice(0, 3)
      .map((field) => {
        const count = pick(s.random, [3, 5, 10])
        return {
          sql: `SELECT ${refs([...s.titles, field])} FROM ${s.from} ORDER BY ${field.ref} LIMIT ${count}`,
          question: askList(s, ends(s, field, count, '最低', 'lowest')),
        }
      }),

  'top-rows-where': (s) =>
    titled(s, measuresOf(s))
      .slice(0, 3)
      .flatMap((field) => {
        const condition = conditionFor(s)
        if (condition === null) return []
        return [
          {
            sql: `SELECT ${refs(s.titles)} FROM ${s.from} WHERE ${condition.sql} ORDER BY ${descending(field)} LIMIT 5`,
            question: askList(s, {
              zh: zh`${condition.zh}的${s.one}中，${field.label}最高的 5 ${item(s.one)}的${titles(s).zh}`,
              en: `the ${titles(s).en} of the 5 ${s.many} with the highest ${field.label} among ${s.many} ${condition.en}`,
            }),
          },
        ]
      }),

  'latest-rows': (s) =>
    titled(s, datesOf(s))
      .slice(0, 3)
      .map((field) => ({
        sql: `SELECT ${refs([...s.titles, field])} FROM ${s.from} ORDER BY ${descending(field)} LIMIT 5`,
        question: askList(s, ends(s, field, 5, '最晚', 'latest')),
      })),

  'latest-rows-where': (s) =>
    titled(s, datesOf(s))
      .slice(0, 2)
      .flatMap((field) =>
        groupsOf(s)
          .slice(0, 2)
          .flatMap((group) => {
            const value = sayableValues(group)[0]
            if (value === undefined || s.titles.includes(group)) return []
            const condition = equals(group, value)
            return [
              {
                sql: `SELECT ${refs([...s.titles, field])} FROM ${s.from} WHERE ${condition.sql} ORDER BY ${field.ref} LIMIT 3`,
                question: askList(s, {
                  zh: zh`${condition.zh}的${s.one}中，${field.label}最早的 3 ${item(s.one)}的${[...s.titles.map(({ label }) => label), field.label].reduce((all, one, at) => (at === 0 ? one : zh`${all}${at === s.titles.length ? '和' : '、'}${one}`), '')}`,
                  en: `the ${titles(s).en} and ${field.many} of the 3 ${s.many} with the earliest ${field.label}, among ${s.many} ${condition.en}`,
                }),
              },
            ]
          }),
      ),

  'extreme-row': (s) =>
    titled(s, [...measuresOf(s).slice(0, 4), ...datesOf(s).slice(0, 1)]).map((field) => {
      const isDate = field.role === 'date' || field.role === 'timestamp'
      const [name, chinese, english] = pick(s.random, [
        ['MAX', isDate ? '最晚' : '最高', isDate ? 'latest' : 'highest'],
        ['MIN', isDate ? '最早' : '最低', isDate ? 'earliest' : 'lowest'],
      ] as const)
      return {
        sql: `SELECT ${refs(s.titles)} FROM ${s.from} WHERE ${field.ref} = (SELECT ${name}(${field.ref}) FROM ${s.from})`,
        question: askList(s, {
          zh: zh`${field.label}${chinese}的${s.one}的${titles(s).zh}（并列的都要）`,
          en: `the ${titles(s).en} of all ${s.many} that have the ${english} ${field.label}`,
        }),
      }
    }),
}

function titled(s: Scene, fields: readonly Field[]): readonly Field[] {
  return s.titles.length === 0 ? [] : fields.filter((field) => !s.titles.includes(field))
}

function titles(s: Scene): Both {
  return {
    zh: listed(
      'zh',
      s.titles.map(({ label }) => label),
    ),
    en: listed(
      'en',
      s.titles.map(({ many }) => many),
    ),
  }
}

function ends(s: Scene, field: Field, count: number, chinese: string, english: string): Both {
  const all = [...s.titles, field]
  return {
    zh: zh`${field.label}${chinese}的 ${count} ${item(s.one)}的${listed(
      'zh',
      all.map(({ label }) => label),
    )}`,
    en: `the ${listed(
      'en',
      all.map(({ many }) => many),
    )} of the ${count} ${s.many} with the ${english} ${field.label}`,
  }
}
