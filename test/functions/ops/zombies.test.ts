import { describe, expect, test } from 'vitest'
import type { DeadLetter } from '../../../shared/platform/dead-letters.ts'
import { functionKit } from '../../support/function-kit.ts'
import { type ExecutionRowValues, insertExecution, insertTask } from '../../support/store-factory.ts'

const OPS = '/api/v1/ops'
const letters: DeadLetter[] = []
const kit = functionKit({
  deadLetters: {
    list: async () => letters,
    redrive: async (id) => {
      const at = letters.findIndex((letter) => letter.id === id)
      if (at >= 0) letters.splice(at, 1)
      return at >= 0
    },
  },
})

/** A running execution; the clock stands at 06:30:52. */
async function insertRunning(
  changes: Partial<ExecutionRowValues> = {},
  task = 'task_20250627_140000',
): Promise<string> {
  const { store } = kit.platform
  const id = await insertTask(store, { id: task, status: 'in_progress', stepStatus: { ddl_generation: 'running' } })
  return await insertExecution(store, { taskId: id, createdAt: new Date('2025-06-27T06:00:00Z'), ...changes })
}

const ago = (seconds: number) => new Date(Date.parse('2025-06-27T06:30:52Z') - seconds * 1000)

describe('GET /api/v1/ops/zombies', () => {
  test('answers as the specification prints it where there are none', async () => {
    const answer = await kit.send('GET', `${OPS}/zombies?stale_minutes=5&min_claims=3`)
    expect([answer.status, await answer.text()]).toEqual([200, '{"zombie_tasks":[],"status":"clean"}'])
  })

  test.each([
    [
      'silent for longer than asked',
      { heartbeatAt: ago(600), leaseExpiresAt: ago(570), leaseOwner: 'gone:1' },
      'silent',
    ],
    ['without lease, owner or sign of life', { claim: 1, leaseOwner: null }, 'silent'],
    [
      'dead again after many claims',
      { heartbeatAt: ago(60), leaseExpiresAt: ago(30), claim: 7 },
      'taken_again_and_again',
    ],
  ])('names an execution %s', async (_, changes, reason) => {
    const executionId = await insertRunning(changes)
    expect(await kit.read(`${OPS}/zombies`)).toMatchObject({
      status: 'zombies_found',
      zombie_tasks: [{ execution_id: executionId, reason, step: 'ddl_generation' }],
    })
  })

  test.each([
    ['reports although it is slow', { startedAt: ago(7000), heartbeatAt: ago(4), leaseExpiresAt: ago(-26), claim: 40 }],
    ['was just promised to a message', { startedAt: ago(20), leaseExpiresAt: ago(-10), claim: 0 }],
    ['has lapsed a moment ago, the first time', { startedAt: ago(200), heartbeatAt: ago(31), leaseExpiresAt: ago(1) }],
    ['has ended', { status: 'completed' as const, heartbeatAt: ago(9000) }],
  ])('leaves out one that %s', async (_, changes) => {
    await insertRunning(changes)
    expect(await kit.read(`${OPS}/zombies`)).toEqual({ zombie_tasks: [], status: 'clean' })
  })

  test('leaves out one that waits for a message while every runner is full, and names it once there is room', async () => {
    const waiting = await insertRunning({ leaseExpiresAt: ago(600), claim: 0 })
    const { store, config } = kit.platform
    for (let no = 0; no < config.HELIX_STEPS_PER_RUNNER; no++) {
      await insertRunning(
        { leaseOwner: 'test:busy', heartbeatAt: ago(4), leaseExpiresAt: ago(-26) },
        `task_20250627_14010${no}`,
      )
    }
    await store.query('update data_pipeline_task_executions set admitted_at = created_at')
    const scan = async () => (await (await kit.send('POST', `${OPS}/scan`)).json()) as { data: { counts: object } }
    expect(await kit.read(`${OPS}/zombies`)).toEqual({ zombie_tasks: [], status: 'clean' })
    expect(await scan()).toMatchObject({ data: { counts: { E: 0 } } })
    expect(await (await kit.send('POST', `${OPS}/zombies/fix`)).json()).toMatchObject({ data: { found: 0 } })
    await store.query(`delete from data_pipeline_task_executions where task_id = 'task_20250627_140100'`)
    expect(await kit.read(`${OPS}/zombies`)).toMatchObject({ zombie_tasks: [{ execution_id: waiting }] })
    expect(await scan()).toMatchObject({ data: { counts: { E: 1 } } })
  })

  test.each(['stale_minutes=-1', 'min_claims=0', 'stale_minutes=x'])('refuses %s', async (query) => {
    expect((await kit.send('GET', `${OPS}/zombies?${query}`)).status).toBe(400)
  })
})

describe('POST /api/v1/ops/zombies/fix', () => {
  test('changes exactly one row although all that it compares with is null', async () => {
    const { store } = kit.platform
    const executionId = await insertRunning({ claim: 4, attempt: 0 })
    const nulls = 'heartbeat_at is null and lease_expires_at is null and lease_owner is null and error_message is null'
    const before = await store.query(`select from data_pipeline_task_executions where ${nulls}`)
    expect(before.rowCount).toBe(1)
    const answer = await kit.send('POST', `${OPS}/zombies/fix`, { body: { reason: 'it went round for ever' } })
    expect(await answer.json()).toMatchObject({
      success: true,
      data: { found: 1, fixed: [{ execution_id: executionId, action: 'resend' }] },
    })
    expect(kit.platform.sent.at(-1)).toMatchObject({ function: 'ddl-generation', body: { execution_id: executionId } })
    expect(await (await kit.send('POST', `${OPS}/zombies/fix`)).json()).toMatchObject({ data: { found: 0, fixed: [] } })
    expect(await kit.read(`${OPS}/zombies`)).toEqual({ zombie_tasks: [], status: 'clean' })
    expect(await kit.read(`${OPS}/audit?action=zombie.fixed`)).toMatchObject({
      data: { entries: [{ target: executionId, reason: 'it went round for ever', before: { claim: 4 } }] },
    })
  })

  test('fails one whose attempts are used up, in the words of the specification', async () => {
    await insertRunning({ heartbeatAt: ago(600), leaseExpiresAt: ago(570), attempt: 2 })
    const answer = await kit.send('POST', `${OPS}/zombies/fix`)
    expect(await answer.json()).toMatchObject({ data: { fixed: [{ action: 'fail' }] } })
    const { rows } = await kit.platform.store.query('select status, error_message from data_pipeline_task_executions')
    expect(rows).toEqual([{ status: 'failed', error_message: '任务超时，可能已停止运行' }])
  })
})

describe('dead messages', () => {
  test('are listed page by page, the newest first, and sent again one by one', async () => {
    letters.push(...['1', '2', '3'].map(letter))
    const first = await kit.read<{ data: { dead_letters: { id: string }[]; next_cursor: string } }>(
      `${OPS}/dead-letters?limit=2`,
    )
    expect(first.data.dead_letters).toMatchObject([{ id: '3', reason: 'answered 422' }, { id: '2' }])
    const rest = await kit.read(`${OPS}/dead-letters?limit=2&cursor=${first.data.next_cursor}`)
    expect(rest).toMatchObject({ data: { dead_letters: [{ id: '1' }], next_cursor: null } })
    const again = await kit.send('POST', `${OPS}/dead-letters/2/redrive`, { body: { reason: 'mended' } })
    expect(await again.json()).toMatchObject({ data: { id: '2', function: 'qa-generation' } })
    expect((await kit.send('POST', `${OPS}/dead-letters/2/redrive`)).status).toBe(404)
    expect(await kit.read(`${OPS}/audit?action=dead_letter.redriven`)).toMatchObject({
      data: { entries: [{ target: 'e2', reason: 'mended' }], next_cursor: null },
    })
    letters.length = 0
  })
})

function letter(id: string): DeadLetter {
  const message = { function: 'qa-generation', body: { execution_id: `e${id}`, claim: 1 } }
  return { id, message, reason: 'answered 422', attempt: 1, deliveries: 1, diedAt: ago(60) }
}
