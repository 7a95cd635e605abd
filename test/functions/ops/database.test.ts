import { describe, expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'

const kit = functionKit()
const DATABASE = '/api/v1/ops/database'
const english = { 'Accept-Language': 'en' }

interface Report {
  data: {
    server: Record<string, unknown>
    counts: Record<string, number>
    checks: { name: string; status: string; meaning: string; next_step: string; reason: string | null }[]
  }
}

describe('the report of the database', () => {
  test('counts its checks by what they said, and speaks the language of the caller', async () => {
    const zh = await kit.read<Report>(DATABASE)
    const en = await kit.read<Report>(DATABASE, { headers: english })
    const { counts, checks, server } = zh.data
    expect(Object.values(counts).reduce((sum, one) => sum + one, 0)).toBe(checks.length)
    expect(server).toMatchObject({ kind: kit.platform.store.kind, sees_other_roles: true })
    const named = (report: Report) => report.data.checks.find(({ name }) => name === 'dead_rows')
    expect(named(zh)?.meaning).toBe('表里有大量死行，查询要白读它们')
    expect(named(en)?.meaning).toBe('Tables hold many dead rows, which every query reads for nothing')
  })

  test('can be narrowed to what was found, and refuses what it does not know', async () => {
    const { data } = await kit.read<Report>(`${DATABASE}?status=not_applicable`)
    expect(new Set(data.checks.map(({ status }) => status))).toEqual(new Set(['not_applicable']))
    for (const { reason } of data.checks) expect(reason).not.toBeNull()
    const refused = await kit.send('GET', `${DATABASE}?state=found`)
    expect([refused.status, await refused.json()]).toMatchObject([400, { errors: [{ path: 'state' }] }])
  })
})

test('care that somebody asks for is done, and written to the audit log with its reason', async () => {
  const answer = await kit.send('POST', `${DATABASE}/maintain`, { body: { reason: 'after a large import' } })
  expect([answer.status, await answer.json()]).toMatchObject([
    200,
    { message: '数据库维护完成', data: { skipped: [] } },
  ])
  const { rows } = await kit.platform.store.query('select actor, action, reason from audit_log')
  expect(rows).toEqual([{ actor: 'anonymous', action: 'database.maintained', reason: 'after a large import' }])
  expect((await kit.send('POST', `${DATABASE}/maintain`)).status).toBe(200)
  expect((await kit.send('POST', `${DATABASE}/maintain`, { body: { full: true } })).status).toBe(400)
})

describe('the analysis of performance', () => {
  test('has the same fields also when nothing has happened', async () => {
    const { data } = await kit.read<{ data: Record<string, unknown> }>('/api/v1/ops/performance?window=30')
    expect(data).toMatchObject({
      window_minutes: 30,
      slowest_steps: [],
      endpoints: [],
      queue_waits: { executions: 0, schedule: { p95_seconds: 0 }, waiting_for_room: 0, oldest_seconds: 0 },
      hot_sources: [],
      findings: [],
      not_seen: [{ what: 'endpoints' }, { what: 'statements' }, { what: 'slowest_steps' }],
    })
  })

  test.each(['0', '99999', 'x'])('refuses a window of %s minutes', async (window) => {
    const answer = await kit.send('GET', `/api/v1/ops/performance?window=${window}`)
    expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ path: 'window' }] }])
  })
})
