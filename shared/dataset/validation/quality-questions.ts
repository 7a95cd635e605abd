import { normalizedQuestion } from './duplicates.ts'
import { comparedLiterals } from './quality-literals.ts'
import type { PairReading } from './quality-reading.ts'

// A business user writes none of these; the words only in capitals, since in small letters they are English.
const SNAKE_CASE = /\b[\p{L}\d]+_[\p{L}\d_]+/u
const QUOTED = /["`]/
const SQL_WORD = /\b(?:SELECT|FROM|WHERE|GROUP BY|ORDER BY|HAVING|JOIN|LIMIT|DISTINCT|COUNT|NULL|ASC|DESC)\b/
const DATE_OR_NUMBER = /^[\d\s.:+TZ-]+$/

/** What is wrong with a pair's question, as far as a program can see. */
export function questionFaults(reading: PairReading): readonly string[] {
  const values = saidValues(reading)
  const spoken = [...values, ...comparedLiterals(reading).map(({ text }) => text)].filter((text) => text.trim() !== '')
  const words = spoken.reduce((text, value) => text.replaceAll(value, ' '), reading.pair.question)
  const faults: string[] = []
  if (SNAKE_CASE.test(words)) faults.push('snake_case')
  if (QUOTED.test(words)) faults.push('quotes')
  if (SQL_WORD.test(words)) faults.push('sql_word')
  const question = normalizedQuestion(reading.pair.question)
  const unsaid = values.find((value) => !question.includes(normalizedQuestion(value)))
  return unsaid === undefined ? faults : [...faults, `value_not_said: ${unsaid.slice(0, 60)}`]
}

/** Texts that the statement looks for; dates and numbers may be worded in other ways. */
function saidValues(reading: PairReading): readonly string[] {
  return comparedLiterals(reading)
    .filter(({ inWhere, column, text }) => inWhere && column.category !== 'B' && !DATE_OR_NUMBER.test(text))
    .map(({ operator, text }) => (operator === '=' ? text : text.replaceAll(/[%^$]|\.\*|\\[mMyb]/g, '')))
    .filter((text) => normalizedQuestion(text) !== '')
}
