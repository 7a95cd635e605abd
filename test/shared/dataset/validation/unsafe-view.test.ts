import { expect, test } from 'vitest'
import { unsafeView } from '../../../../shared/dataset/validation/unsafe-view.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'

const parser = pgQueryParser()

test.each([
  ['sleeps', 'select id, pg_sleep(60) from items', /pg_sleep/],
  ['takes a lock of the session', 'select id, pg_advisory_lock(7) from items', /pg_advisory_lock/],
  ['counts on', "select nextval('counter') from items", /nextval/],
  ['reads files', "select pg_read_file('/etc/passwd')", /pg_read_file/],
  ['locks rows', 'select id from items for update', /lock rows/],
])('a view that %s is kept away from, and the reason names what it does', async (_, definition, reason) => {
  expect(await unsafeView(parser, { kind: 'view', definition })).toMatch(reason)
})

test.each([
  ['a plain view', { kind: 'view', definition: 'select id, upper(name) from items' }],
  ['a view that calls a function of its owner', { kind: 'view', definition: 'select full_name(i) from items i' }],
  ['a materialized view, whose query ran long ago', { kind: 'materialized_view', definition: 'select pg_sleep(60)' }],
  ['a table', { kind: 'table', definition: null }],
] as const)('%s is read', async (_, relation) => {
  expect(await unsafeView(parser, relation)).toBeNull()
})
