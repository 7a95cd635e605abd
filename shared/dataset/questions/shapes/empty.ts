import { withConditions } from '../conditions.ts'
import { fieldsOf, groupsOf, refs } from '../phrases.ts'
import { askCount, askFigures, askList, zh } from '../wording.ts'
import type { TableShape } from './shape.ts'

const COLUMNS_SHOWN = 3

/** What can be asked of a relation without rows: nothing that needs a value. */
export const EMPTY_SHAPES: Readonly<Record<string, TableShape>> = {
  'count-all': (s) => [
    { sql: `SELECT COUNT(*) AS ${s.stem}_count FROM ${s.from}`, question: askCount(s, withConditions(s, [])) },
  ],

  'show-columns': (s) => {
    const fields = s.fields.filter(({ role }) => role !== 'binary' && role !== 'search')
    return Array.from({ length: Math.ceil(fields.length / COLUMNS_SHOWN) }, (_, at) =>
      fields.slice(at * COLUMNS_SHOWN, (at + 1) * COLUMNS_SHOWN),
    ).map((some) => ({ sql: `SELECT ${refs(some)} FROM ${s.from}`, question: askList(s, fieldsOf(s, some)) }))
  },

  'count-per-group': (s) =>
    [...groupsOf(s), ...s.fields.filter(({ role }) => role === 'category')].slice(0, 1).map((field) => ({
      sql: `SELECT ${field.ref}, COUNT(*) AS ${s.stem}_count FROM ${s.from} GROUP BY ${field.ref}`,
      question: askFigures(s, {
        zh: zh`每个${field.label}的${s.one}数量`,
        en: `the number of ${s.many} for each ${field.label}`,
      }),
    })),
}
