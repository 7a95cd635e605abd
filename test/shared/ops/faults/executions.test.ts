import { beforeEach, describe, expect, test } from 'vitest'
import { crashedRunner } from '../../../../shared/ops/faults/crashed-runner.ts'
import { zombieExecutions } from '../../../../shared/ops/faults/dirty-data-e.ts'
import { lapsedLease } from '../../../../shared/ops/faults/lapsed-lease.ts'
import { lostMessage } from '../../../../shared/ops/faults/lost-message.ts'
import { stuckTask } from '../../../../shared/ops/faults/stuck-task.ts'
import { REPAIRS } from '../../../../shared/ops/repairs/all.ts'
import { engineKit, gate, newRun, stepsWith } from '../../../support/engine-kit.ts'
import { incidentsIn, repairSent, round } from '../../../support/incident-kit.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
let platform: TestPlatform
beforeEach(async () => {
  platform = await kit.open({ functions: stepsWith() })
})

const FAULTS = [crashedRunner, lapsedLease, lostMessage, stuckTask]
const incidents = () => incidentsIn(kit.store)
const check = () => round(platform, REPAIRS, FAULTS)

/** Every row of the store that a repair might touch, but of one task. */
async function othersOf(taskId: string): Promise<unknown> {
  const { rows } = await kit.store.query(
    `select (select jsonb_agg(to_jsonb(t) order by id) from data_pipeline_tasks t where id <> $1) as tasks,
            (select jsonb_agg(to_jsonb(e) order by id) from data_pipeline_task_executions e where task_id <> $1) as executions`,
    [taskId],
  )
  return rows[0]
}

async function execution(taskId: string) {
  const { rows } = await kit.store.query<{ status: string; claim: number; attempt: number; execution_id: string }>(
    'select execution_id, status, claim, attempt from data_pipeline_task_executions where task_id = $1 order by id',
    [taskId],
  )
  return rows[0]
}

/** A second task of another source, whose worker reports: it must stay as it is. */
async function healthyRun(): Promise<string> {
  const { task } = await newRun(platform, { source: 'other' })
  await kit.store.query(
    `update data_pipeline_task_executions
        set lease_owner = 'test:healthy', claim = 1, heartbeat_at = $2::timestamptz + interval '1 hour', lease_expires_at = $2::timestamptz + interval '2 hours',
            deadline_at = $2::timestamptz + interval '9 hours', started_at = $2::timestamptz + interval '1 hour'
      where task_id = $1`,
    [task.id, platform.clock.now()],
  )
  return task.id
}

describe('lost_message', () => {
  test('a message that was removed is sent again, and verified once somebody has come for the work', async () => {
    await healthyRun()
    const { task } = await newRun(platform)
    platform.sent.splice(0)
    await platform.clock.advance(45_000)
    const others = await othersOf(task.id)
    await round({ ...platform, sent: [] }, REPAIRS, FAULTS)
    expect(await incidents()).toMatchObject([
      { fault: 'lost_message', status: 'repairing', rule: 'message-never-arrived', repair: 'resend-message' },
    ])
    const [first] = platform.sent.splice(0)
    await repairSent({ ...platform, sent: first === undefined ? [] : [first] }, REPAIRS)
    expect(await incidents()).toMatchObject([{ status: 'repairing', verdict: 'unknown', outcome: { changed: true } }])
    const work = platform.sent.find(({ function: name }) => name === 'ddl-generation')
    const again = platform.sent.find(({ function: name }) => name === 'repair-incident')
    platform.sent.splice(0)
    expect((await platform.dispatch(work ?? { function: '', body: null })).status).toBe(200)
    await platform.clock.advance(5_000)
    await repairSent({ ...platform, sent: again === undefined ? [] : [again] }, REPAIRS)
    expect(await incidents()).toMatchObject([{ status: 'verified', verdict: 'fixed' }])
    expect(await othersOf(task.id)).toEqual(others)
  })

  test('a run that waits because every runner is full is no fault', async () => {
    for (const source of ['one', 'two']) {
      const { task } = await newRun(platform, { source })
      await kit.store.query(
        `update data_pipeline_task_executions set lease_owner = 'test:busy', claim = 1, heartbeat_at = $2::timestamptz + interval '1 hour', lease_expires_at = $2::timestamptz + interval '1 hour' where task_id = $1`,
        [task.id, platform.clock.now()],
      )
    }
    const { task } = await newRun(platform)
    await kit.store.query(
      `update data_pipeline_task_executions set status = 'running', started_at = $2, lease_expires_at = $2 where task_id = $1`,
      [task.id, platform.clock.now()],
    )
    platform.sent.splice(0)
    await platform.clock.advance(120_000)
    await round(platform, REPAIRS, [...FAULTS, zombieExecutions])
    expect(await incidents()).toEqual([])
    await kit.store.query(`delete from data_pipeline_task_executions where lease_owner = 'test:busy'`)
    expect((await zombieExecutions.detect(platform)).ill).toMatchObject([{ id: task.id }])
  })
})

describe('lapsed_lease', () => {
  test('a run whose worker died is taken over, and no other', async () => {
    await healthyRun()
    const { task } = await newRun(platform)
    platform.sent.splice(0)
    await kit.store.query(
      `update data_pipeline_task_executions set lease_owner = 'test:dead', claim = claim + 1, heartbeat_at = $2, lease_expires_at = $2 where task_id = $1`,
      [task.id, platform.clock.now()],
    )
    const before = await execution(task.id)
    await platform.clock.advance(1_000)
    const others = await othersOf(task.id)
    await check()
    expect(await incidents()).toMatchObject([
      { fault: 'lapsed_lease', status: 'verified', repair: 'take-over-lease', outcome: { changed: true } },
    ])
    expect(await execution(task.id)).toMatchObject({ status: 'queued', claim: (before?.claim ?? 0) + 1, attempt: 1 })
    expect(await othersOf(task.id)).toEqual(others)
  })

  test('a takeover that a trigger undoes is noticed and escalated', async () => {
    const { task } = await newRun(platform)
    await kit.store.query(
      `update data_pipeline_task_executions set lease_owner = 'test:dead', claim = claim + 1, heartbeat_at = $2, lease_expires_at = $2 where task_id = $1`,
      [task.id, platform.clock.now()],
    )
    await kit.store.query('create function undo() returns trigger language plpgsql as $$ begin return old; end $$')
    await kit.store.query(
      'create trigger undo before update on data_pipeline_task_executions for each row execute function undo()',
    )
    try {
      for (let rounds = 0; rounds < 3; rounds++) {
        await platform.clock.advance(60_000)
        await check()
      }
    } finally {
      await kit.store.query('drop trigger undo on data_pipeline_task_executions')
      await kit.store.query('drop function undo')
    }
    expect(await incidents()).toMatchObject([
      { fault: 'lapsed_lease', status: 'escalated', attempts: 2, verdict: 'not_fixed' },
    ])
  })
})

describe('crashed_runner', () => {
  test('what a runner that is gone still holds is taken over before its leases lapse', async () => {
    const healthy = await healthyRun()
    const { task } = await newRun(platform)
    const now = platform.clock.now()
    await kit.store.query(
      `update data_pipeline_task_executions set lease_owner = 'test:gone', claim = claim + 1, heartbeat_at = $2, lease_expires_at = $2::timestamptz + interval '30 seconds' where task_id = $1`,
      [task.id, now],
    )
    platform.sent.splice(0)
    await platform.clock.advance(15_000)
    await check()
    expect(await incidents()).toEqual([])
    await platform.clock.advance(6_000)
    const others = await othersOf(task.id)
    await check()
    expect(await incidents()).toMatchObject([
      {
        fault: 'crashed_runner',
        target: 'test:gone',
        status: 'verified',
        outcome: { summary: { en: '1 executions were taken over' } },
      },
    ])
    expect(await execution(task.id)).toMatchObject({ status: 'queued', attempt: 1 })
    expect(await othersOf(task.id)).toEqual(others)
    expect((await execution(healthy))?.status).toBe('running')
  })

  test('is taken over, too, where its last sign of life was written to the microsecond', async () => {
    const { task } = await newRun(platform)
    await kit.store.query(
      `update data_pipeline_task_executions
          set lease_owner = 'test:gone', claim = claim + 1, heartbeat_at = $2::timestamptz + interval '789 microseconds',
              lease_expires_at = $2::timestamptz + interval '1 hour'
        where task_id = $1`,
      [task.id, platform.clock.now()],
    )
    await platform.clock.advance(60_000)
    await check()
    expect(await incidents()).toMatchObject([
      { fault: 'crashed_runner', status: 'verified', attempts: 0, outcome: { changed: true } },
    ])
    expect(await execution(task.id)).toMatchObject({ status: 'queued', attempt: 1 })
  })

  test('a takeover that a trigger undoes is not called fixed', async () => {
    const { task } = await newRun(platform)
    await kit.store.query(
      `update data_pipeline_task_executions
          set lease_owner = 'test:gone', claim = claim + 1, heartbeat_at = $2, lease_expires_at = $2::timestamptz + interval '1 hour'
        where task_id = $1`,
      [task.id, platform.clock.now()],
    )
    await kit.store.query(`
      create function refuse() returns trigger language plpgsql as 'begin return null; end';
      create trigger refuse before update on data_pipeline_task_executions for each row execute function refuse()`)
    await platform.clock.advance(60_000)
    for (let rounds = 0; rounds < 3; rounds++) {
      await check()
      await platform.clock.advance(5_000)
    }
    expect(await incidents()).toMatchObject([{ fault: 'crashed_runner', status: 'escalated', verdict: 'not_fixed' }])
    await kit.store.query('drop function refuse cascade')
  })
})

describe('stuck_task', () => {
  test('a run that goes on after its deadline is taken from its worker, which can change nothing any more', async () => {
    const held = gate()
    const slow = await kit.open({
      functions: stepsWith({
        ddl_generation: async () => {
          await held.passed
          return { result: {}, required: [] }
        },
      }),
      workerId: 'test:slow',
    })
    const { task } = await newRun(slow)
    const [message] = slow.sent.splice(0)
    const working = slow.dispatch(message ?? { function: '', body: null })
    for (let waits = 0; (await execution(task.id))?.claim !== 1 && waits < 50; waits++) await slow.clock.advance(0)
    await kit.store.query(
      `update data_pipeline_task_executions set deadline_at = $2::timestamptz - interval '2 minutes', started_at = $2::timestamptz - interval '1 hour', heartbeat_at = $2, lease_expires_at = $2::timestamptz + interval '30 seconds' where task_id = $1`,
      [task.id, platform.clock.now()],
    )
    await check()
    expect(await incidents()).toMatchObject([
      { fault: 'stuck_task', status: 'verified', rule: 'past-deadline', repair: 'end-overdue-execution' },
    ])
    expect(await execution(task.id)).toMatchObject({ status: 'queued', attempt: 1 })
    held.open()
    expect((await working).status).toBe(409)
    expect(await execution(task.id)).toMatchObject({ status: 'queued', attempt: 1 })
  })

  test('a deadline that was written to the microsecond is heeded as well', async () => {
    const { task } = await newRun(platform)
    await kit.store.query(
      `update data_pipeline_task_executions
          set lease_owner = 'test:slow', claim = 1, started_at = $2, heartbeat_at = $2,
              lease_expires_at = $2::timestamptz + interval '1 hour', deadline_at = $2::timestamptz - interval '120.000789 seconds'
        where task_id = $1`,
      [task.id, platform.clock.now()],
    )
    await check()
    expect(await incidents()).toMatchObject([{ fault: 'stuck_task', status: 'verified', outcome: { changed: true } }])
    expect(await execution(task.id)).toMatchObject({ status: 'queued', attempt: 1 })
  })

  test('a run that reports but gets nowhere is left to a person, and is over once it moves', async () => {
    const { task } = await newRun(platform)
    await kit.store.query(
      `update data_pipeline_task_executions set lease_owner = 'test:slow', claim = 1, heartbeat_at = $2, lease_expires_at = $2::timestamptz + interval '1 day', started_at = $2::timestamptz - interval '40 minutes' where task_id = $1`,
      [task.id, platform.clock.now()],
    )
    await check()
    const [incident] = await incidents()
    expect(incident).toMatchObject({ fault: 'stuck_task', rule: 'no-progress', repair: null, status: 'escalated' })
    await kit.store.query(
      `insert into task_checkpoints (task_id, step, item, value, execution_id, claim, created_at) values ($1, 'ddl_generation', 'a', '1', 'e', 1, $2)`,
      [task.id, platform.clock.now()],
    )
    for (let rounds = 0; rounds < 3; rounds++) {
      await kit.store.query('update data_pipeline_task_executions set heartbeat_at = $1', [
        new Date(platform.clock.now().getTime() + 60_000),
      ])
      await platform.clock.advance(60_000)
      await check()
    }
    expect(await incidents()).toMatchObject([{ status: 'verified' }])
  })
})
