import { createFunction } from '../../../shared/platform/http/create-function.ts'
import type { Store } from '../../../shared/platform/store.ts'
import { getItem, readItem, setItem, writeItem } from './deliveries.ts'

const ADDERS = 6 // a cloud's invocation has one connection, for which the others wait

const TYPES = `
  select 9007199254740991::int8 as big, array[1, 2]::int8[] as bigs, count(*) as counted,
         '2025-06-27T14:30:52+08'::timestamptz as at, '2025-06-27'::date as day,
         '{"a": [1, null]}'::jsonb as parsed, '[true]'::json as plain, 1.50::numeric as money, null as missing,
         $1::text[] as names, $2::timestamptz as given, $3::int8 as large`

/** Named scripts on the store; `:name` keeps two callers apart. Each answers what a case compares. */
export const storeProbe = createFunction().post('/conformance/store/:script/:name', async (c) => {
  const { script, name } = c.req.param()
  const { store } = c.env.platform
  const run = SCRIPTS[script]
  if (run === undefined) return c.json({ problem: `There is no script ${script}` }, 404)
  await setItem(store, `ready-${name}`, 'yes') // makes the tables, outside any transaction
  return c.json((await run(store, name)) as object)
})

const SCRIPTS: Readonly<Record<string, (store: Store, name: string) => Promise<unknown>>> = {
  async commit(store, name) {
    const answer = await store.transaction(async (tx) => {
      await writeItem(tx, name, 'kept')
      return 'done'
    })
    return { answer, value: await getItem(store, name) }
  },

  async rollback(store, name) {
    const work = store.transaction(async (tx) => {
      await writeItem(tx, name, 'lost')
      throw new RangeError('the work failed')
    })
    return { thrown: await messageOf(work), value: await getItem(store, name) }
  },

  async swallowed(store, name) {
    const work = store.transaction(async (tx) => {
      await writeItem(tx, name, 'lost')
      await tx.query('select 1 / 0').catch(() => undefined)
    })
    return { thrown: await messageOf(work), value: await getItem(store, name) }
  },

  /** Each adder reads under a lock and writes what it read plus one: a lost update shows in the sum. */
  async adders(store, name) {
    await store.query(`insert into conformance_items values ($1, '0') on conflict (name) do nothing`, [name])
    const add = () =>
      store.transaction(async (tx) => {
        const { rows } = await tx.query<{ value: string }>(
          'select value from conformance_items where name = $1 for update',
          [name],
        )
        await writeItem(tx, name, String(Number(rows[0]?.value) + 1))
      })
    await Promise.all(Array.from({ length: ADDERS }, add))
    return { adders: ADDERS, value: await getItem(store, name) }
  },

  async unseen(store, name) {
    const inside = await store.transaction(async (tx) => {
      await writeItem(tx, name, 'inside')
      return await readItem(tx, name)
    })
    return { inside }
  },

  async types(store) {
    const at = new Date('2025-06-27T06:30:52.123Z')
    const { rows } = await store.query(TYPES, [['a', 'b,"c"', '高速'], at, 2 ** 40])
    const [row] = rows
    return { ...row, kinds: { at: row?.at instanceof Date, given: row?.given instanceof Date } }
  },

  async refused(store) {
    const codes: string[] = []
    for (let attempt = 0; attempt < 8; attempt++) {
      await store.query('select * from no_such_table').catch((error: { code?: string }) => codes.push(error.code ?? ''))
    }
    const { rows } = await store.query<{ one: number }>('select 1 as one')
    return { codes, one: rows[0]?.one }
  },
}

async function messageOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
