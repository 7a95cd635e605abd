import { expect, test } from 'vitest'
import { acceptStatement } from '../../../../shared/dataset/validation/statement.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'

const parser = pgQueryParser()

test.each([
  ['a select', 'select a from t where b = 1;'],
  ['a select with comments', '-- first\nselect 1 /* one; two */'],
  ['a CTE', 'with x as (select 1 as a) select a from x'],
  ['a recursive CTE', 'with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select n from r'],
  ['values', "values (1, 'a'), (2, 'b')"],
  ['a set operation', 'select 1 union select 2 except (select 3) order by 1'],
  ['a string that looks like a statement', "select 'drop table t; delete from t'"],
  ['padding', "select lpad(a, 5, '0') from t"],
  ['a column called update', 'select "update", "delete" from t'],
])('%s is accepted', async (_, sql) => {
  expect((await acceptStatement(parser, sql)).kind).toBe('accepted')
})

test.each([
  ['two statements', 'select 1; select 2', 'several_statements'],
  ['a statement behind a select', 'select 1; drop table t', 'several_statements'],
  ['insert', 'insert into t values (1)', 'not_a_select'],
  ['update', 'update t set a = 1', 'not_a_select'],
  ['delete', 'delete from t returning *', 'not_a_select'],
  ['drop', 'drop table t', 'not_a_select'],
  ['copy to a program', "copy (select 1) to program 'id'", 'not_a_select'],
  ['set', 'set statement_timeout = 0', 'not_a_select'],
  ['explain analyze', 'explain analyze delete from t', 'not_a_select'],
  ['do', 'do $$ begin delete from t; end $$', 'not_a_select'],
  ['call', 'call p()', 'not_a_select'],
  ['begin', 'begin', 'not_a_select'],
  ['a delete in a CTE', 'with x as (delete from t returning *) select * from x', 'changes_data'],
  [
    'an insert in a nested CTE',
    'select * from (with x as (insert into t values (1) returning *) select * from x) y',
    'changes_data',
  ],
  [
    'a merge in a CTE',
    'with x as (merge into t using s on true when matched then delete returning *) select 1 from x',
    'changes_data',
  ],
  ['select into', 'select * into z from t', 'select_into'],
  ['select into in a union', 'select 1 into z union select 2', 'select_into'],
  ['for update', 'select * from t for update', 'locks_rows'],
  ['for share in a subquery', 'select * from (select * from t for share) x', 'locks_rows'],
  ['a parameter', 'select * from t where a = $1', 'parameter'],
  ['pg_sleep', 'select pg_sleep(10)', 'function'],
  ['pg_sleep by its schema and in capitals', 'select "pg_catalog"."pg_sleep"(1), PG_SLEEP(2)', 'function'],
  ['pg_sleep in FROM', 'select * from pg_sleep(1)', 'function'],
  ['pg_sleep in a filter', "select count(*) from t where (select true from pg_sleep_for('1 h')) is null", 'function'],
  ['lo_import', "select lo_import('/etc/passwd')", 'function'],
  ['dblink', "select * from dblink('host=x', 'delete from t') as r(a int)", 'function'],
  ['set_config', "select set_config('transaction_read_only', 'off', false)", 'function'],
  ['nextval', "select nextval('s')", 'function'],
  ['an advisory lock', 'select pg_advisory_lock(1)', 'function'],
  ['reading a file', "select pg_read_file('/etc/passwd')", 'function'],
  ['a text of a gigabyte', "select repeat('x', 1000000000)", 'function'],
  ['a text of unknown length', "select lpad('x', (select max(a) from t))", 'function'],
  ['ending a session', 'select pg_terminate_backend(1)', 'function'],
  ['a statement in a string', "select query_to_xml('delete from t', true, true, '')", 'function'],
])('%s is refused', async (_, sql, reason) => {
  expect(await acceptStatement(parser, sql)).toMatchObject({ kind: 'refused', reason })
})

test('functions that the database calls volatile are refused by name', async () => {
  expect(await acceptStatement(parser, 'select public.Purge(1)', new Set(['purge']))).toMatchObject({
    reason: 'function',
  })
  expect((await acceptStatement(parser, 'select abs(1)', new Set(['purge']))).kind).toBe('accepted')
})

test.each([
  ['nothing', ''],
  ['a comment alone', '-- nothing'],
  ['a semicolon alone', ';'],
  ['a NUL with something behind it', 'select 1\u0000; drop table t'],
  ['words', 'Sorry, I can not answer that'],
])('%s is a syntax error', async (_, sql) => {
  expect((await acceptStatement(parser, sql)).kind).toBe('syntax_error')
})

test('a statement longer than twenty screens is refused unparsed', async () => {
  expect(await acceptStatement(parser, `select '${'a'.repeat(30_000)}'`)).toMatchObject({ reason: 'too_long' })
})
