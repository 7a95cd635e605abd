import { describe, expect, test } from 'vitest'
import type { RelationFacts } from '../../../../shared/dataset/validation/quality-data.ts'
import { documentFaults } from '../../../../shared/dataset/validation/quality-documents.ts'
import { limitsThatStruck } from '../../../../shared/dataset/validation/quality-limits.ts'
import { comparedLiterals, distinctLiterals } from '../../../../shared/dataset/validation/quality-literals.ts'
import { shareBetween, shareOf } from '../../../../shared/dataset/validation/quality-measures.ts'
import { questionFaults } from '../../../../shared/dataset/validation/quality-questions.ts'
import { readPairs } from '../../../../shared/dataset/validation/quality-reading.ts'
import { buildQualityReport } from '../../../../shared/dataset/validation/quality-report.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'
import { catalogOf, pairOf } from '../../../support/validation-kit.ts'

const parser = pgQueryParser()
const catalog = catalogOf(
  {
    customers: { columns: { id: 'N', name: 'S', vip: 'B', note: 'S' } },
    orders: { columns: { id: 'N', customer_id: 'N', status: 'S', amount: 'N' } },
    lines: { columns: { order_id: 'N', product: 'S' } },
    attic: { columns: { id: 'N' } },
  },
  ['orders(customer_id) -> customers(id)', 'lines(order_id) -> orders(id)'],
)

function factsOf(name: string, changes: Partial<RelationFacts> = {}): [string, RelationFacts] {
  return [name, { name, rows: 10, read: true, sampled: false, allNull: [], listed: {}, ...changes }]
}
const facts = new Map([
  factsOf('customers', { allNull: ['note'] }),
  factsOf('orders', { listed: { status: ['open', 'paid', 'sent'] } }),
  factsOf('lines'),
  factsOf('attic', { rows: 0 }),
])

async function reportOf(statements: readonly string[], unmatched: readonly string[] = []) {
  const pairs = statements.map((sql) => pairOf(sql))
  const readings = await readPairs(parser, catalog, pairs)
  const literals = distinctLiterals(readings).map((item) => ({ item, found: item.text !== 'lost' }))
  return await buildQualityReport(parser, {
    catalog,
    pairs,
    executed: pairs.length,
    nonEmpty: pairs.length,
    dropped: { syntax: 1, refused: 2 },
    duplicatesRemoved: 0,
    sharpness: { sharp: 1, measured: 2, undistinguished: [{ id: 'x', mutants: [{ kind: 'flip_order' }] }] },
    facts,
    literals,
    unmatchedKeys: new Set(unmatched),
    refusals: [{ name: 'p', reason: 'refused: The function pg_sleep is volatile' }],
  })
}

async function measureOf(name: string, statements: readonly string[], unmatched: readonly string[] = []) {
  return (await reportOf(statements, unmatched)).measures.find((measure) => measure.name === name)
}

const JOINED =
  'select c.name, l.product from customers c join orders o on o.customer_id = c.id join lines l on l.order_id = o.id'

describe('the measures of a run', () => {
  test('cover all eighteen targets, in their order', async () => {
    const { measures } = await reportOf([JOINED])
    const targets = measures.map(({ target }) => target)
    expect([...new Set(targets)]).toEqual(Array.from({ length: 18 }, (_, index) => index + 1))
    expect(targets).toEqual(targets.toSorted((one, other) => one - other))
  })

  test('do not hold a table without rows and a column without values against the pairs, and say so', async () => {
    expect(await measureOf('tables', [JOINED])).toMatchObject({
      value: 1,
      of: 3,
      met: true,
      why: 'excluded: empty_table 1',
    })
    const columns = await measureOf('columns', [JOINED])
    expect(columns?.missing.map(({ name }) => name)).toEqual(['customers.vip', 'orders.status', 'orders.amount'])
    expect(columns).toMatchObject({ met: false, why: 'excluded: all_null 1, empty_table 1' })
  })

  test('do not take a relation that could not be read for one without rows', async () => {
    facts.set(...factsOf('attic', { rows: 0, read: false }))
    const tables = await measureOf('tables', [JOINED])
    facts.set(...factsOf('attic', { rows: 0 }))
    expect(tables).toMatchObject({ met: true, why: 'excluded: unread 1' })
  })

  test('tell in how many pairs a column was named that was named in fewer than three', async () => {
    const measure = await measureOf('columns_in_three_pairs', [JOINED, JOINED, 'select product from lines'])
    expect(measure?.missing).toContainEqual({ name: 'customers.name', reason: 'in_2_pairs' })
    expect(measure?.missing.map(({ name }) => name)).not.toContain('lines.product')
  })

  test('count a path over two keys only when one statement joins both', async () => {
    const apart = [
      'select 1 from orders o join customers c on c.id = o.customer_id',
      'select 1 from orders o join lines l on l.order_id = o.id',
    ]
    expect(await measureOf('two_hop_joins', apart)).toMatchObject({ value: 0, of: 1, met: false })
    expect(await measureOf('two_hop_joins', [JOINED])).toMatchObject({ value: 1, of: 1, met: true })
  })

  test('leave a key without matching rows out of what could be joined', async () => {
    const key = 'lines(order_id) -> orders(id)'
    const statements = ['select 1 from orders o join customers c on c.id = o.customer_id']
    expect(await measureOf('foreign_keys', statements)).toMatchObject({ value: 0.5, met: false })
    expect(await measureOf('foreign_keys', statements, [key])).toMatchObject({
      value: 1,
      met: true,
      why: 'excluded: no_matching_rows 1',
    })
  })

  test('name the values that no pair asks for and the constants that no row has', async () => {
    const statements = ["select id from orders where status in ('open', 'lost')"]
    expect(await measureOf('low_cardinality_values', statements)).toMatchObject({
      value: 0.3333,
      missing: [
        { name: 'orders.status = paid', reason: 'not_used' },
        { name: 'orders.status = sent', reason: 'not_used' },
      ],
    })
    expect(await measureOf('literals_in_data', statements)).toMatchObject({
      met: false,
      missing: [{ name: 'orders.status = lost', reason: 'not_in_data' }],
    })
  })

  test('tell features that the schema has no place for from those that were not used', async () => {
    const features = await measureOf('features', [JOINED])
    expect(features?.missing).toContainEqual({ name: 'recursive_cte', reason: 'no_self_key' })
    expect(features?.missing).toContainEqual({ name: 'json_operator', reason: 'no_json_column' })
    expect(features?.missing).toContainEqual({ name: 'count', reason: 'not_used' })
  })

  test('name the statements that repeat the form of another one', async () => {
    const statements = ["select id from orders where status = 'open'", "select id from orders where status = 'paid'"]
    expect(await measureOf('distinct_statements', statements)).toMatchObject({
      value: 0.5,
      missing: [{ name: statements[1], reason: `repeats ${statements[0]}` }],
    })
  })

  test('count what was refused apart from what a repair could have mended', async () => {
    expect(await measureOf('repaired', [JOINED])).toMatchObject({ value: 0, of: 1, met: false })
    expect(await measureOf('statements_refused', [JOINED])).toMatchObject({ value: 1, met: null })
  })

  test('say which mutants could not be told from a pair', async () => {
    expect(await measureOf('sharp_pairs', [JOINED])).toMatchObject({
      value: 0.5,
      met: false,
      missing: [{ name: 'x', reason: 'same_result: flip_order' }],
    })
  })
})

test.each([
  ['an equality', "status = 'a'", [['=', 'a']]],
  ['an inequality, which speaks of the same value', "status <> 'a'", [['=', 'a']]],
  ['a turned comparison', '5 < amount', [['>', '5']]],
  [
    'a list',
    "status in ('a', 'b')",
    [
      ['=', 'a'],
      ['=', 'b'],
    ],
  ],
  [
    'a range',
    'amount between 1 and 2.5',
    [
      ['>=', '1'],
      ['<=', '2.5'],
    ],
  ],
  ['a pattern', "status ilike '%a%'", [['ILIKE', '%a%']]],
  ['a zero, which the tree leaves out', 'amount = 0', [['=', '0']]],
  ['a cast', "status = 'a'::text", [['=', 'a']]],
  ['an expression: nothing that could be looked up', "lower(status) = 'a'", []],
] as const)('the constants of %s are found', async (_, condition, expected) => {
  const [reading] = await readPairs(parser, catalog, [pairOf(`select id from orders where ${condition}`)])
  const found = reading === undefined ? [] : comparedLiterals(reading)
  expect(found.map(({ operator, text }) => [operator, text])).toEqual(expected)
  expect(found.every(({ inWhere }) => inWhere)).toBe(true)
})

test('a flag is a value that a statement asks for, denied or not', async () => {
  const texts = async (sql: string) => {
    const [reading] = await readPairs(parser, catalog, [pairOf(sql)])
    return reading === undefined ? [] : comparedLiterals(reading).map(({ text }) => text)
  }
  expect(await texts('select id from customers where vip')).toEqual(['true'])
  expect(await texts('select id from customers where not vip')).toEqual(['false'])
  expect(await texts('select count(*) filter (where vip is false) from customers')).toEqual(['false'])
})

test.each([
  ['How many orders are open?', []],
  ['How many orders have the status_code open?', ['snake_case']],
  ['How many orders WHERE open?', ['sql_word']],
  ['How many "orders" are open?', ['quotes']],
  ['How many orders are there?', ['value_not_said: open']],
])('the question "%s" is judged', async (question, faults) => {
  const [reading] = await readPairs(parser, catalog, [
    pairOf("select count(*) from orders where status = 'open'", { question }),
  ])
  expect(reading === undefined ? null : questionFaults(reading)).toEqual(faults)
})

test('a share is met exactly from its target on, and nothing to measure is neither met nor missed', () => {
  const asked = { target: 1, name: 'x' }
  const one = [{ name: 'a', reason: 'b' }]
  expect(shareOf(asked, 100, one, 0.99).met).toBe(true)
  expect(shareOf(asked, 99, one, 0.99).met).toBe(false)
  expect(shareOf(asked, 0, [], 1)).toMatchObject({ value: null, met: null, why: 'nothing_to_measure' })
  expect(shareBetween(asked, 31, 100, 0.2, 0.3).met).toBe(false)
})

test('no more than fifty names of what is missing are listed, with the number of all', () => {
  const many = Array.from({ length: 80 }, (_, index) => ({ name: `c${index}`, reason: 'not_used' }))
  const measure = shareOf({ target: 3, name: 'columns' }, 100, many, 1)
  expect([measure.missing.length, measure.missing_total]).toEqual([50, 80])
})

test('a document without a comment word for word, or without a column, is told', () => {
  const [customers] = catalog.relations
  if (customers === undefined) throw new Error('the catalog has no relation')
  const commented = { ...customers, comment: 'People who\nbuy' }
  expect(documentFaults(commented, 'ddl', 'People who buy: id name vip note')).toEqual([])
  expect(documentFaults(commented, null, 'People: id name vip').map(({ name, reason }) => `${name} ${reason}`)).toEqual(
    ['customers no_ddl_file', 'customers comment_left_out', 'customers.note column_left_out'],
  )
})

test('a run on a database without rows, on an embedded source and without a model says all of that', () => {
  const [, empty] = factsOf('attic', { rows: 0 })
  const bounds = {
    language: 'en' as const,
    source: { stopsStatements: false },
    limits: { rowsMax: 1000, bytesMax: 1, timeoutMs: 1 },
    pairs: [],
    facts: [empty],
    literals: [],
    literalsFound: 0,
    sharpnessSampled: 0,
    hasLlm: false,
    pairsOnEmptyTables: 7,
  }
  const names = limitsThatStruck(bounds).map(({ name }) => name)
  expect(names).toEqual(['no_llm', 'source_can_not_stop', 'database_empty', 'pairs_on_empty_tables'])
  const inChinese = limitsThatStruck({ ...bounds, language: 'zh' })
  expect(inChinese.map(({ name }) => name)).toEqual(names)
  expect(inChinese.filter(({ detail }) => !/\p{Script=Han}/u.test(detail))).toEqual([])
  const better = { ...bounds, source: { stopsStatements: true }, facts: [{ ...empty, rows: 1 }], hasLlm: true }
  const withModel = limitsThatStruck({ ...better, pairsOnEmptyTables: 0 })
  expect(withModel.map(({ name }) => name)).toEqual(['tokens_of_kept_answers'])
})
