import { expect, test } from 'vitest'
import { raiseAlert } from '../../../shared/ops/alerts/alerts.ts'
import { flushRequests } from '../../../shared/platform/flush-requests.ts'
import { functionKit } from '../../support/function-kit.ts'
import { insertExecution, insertTask } from '../../support/store-factory.ts'

const kit = functionKit()
const PATH = '/api/v1/dashboard'

test('the dashboard of an empty store knows that nothing was measured', async () => {
  kit.platform.requests.take()
  expect(await kit.read(PATH)).toMatchObject({
    success: true,
    data: {
      generated_at: '2025-06-27T14:30:52',
      overall_status: 'healthy',
      alerts: { P0: 0, P1: 0, P2: 0 },
      tasks: { by_status: {}, completed: 0, success_rate: null, mean_seconds: null },
      queue: { running: 0, ready: 0, waiting_for_room: 0, oldest_seconds: 0 },
      incidents: { open: 0, escalated: 0, repaired: 0, mean_repair_seconds: null },
      requests: { count: 0, p99_seconds: null },
    },
  })
})

test('the dashboard tells tasks, queue, incidents, alerts and requests apart', async () => {
  const { store, clock } = kit.platform
  const now = clock.now()
  kit.platform.requests.take()
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
  const times = { createdAt: ago(100), startedAt: ago(90), completedAt: ago(30) }
  await insertTask(store, { id: 'task_1', status: 'completed', ...times })
  await insertTask(store, { id: 'task_2', status: 'failed', ...times })
  await insertTask(store, { id: 'task_3', status: 'in_progress' })
  await insertExecution(store, { taskId: 'task_3', status: 'queued', createdAt: ago(40) })
  await raiseAlert(store, { rule: 'cpu_high', severity: 'P2', message: 'busy' }, now)
  await store.query(
    `insert into incidents (fault, target, severity, status, detected_at, seen_at, verified_at)
     values ('one', 'a', 'P1', 'escalated', $1, $1, null), ('one', 'b', 'P1', 'verified', $2, $1, $1)`,
    [now, ago(20)],
  )
  await kit.send('GET', '/api/v1/health')
  await kit.send('GET', '/api/v1/jobs')
  await flushRequests(kit.platform)
  await clock.advance(1_000)
  expect(await kit.read(PATH)).toMatchObject({
    data: {
      alerts: { P2: 1 },
      tasks: {
        by_status: { completed: 1, failed: 1, in_progress: 1 },
        completed: 1,
        failed: 1,
        success_rate: 0.5,
        mean_seconds: 60,
      },
      queue: { running: 0, ready: 1, waiting_for_room: 0, oldest_seconds: 41 },
      incidents: { open: 1, escalated: 1, repaired: 1, mean_repair_seconds: 20 },
      requests: { count: 1, errors: 0 },
    },
  })
})
