import pg from 'pg'
import { afterEach, expect, type TestContext, test } from 'vitest'
import { idleInTransaction } from '../../../../shared/ops/faults/idle-in-transaction.ts'
import { lockWaitChain } from '../../../../shared/ops/faults/lock-wait-chain.ts'
import { slowQuery } from '../../../../shared/ops/faults/slow-query.ts'
import { checkIncidents } from '../../../../shared/ops/incidents/check-incidents.ts'
import type { FaultClass } from '../../../../shared/ops/incidents/fault.ts'
import { breakLockChain } from '../../../../shared/ops/repairs/break-lock-chain.ts'
import { endIdleSession } from '../../../../shared/ops/repairs/end-idle-session.ts'
import { stopStatementRepair } from '../../../../shared/ops/repairs/stop-statement.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { incidentsIn, repairSent } from '../../../support/incident-kit.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
const REPAIRS = [stopStatementRepair, endIdleSession, breakLockChain]
const open: pg.Client[] = []
afterEach(async () => {
  for (const client of open.splice(0)) await client.end().catch(() => undefined)
})

async function session(context: TestContext, application = 'helix'): Promise<pg.Client> {
  const { url } = kit.store
  if (url === null) return context.skip('only a server has other sessions: set HELIX_TEST_DATABASE_URL')
  const client = new pg.Client({ connectionString: url, application_name: application })
  client.on('error', () => undefined)
  await client.connect()
  open.push(client)
  return client
}

const impatient = () => kit.open({ env: { HELIX_SLOW_QUERY_SECONDS: '1', HELIX_IDLE_TRANSACTION_SECONDS: '1' } })

/** Checks until the server counts enough seconds, and lets the repair run. */
async function roundUntilOpened(platform: TestPlatform, fault: FaultClass): Promise<void> {
  for (let opened = 0; opened === 0; ) {
    opened = (await checkIncidents(platform, [fault], REPAIRS)).opened
    await platform.store.query('select pg_sleep(0.1)')
  }
  await repairSent(platform, REPAIRS)
}

test('a session that idles in a transaction is an incident, ended and verified; one of another application is none', async (context) => {
  const platform = await impatient()
  const own = await session(context)
  const foreign = await session(context, 'psql')
  for (const client of [own, foreign]) await client.query('begin; select from settings')
  await roundUntilOpened(platform, idleInTransaction)
  const incidents = await incidentsIn(kit.store)
  expect(incidents).toMatchObject([
    { fault: 'idle_in_transaction', status: 'verified', repair: 'end-idle-session', verdict: 'fixed' },
  ])
  await expect(own.query('select 1')).rejects.toThrow()
  expect((await foreign.query('commit')).command).toBe('COMMIT')
  const { rows } = await kit.store.query<{ action: string; after: object }>('select action, after from audit_log')
  expect(rows).toEqual([{ action: 'repair.end-idle-session', after: { outcome: 'ended' } }])
})

test('a session that idles in a transaction that has failed is ended as well', async (context) => {
  const platform = await impatient()
  const own = await session(context)
  await own.query('begin; select 1 / 0').catch(() => undefined)
  await roundUntilOpened(platform, idleInTransaction)
  expect(await incidentsIn(kit.store)).toMatchObject([
    {
      status: 'verified',
      verdict: 'fixed',
      outcome: { changed: true, summary: { en: expect.stringMatching('ended') } },
    },
  ])
  await expect(own.query('select 1')).rejects.toThrow()
})

test('a statement that has ended by itself meanwhile is no failed repair, although its transaction goes on', async (context) => {
  const platform = await impatient()
  const own = await session(context)
  await own.query('begin')
  const slow = own.query('select pg_sleep(2)')
  for (let opened = 0; opened === 0; ) opened = (await checkIncidents(platform, [slowQuery], REPAIRS)).opened
  await slow
  await repairSent(platform, REPAIRS)
  expect(await incidentsIn(kit.store)).toMatchObject([
    { fault: 'slow_query', status: 'verified', verdict: 'fixed', outcome: { changed: false } },
  ])
  expect((await own.query('commit')).command).toBe('COMMIT')
})

test('a slow statement is an incident, cancelled and verified', async (context) => {
  const platform = await impatient()
  const own = await session(context)
  const ended = own.query('select pg_sleep(600)').catch((error: Error) => error.message)
  await roundUntilOpened(platform, slowQuery)
  expect(await ended).toBe('canceling statement due to user request')
  expect(await incidentsIn(kit.store)).toMatchObject([
    { fault: 'slow_query', status: 'verified', rule: 'waits', repair: 'stop-statement', verdict: 'fixed' },
  ])
  expect((await own.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test.each([
  ['of Helix is ended', 'helix', 'own-head', 'break-lock-chain'],
  ['of another application is named, and left to its owner', 'psql', 'foreign-head', null],
])('the head of a chain of waiting sessions %s', async (_, application, rule, repair) => {
  const { url } = kit.store
  const platform = await kit.open()
  const facts = {
    session: {
      pid: 4711,
      own: application === 'helix',
      application,
      user: 'me',
      state: 'idle in transaction',
      statement: 'lock table a',
      seconds: 20,
    },
    waiters: [{ pid: 1 }, { pid: 2 }],
  }
  const diagnosis = await lockWaitChain.diagnose(platform, { id: 'x', facts, occurredAt: null })
  expect(diagnosis).toMatchObject({ rule, repair })
  expect(diagnosis.explanation.zh).toContain('会话 1, 2 等待会话 4711 持有的锁已 20 秒')
  expect(await lockWaitChain.detect(platform)).toMatchObject({ ill: [], of: url === null ? 0 : expect.any(Number) })
})

test('the head of a chain is ended, and those behind it go on', async (context) => {
  const platform = await kit.open()
  const [head, waiter] = [await session(context), await session(context)]
  await head.query('begin; lock table settings in access exclusive mode')
  const waiting = waiter.query('select from settings')
  const target = await chainTarget(platform)
  const guard = { incidentId: 1, claim: 1, hold: async () => undefined }
  expect(await breakLockChain.verify(platform, target)).toBe('not_fixed')
  expect(await breakLockChain.run(platform, target, guard)).toMatchObject({ changed: true })
  expect((await waiting).rowCount).toBe(0)
  expect(await breakLockChain.verify(platform, target)).toBe('fixed')
  expect(await breakLockChain.run(platform, target, guard)).toMatchObject({ changed: false })
})

async function chainTarget(platform: TestPlatform) {
  const { listLockChains } = await import('../../../../shared/ops/database/lock-chains.ts')
  for (;;) {
    const [chain] = await listLockChains(platform.store)
    if (chain === undefined) {
      await platform.store.query('select pg_sleep(0.02)')
      continue
    }
    const waiters = chain.waiting.map(({ session: { pid, application } }) => ({ pid, application }))
    return { id: 'chain', facts: { session: chain.head, waiters }, occurredAt: null }
  }
}
