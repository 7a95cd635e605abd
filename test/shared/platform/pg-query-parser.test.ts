import { expect, test } from 'vitest'
import { pgQueryParser } from '../../../shared/platform/pg-query-parser.ts'
import { SqlSyntaxError } from '../../../shared/platform/sql-parser.ts'

const parser = pgQueryParser()

test('a statement becomes its parse tree', async () => {
  const tree = await parser.parse('select 1 from t; select 2')
  expect(tree.stmts.map(({ stmt }) => Object.keys(stmt))).toEqual([['SelectStmt'], ['SelectStmt']])
})

test('fingerprints are equal for statements that differ only in literals, white space and case', async () => {
  expect(await parser.fingerprint('select A from T where x = 1')).toBe(
    await parser.fingerprint('SELECT a\n FROM t WHERE x=22'),
  )
  expect(await parser.fingerprint('select a from t order by a')).not.toBe(
    await parser.fingerprint('select a from t order by a desc'),
  )
})

test('a syntax error says where, also behind Chinese text and emoji', async () => {
  const sql = "select '中文😀' frm x y"
  const error = await parser.parse(sql).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(SqlSyntaxError)
  expect(error).toMatchObject({ position: sql.indexOf('x'), message: expect.stringContaining('"x"') })
})

test.each([
  ['an empty statement', '  '],
  ['a statement that hides another behind a NUL', 'select 1\u0000; drop table t'],
])('%s is refused', async (_, sql) => {
  await expect(parser.parse(sql)).rejects.toBeInstanceOf(SqlSyntaxError)
  await expect(parser.fingerprint(sql)).rejects.toBeInstanceOf(SqlSyntaxError)
})

test('statements nested too deeply are refused as often as they come and harm nothing', async () => {
  const deep = [
    `select 1${'+1'.repeat(100_000)}`,
    `select ${'('.repeat(9000)}1${')'.repeat(9000)}`,
    `select ${'not '.repeat(20_000)}true`,
    new Array(2000).fill('select 1').join(' union all '),
  ]
  for (let round = 0; round < 40; round++) {
    for (const sql of deep) await expect(parser.parse(sql)).rejects.toBeInstanceOf(SqlSyntaxError)
  }
  const wide = `select ${Array.from({ length: 3000 }, (_, index) => `column_${index}`).join(', ')} from t`
  expect((await parser.parse(wide)).stmts).toHaveLength(1)
})

test('whatever passes the bound on nesting has a tree and a fingerprint, also in a process that runs for long', async () => {
  const deepest = [
    `select 1${'+1'.repeat(990)}`,
    `select ${'not '.repeat(990)}true`,
    new Array(990).fill('select 1').join(' union all '),
    `select ${'('.repeat(499)}1${')'.repeat(499)}`,
    `select ${'(select '.repeat(499)}1${')'.repeat(499)}`,
    `select ${'f('.repeat(499)}1${')'.repeat(499)}`,
    `select * from ${'(select * from '.repeat(450)}a${') b'.repeat(450)}`,
    `select * from ${'(select * from '.repeat(4)}a${') b'.repeat(4)}`,
    `select ${'f('.repeat(9)}1${')'.repeat(9)}`,
  ]
  const prints = new Set<string>()
  for (let round = 0; round < 15; round++) {
    for (const sql of deepest) {
      expect((await parser.parse(sql)).stmts).toHaveLength(1)
      prints.add(await parser.fingerprint(sql))
    }
  }
  expect(prints.size).toBe(deepest.length)
})
