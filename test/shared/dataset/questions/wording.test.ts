import { expect, test } from 'vitest'
import {
  askCount,
  askFigures,
  askList,
  askValue,
  type Both,
  type Voice,
} from '../../../../shared/dataset/questions/wording.ts'

const THROWS = 40
const ASKING = { askCount, askFigures, askList, askValue }

/** What is said for every throw of the dice. */
function saidBy(ask: (voice: Voice, noun: Both) => string, language: Voice['language'], noun: Both): readonly string[] {
  return Array.from({ length: THROWS }, (_, at) => ask({ language, random: () => at / THROWS }, noun))
}

test.each(Object.entries(ASKING))('%s has at least five phrasings in either language', (_, ask) => {
  for (const language of ['zh', 'en'] as const) {
    const said = new Set(saidBy(ask, language, { zh: '客户的姓名', en: 'customers' }))
    expect(said.size).toBeGreaterThanOrEqual(5)
  }
})

test.each(Object.entries(ASKING))('%s puts no question words behind a Chinese clause', (_, ask) => {
  const noun = { zh: '每个客户的订单数量，以及按数量从多到少的名次', en: 'customers' }
  const said = saidBy(ask, 'zh', noun)
  expect(new Set(said).size).toBeGreaterThan(1)
  expect(said.filter((question) => !question.endsWith('名次。') && !question.endsWith('名次的数量。'))).toEqual([])
})

test('names are not calculated in either language, figures are', () => {
  const names = { zh: '每个客户的姓名及其订单数量', en: 'the name and the number of orders for each customer' }
  const figures = { zh: '每个城市的客户数量', en: 'the number of customers for each city' }
  const calculated = (said: string) => /计算|Calculate/.test(said)
  for (const language of ['zh', 'en'] as const) {
    expect(saidBy(askFigures, language, names).filter(calculated)).toEqual([])
    expect(saidBy(askFigures, language, figures).some(calculated)).toBe(true)
  }
})

test('nobody is asked 有…有多少', () => {
  expect(
    saidBy(askCount, 'zh', { zh: '有订单的客户', en: 'customers' }).filter((said) => said.endsWith('有多少？')),
  ).toEqual([])
})

test.each([
  [
    'the name of each customer and the numbers of calls',
    'What are the name of each customer and the numbers of calls?',
  ],
  [
    'the name and the number of orders for each customer',
    'What are the name and the number of orders for each customer?',
  ],
  ['the number of food and drinks for each city', 'What is the number of food and drinks for each city?'],
  ['the number of orders for each city and country', 'What is the number of orders for each city and country?'],
  [
    'the number of customers whose city is Rome and Oslo',
    'What is the number of customers whose city is Rome and Oslo?',
  ],
])('English agrees with what is asked for: %s', (en, expected) => {
  expect(saidBy(askFigures, 'en', { zh: '客户', en })).toContain(expected)
})

test('a count of rows told by a clause does not end in a verb', () => {
  const told = saidBy(askCount, 'en', { zh: '客户', en: 'customers whose city is Rome' })
  const plain = saidBy(askCount, 'en', { zh: '客户', en: 'customers' })
  expect(told.filter((question) => question.includes('are there'))).toEqual([])
  expect(new Set(told).size).toBeGreaterThanOrEqual(5)
  expect(plain).toContain('How many customers are there?')
})
