import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../shared/platform/store.ts'

/** What every driver of the store promises. @param open a store that may be written to, closed by the suite */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    let store: Store
    beforeAll(async () => {
      store = await open()
      await store.query('create table contract_items (id int primary key, note text)')
    })
    afterAll(() => store.close())

    test('reads int8 as a number, timestamptz as a Date, date as text, json parsed', async () => {
      const { rows } = await store.query(
        `select 9007199254740991::int8 as big, array[1, 2]::int8[] as bigs, count(*) as counted,
                '2025-06-27T14:30:52+08'::timestamptz as at, '2025-06-27'::date as day,
                '{"a": [1, null]}'::jsonb as parsed, '[true]'::json as plain, 1.50::numeric as money, null as missing`,
      )
      expect(rows).toEqual([
        {
          big: 9_007_199_254_740_991,
          bigs: [1, 2],
          counted: 1,
          at: new Date('2025-06-27T06:30:52Z'),
          day: '2025-06-27',
          parsed: { a: [1, null] },
          plain: [true],
          money: '1.50',
          missing: null,
        },
      ])
    })

    test('writes dates, arrays and json as parameters', async () => {
      const at = new Date('2025-06-27T06:30:52.123Z')
      const { rows } = await store.query(
        'select $1::timestamptz as at, $2::text[] as names, $3::jsonb as value, $4::int8 as big',
        [at, ['a', 'b,"c"'], JSON.stringify(['高速']), 2 ** 40],
      )
      expect(rows).toEqual([{ at, names: ['a', 'b,"c"'], value: ['高速'], big: 2 ** 40 }])
    })

    test('counts the rows that a statement touched', async () => {
      const inserted = await store.query(
        `insert into contract_items select n, 'counted' from generate_series(101, 103) n`,
      )
      const updated = await store.query(`update contract_items set note = 'again' where id = -1`)
      expect([inserted.rowCount, updated.rowCount]).toEqual([3, 0])
    })

    test('goes on after a statement that the database refuses, and shows its SQLSTATE', async () => {
      for (let attempt = 0; attempt < 25; attempt++) {
        await expect(store.query('select * from no_such_table')).rejects.toMatchObject({ code: '42P01' })
      }
      expect((await store.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
    })

    test('commits when the work resolves', async () => {
      const answer = await store.transaction(async (tx) => {
        await tx.query(`insert into contract_items values (1, 'kept')`)
        return 'done'
      })
      expect(answer).toBe('done')
      expect((await store.query('select note from contract_items where id = 1')).rows).toEqual([{ note: 'kept' }])
    })

    test('rolls back when the work throws, and passes the error on', async () => {
      const work = store.transaction(async (tx) => {
        await tx.query(`insert into contract_items values (2, 'lost')`)
        throw new RangeError('the work failed')
      })
      await expect(work).rejects.toThrow(RangeError)
      expect((await store.query('select from contract_items where id = 2')).rows).toEqual([])
    })

    test('does not report a commit when a statement had failed and the work went on', async () => {
      const work = store.transaction(async (tx) => {
        await tx.query(`insert into contract_items values (3, 'lost')`)
        await tx.query('select 1 / 0').catch(() => undefined)
      })
      await expect(work).rejects.toThrow('not committed')
      expect((await store.query('select from contract_items where id = 3')).rows).toEqual([])
    })

    test('serves many callers at once, each transaction on its own', async () => {
      await store.query(`insert into contract_items values (4, '0')`)
      const add = () =>
        store.transaction(async (tx) => {
          const { rows } = await tx.query<{ note: string }>('select note from contract_items where id = 4 for update')
          await tx.query('update contract_items set note = $1 where id = 4', [String(Number(rows[0]?.note) + 1)])
        })
      await Promise.all(Array.from({ length: 40 }, add))
      expect((await store.query('select note from contract_items where id = 4')).rows).toEqual([{ note: '40' }])
    })
  })
}
