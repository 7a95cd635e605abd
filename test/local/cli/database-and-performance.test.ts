import { afterEach, describe, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { main } from '../../../local/cli/main.ts'
import { engineKit } from '../../support/engine-kit.ts'
import { type FakeRunner, openFakeRunner } from '../../support/fake-api.ts'
import { fakeWorld } from '../../support/fake-world.ts'
import { insertExecution, insertTask } from '../../support/store-factory.ts'

const kit = engineKit()
const app = createApp(FUNCTIONS)
const open: FakeRunner[] = []
afterEach(async () => {
  for (const runner of open.splice(0)) await runner.close()
})

/** The command line over the real functions, on the test's store. */
async function helix(...argv: string[]) {
  const platform = await kit.open()
  const runner = await openFakeRunner({ fetch: (request) => app.fetch(request, { platform }) })
  open.push(runner)
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir })
  const code = await main(argv, world)
  return { code, platform, ...world.written() }
}

describe('helix db check', () => {
  test('shows what was found, what it means and what to do, and fails on what is worse than P2', async () => {
    await kit.store.query('create sequence ending as smallint')
    await kit.store.query(`select setval('ending', 32000)`)
    const { code, out } = await helix('db', 'check')
    expect(code).toBe(1)
    for (const text of [
      'P0  A sequence is near its end',
      'public.ending  32,000 / 32,767 (98 %)',
      '→ Make the column',
    ]) {
      expect(out).toContain(text)
    }
    const { out: zh } = await helix('db', 'check', '--lang', 'zh')
    for (const text of ['P0  序列即将用尽，之后的插入会失败', '→ 把列和序列改为 bigint', '项检查：'])
      expect(zh).toContain(text)
    await kit.store.query('drop sequence ending')
  })

  test('lists every check when asked, and all it knows as JSON', async () => {
    const { out } = await helix('db', 'check', '--all')
    expect(out).toContain('transaction_ids')
    const { checks } = JSON.parse((await helix('db', 'check', '--json')).out)
    expect(checks.length).toBeGreaterThan(30)
  })
})

describe('helix db maintain', () => {
  test('names the tables that it cared for, and then finds nothing to do', async () => {
    await kit.store.query('create table worn (a int)')
    await kit.store.query('insert into worn select generate_series(1, 4000)')
    await kit.store.query('delete from worn where a % 2 = 0')
    const { code, out } = await helix('db', 'maintain', '--reason', 'after an import')
    expect([code, out]).toEqual([0, expect.stringContaining('Vacuumed: public.worn')])
    const { rows } = await kit.store.query('select reason from audit_log')
    expect(rows).toEqual([{ reason: 'after an import' }])
    expect((await helix('db', 'maintain', '--lang', 'zh')).out).toMatch(/\d+ 张表都不需要维护/)
    await kit.store.query('drop table worn')
  })
})

describe('helix perf', () => {
  test('says what stands out first, then shows the figures', async () => {
    const now = (await kit.open()).clock.now()
    const taskId = await insertTask(kit.store)
    const at = (seconds: number) => new Date(now.getTime() - seconds * 1000)
    await insertExecution(kit.store, {
      taskId,
      status: 'completed',
      step: 'sql_validation',
      createdAt: at(400),
      startedAt: at(400),
      completedAt: at(10),
    })
    const { code, out } = await helix('perf', '--window', '60')
    expect(code).toBe(0)
    for (const text of ['1. sql_validation takes 7 min', '   → index the columns', 'Steps', 'STEP', '390 s', 'Waits']) {
      expect(out).toContain(text)
    }
    const { out: zh } = await helix('perf', '--lang', 'zh')
    for (const text of ['时间主要花在数据源上执行每条 SQL', '步骤', '95% 分位', '没有数据：'])
      expect(zh).toContain(text)
  })

  test('of an idle Helix says so', async () => {
    expect((await helix('perf')).out).toContain('Nothing stands out in the last 30 minutes.')
  })

  test('refuses a window that is none', async () => {
    expect(await helix('perf', '--window', '0')).toMatchObject({
      code: 2,
      err: expect.stringContaining('whole number'),
    })
  })
})
