import { afterAll, describe, expect, test } from 'vitest'
import { Problem } from '../../../shared/platform/problems.ts'
import { functionKit } from '../../support/function-kit.ts'
import { openPgliteSource, type TestSource } from '../../support/pglite-source.ts'
import { sourcesOf } from '../../support/test-platform.ts'

const SOURCES = '/api/v0/data_pipeline/sources'
let opened: TestSource | undefined
afterAll(async () => await opened?.[Symbol.asyncDispose]())

const kit = functionKit(async () => {
  const shop = await openPgliteSource('shop')
  opened = shop
  await shop.script(`
    create table customer (id int primary key, name text);
    comment on table customer is '客户';
    create schema archive;
    create table archive.sale (id int, day date, amount numeric);
    create view rich as select * from customer;
    insert into customer select n, 'c' from generate_series(1, 50) n;
    analyze customer`)
  const shared = { ...shop.source, async [Symbol.asyncDispose]() {} } // the file closes it, not a request
  const lost = () => Promise.reject(new Problem('source_unreachable', 'Cannot use the source "lost"'))
  const sources = sourcesOf([
    { name: 'shop', open: async () => shared },
    { name: 'lost', open: lost },
  ])
  return { sources }
})

describe('the sources', () => {
  test('are listed by name without what would open them', async () => {
    expect((await kit.read<{ data: unknown }>(SOURCES)).data).toEqual({
      sources: [
        { name: 'shop', kind: 'server', address: 'localhost:5432/shop' },
        { name: 'lost', kind: 'server', address: 'localhost:5432/lost' },
      ],
    })
  })

  test('show their tables as a table list names them', async () => {
    const { data } = await kit.read<{ data: { tables: unknown[] } }>(`${SOURCES}/shop/tables`)
    expect(data.tables).toEqual([
      { name: 'archive.sale', kind: 'table', columns: 3, rows_estimated: null, comment: null },
      { name: 'customer', kind: 'table', columns: 2, rows_estimated: 50, comment: '客户' },
      { name: 'rich', kind: 'view', columns: 2, rows_estimated: null, comment: null },
    ])
  })

  test('tell on a test how they are', async () => {
    const answer = await kit.send('POST', `${SOURCES}/shop/test`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      message: '数据源连接正常',
      data: { source: 'shop', tables: 3, latency_ms: 0, version: expect.stringMatching(/^\d+/) },
    })
  })

  test.each([
    ['GET', 'unknown/tables', 404, 'source_not_found'],
    ['POST', 'unknown/test', 404, 'source_not_found'],
    ['GET', 'lost/tables', 502, 'source_unreachable'],
    ['POST', 'lost/test', 502, 'source_unreachable'],
  ])('%s %s answers %d', async (method, path, status, code) => {
    const answer = await kit.send(method, `${SOURCES}/${path}`)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ code })
  })
})
