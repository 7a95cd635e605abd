import { afterAll, expect, test } from 'vitest'
import { raiseAlert } from '../../../shared/ops/alerts/alerts.ts'
import { checkAlerts } from '../../../shared/ops/alerts/check-alerts.ts'
import { saveReadings } from '../../../shared/ops/health/component-state.ts'
import { readComponents } from '../../../shared/ops/health/components.ts'
import { flushRequests } from '../../../shared/platform/flush-requests.ts'
import { type AlertReceiver, openAlertReceiver } from '../../support/alert-receiver.ts'
import { functionKit } from '../../support/function-kit.ts'
import { insertTask } from '../../support/store-factory.ts'

let receiver: AlertReceiver
const kit = functionKit(async () => {
  receiver = await openAlertReceiver()
  return { env: { HELIX_ALERT_WEBHOOK_URL: `${receiver.url}/hook` } }
})
afterAll(() => receiver[Symbol.asyncDispose]())

const EN = { headers: { 'accept-language': 'en' } }
const message = { zh: 'CPU 使用率 91.0 %', en: 'CPU use: 91.0 %' }

async function raised(): Promise<number> {
  const { store, clock } = kit.platform
  await raiseAlert(
    store,
    { rule: 'cpu_high', severity: 'P2', component: 'machine', message, responseMinutes: 30 },
    clock.now(),
  )
  const { data } = await kit.read<{ data: { alerts: { id: number }[] } }>('/api/v1/alerts')
  return data.alerts[0]?.id ?? 0
}

/** So many tasks that ended well, and so many that did not. */
async function ended(good: number, bad: number): Promise<void> {
  const completedAt = kit.platform.clock.now()
  for (let task = 0; task < good + bad; task++) {
    const id = `task_20250627_${String(100_000 + task)}`
    await insertTask(kit.platform.store, { id, status: task < good ? 'completed' : 'failed', completedAt })
  }
}

test('an alert says in the language of its reader what is wrong, and by when somebody should see to it', async () => {
  await raised()
  const zh = await kit.read<{ data: { alerts: object[] } }>('/api/v1/alerts')
  expect(zh.data.alerts).toMatchObject([
    { rule: 'cpu_high', message: message.zh, response_minutes: 30, respond_by: '2025-06-27T15:00:52' },
  ])
  const en = await kit.read<{ data: { alerts: object[] } }>('/api/v1/alerts', EN)
  expect(en.data.alerts).toMatchObject([{ message: message.en }])
})

test('who acknowledges or silences an alert is in the audit log, with the reason', async () => {
  const id = await raised()
  expect((await kit.send('POST', `/api/v1/alerts/${id}/ack`)).status).toBe(200)
  const silenced = await kit.send('POST', `/api/v1/alerts/${id}/silence`, {
    body: { minutes: 5, reason: 'maintenance' },
  })
  expect(await silenced.json()).toMatchObject({
    message: '告警已静默',
    data: { silenced_until: '2025-06-27T14:35:52' },
  })
  expect((await kit.send('DELETE', '/api/v1/alerts')).status).toBe(200)
  const { rows } = await kit.platform.store.query('select action, target, reason from audit_log order by id')
  expect(rows).toEqual([
    { action: 'alert.acknowledged', target: `alert:${id}`, reason: null },
    { action: 'alert.silenced', target: `alert:${id}`, reason: 'maintenance' },
    { action: 'alerts.cleared', target: 'alerts', reason: null },
  ])
})

test('an alert that is told says on which channels, and of the others why not', async () => {
  const id = await raised()
  const read = async () => {
    const path = `/api/v1/alerts/${id}/deliveries`
    return (await kit.read<{ data: { channels: object[]; deliveries: object[] } }>(path, EN)).data
  }
  expect((await read()).channels).toMatchObject([{ channel: 'webhook', state: 'waiting' }, {}, {}, {}])
  await kit.send('POST', `/api/v1/alerts/${id}/ack`)
  expect((await read()).channels).toMatchObject([
    { state: 'acknowledged', reason: 'Acknowledged by anonymous' },
    {},
    {},
    {},
  ])
  expect((await kit.send('GET', '/api/v1/alerts/999/deliveries')).status).toBe(404)
})

test('a test message reaches the channels that are configured', async () => {
  receiver.received.length = 0
  const answer = await kit.send('POST', '/api/v1/alerts/test', { body: {} })
  expect(await answer.json()).toMatchObject({
    data: { channels: [{ channel: 'webhook', state: 'sent' }, { channel: 'slack', state: 'not_configured' }, {}, {}] },
  })
  expect(receiver.received[0]?.headers['x-helix-event']).toBe('alerts.test')
})

test('a rule that wants three checks in a row heeds three, and forgets those before one that is well', async () => {
  const rule = { for_samples: 3, response_minutes: 10 }
  const answer = await kit.send('PUT', '/api/v1/alerts/rules/task_failures_high', { body: rule })
  expect(await answer.json()).toMatchObject({ data: { metric: 'task_failure_rate', threshold: 0.05, ...rule } })
  await ended(9, 1)
  const raisedAt: number[] = []
  for (let check = 1; check <= 3; check++) {
    const { raised: count } = await checkAlerts(kit.platform)
    await checkAlerts(kit.platform) // another runner, in the same tick
    raisedAt.push(count)
    await kit.platform.clock.advance(5 * 60_000)
  }
  expect(raisedAt).toEqual([0, 0, 1])
  const { data } = await kit.read<{ data: { alerts: object[] } }>('/api/v1/alerts', EN)
  expect(data.alerts).toMatchObject([
    { severity: 'P1', component: 'tasks', message: expect.stringContaining('Failed tasks: 10.0 % (threshold > 5.0 %') },
  ])
})

test('any output that does not fit its schema, slow answers and busy processors raise what the handbook says', async () => {
  const { store, clock, requests } = kit.platform
  await store.query(
    `insert into sandbox_runs (node_name, origin, success, exit_code, error_code, duration_ms, created_at)
     values ('growth', 'workflow', false, 4, 'output_mismatch', 1, $1)`,
    [clock.now()],
  )
  for (let request = 0; request < 100; request++) {
    requests.add({ method: 'GET', route: '/api/v1/alerts', status: '2xx' }, request < 97 ? 0.02 : 2)
  }
  await flushRequests(kit.platform)
  for (let minute = 3; minute > 0; minute--) {
    await store.query(
      `insert into metric_samples (metric, at, value, instance) values ('cpu_share', $1, 0.95, 'host')`,
      [new Date(clock.now().getTime() - minute * 60_000)],
    )
  }
  await clock.advance(1_000)
  await checkAlerts(kit.platform)
  const { data } = await kit.read<{ data: { alerts: { rule: string; severity: string; response_minutes: number }[] } }>(
    '/api/v1/alerts',
  )
  const told = data.alerts.map(({ rule, severity, response_minutes: minutes }) => `${rule} ${severity} ${minutes}`)
  expect(told.toSorted()).toEqual(['cpu_high P2 30', 'http_p99_high P1 15', 'schema_validation_failed P2 60'])
})

test('the health of the system tells components and open alerts, and its own 503 makes nothing ill', async () => {
  await raised()
  for (let request = 0; request < 20; request++) {
    kit.platform.requests.add({ method: 'GET', route: '/api/v1/health', status: '5xx' }, 0.01)
  }
  await flushRequests(kit.platform)
  await kit.platform.clock.advance(1_000)
  await saveReadings(kit.platform.store, await readComponents(kit.platform), kit.platform.clock.now())
  const answer = await kit.send('GET', '/api/v1/health/system')
  expect(answer.status).toBe(200)
  const body = (await answer.json()) as object
  expect(Object.keys(body)).toEqual(['overall_status', 'alerts', 'components'])
  expect(body).toMatchObject({
    overall_status: 'healthy',
    alerts: [{ rule: 'cpu_high' }],
    components: { database: 'healthy', api: 'healthy', queue: 'healthy', scheduler: 'healthy' },
  })
  expect(await (await kit.send('GET', '/api/v1/health')).text()).toBe(
    '{"status":"healthy","components":{"database":"healthy","api":"healthy"}}',
  )
})
