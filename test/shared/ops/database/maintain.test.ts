import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { listAlerts } from '../../../../shared/ops/alerts/alerts.ts'
import { maintainDatabase } from '../../../../shared/ops/database/maintain.ts'
import { careFor, listTableStates } from '../../../../shared/ops/database/table-care.ts'
import { engineKit } from '../../../support/engine-kit.ts'

const kit = engineKit()

const state = (changes: object) => ({
  name: 'public.a',
  live: 10_000,
  dead: 0,
  changed: 0,
  analyzed: true,
  vacuums: 0,
  analyzes: 0,
  vacuumedSecondsAgo: null,
  ...changes,
})

test.each([
  ['nothing while little has changed', { dead: 900, changed: 400 }, 'none'],
  ['nothing for a small table, however dead', { live: 10, dead: 900 }, 'none'],
  ['a vacuum when more than a tenth is dead', { dead: 1_200 }, 'vacuum'],
  ['an analyze when more than a twentieth has changed', { changed: 1_000 }, 'analyze'],
  ['an analyze when nobody has ever looked', { live: 100, analyzed: false }, 'analyze'],
  ['nothing when it is empty', { live: 0, analyzed: false }, 'none'],
] as const)('a table needs %s', (_, changes, care) => {
  expect(careFor(state(changes))).toBe(care)
})

async function plantDeadRows(): Promise<void> {
  await kit.store.query('drop table if exists worn')
  await kit.store.query('create table worn (a int)')
  await kit.store.query('insert into worn select generate_series(1, 5000)')
  await kit.store.query('delete from worn where a % 2 = 0')
}

describe('the nightly care', () => {
  test('vacuums what has many dead rows, and the next night finds nothing to do', async () => {
    const platform = await kit.open()
    await plantDeadRows()
    const counts = await maintainDatabase(platform)
    expect(counts).toMatchObject({ skipped: [], held_back: [], left: 0 })
    expect(counts.vacuumed).toContain('public.worn')
    const [after] = await listTableStates(platform.store, 'public.worn')
    expect(after).toMatchObject({ live: 2500, dead: 0, vacuums: 1 })
    expect((await maintainDatabase(platform)).vacuumed).toEqual([])
    await platform.store.query('drop table worn')
  })

  test('notes how large the tables are', async () => {
    const platform = await kit.open()
    await maintainDatabase(platform)
    const { rows } = await platform.store.query<{ metric: string; n: number }>(
      'select metric, count(*) as n from metric_samples where value > 0 group by 1 order by 1',
    )
    await platform.store.query('delete from metric_samples')
    expect(rows[0]).toEqual({ metric: 'database_bytes', n: 1 })
    expect(rows[1]?.n).toBeGreaterThan(10)
  })

  test('alerts on what is worse than P2 until it is over', async () => {
    const platform = await kit.open()
    await platform.store.query('create sequence ending as smallint')
    await platform.store.query(`select setval('ending', 32000)`)
    const firing = async () => {
      const { alerts } = await listAlerts(platform.store, 'firing', 10, null)
      return alerts.map(({ rule, severity }) => `${rule} ${severity}`)
    }
    await maintainDatabase(platform)
    expect(await firing()).toContain('database_sequences_near_end P0')
    await platform.store.query('drop sequence ending')
    expect(await maintainDatabase(platform)).toMatchObject({ alerts_raised: 0, alerts_resolved: 1 })
    expect(await firing()).not.toContain('database_sequences_near_end P0')
  })

  test('skips a table that somebody has locked, and says when an old transaction holds it back', async (context) => {
    const { url } = kit.store
    if (url === null) return context.skip('only a server has other sessions: set HELIX_TEST_DATABASE_URL')
    const platform = await kit.open()
    const other = new pg.Client({ connectionString: url })
    await other.connect()
    await other.query('begin isolation level repeatable read; select')
    await plantDeadRows()
    expect((await maintainDatabase(platform)).held_back).toEqual(['public.worn'])
    await other.query('lock table worn')
    expect((await maintainDatabase(platform)).skipped).toContain('public.worn')
    await other.end()
    await platform.store.query('drop table worn')
  })
})
