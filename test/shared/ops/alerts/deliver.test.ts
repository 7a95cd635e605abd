import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { asLeader } from '../../../../shared/engine/leader.ts'
import {
  acknowledgeAlert,
  listAlerts,
  raiseAlert,
  resolveAlert,
  silenceAlert,
} from '../../../../shared/ops/alerts/alerts.ts'
import { deliverAlerts } from '../../../../shared/ops/alerts/deliver.ts'
import { takeMessages } from '../../../../shared/ops/alerts/deliveries.ts'
import { reportDeliveries } from '../../../../shared/ops/alerts/delivery-report.ts'
import type { Letter } from '../../../../shared/platform/mail.ts'
import type { Severity } from '../../../../shared/platform/problems.ts'
import { type AlertReceiver, openAlertReceiver } from '../../../support/alert-receiver.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import type { TestPlatform, TestPlatformOptions } from '../../../support/test-platform.ts'

const HOUR_MS = 60 * 60_000
const kit = engineKit()
let receiver: AlertReceiver

beforeAll(async () => {
  receiver = await openAlertReceiver()
})
afterAll(() => receiver[Symbol.asyncDispose]())
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer(200, 'ok')
})

const open = (env: Record<string, string> = {}, options: TestPlatformOptions = {}) =>
  kit.open({ env: { HELIX_ALERT_WEBHOOK_URL: `${receiver.url}/hook`, ...env }, ...options })

async function raise(platform: TestPlatform, rule: string, severity: Severity = 'P1', component = 'api') {
  const message = { zh: `${rule} 超过阈值`, en: `${rule} is past its threshold` }
  await raiseAlert(platform.store, { rule, severity, component, message, value: 1 }, platform.clock.now())
  const { alerts } = await listAlerts(platform.store, undefined, 1, null)
  const [alert] = alerts
  if (alert === undefined) throw new Error('The alert was not raised')
  return alert
}

interface Payload {
  readonly event: string
  readonly message_id: string
  readonly alerts: readonly { readonly rule: string }[]
}
const payloads = () => receiver.received.map(({ text }) => JSON.parse(text) as Payload)

describe('an alert is told', () => {
  test('once a channel and day over 100 leaders of eight processes, and again the next day', async () => {
    const clock = manualClock()
    const runners = await Promise.all(
      Array.from({ length: 8 }, (_, number) => open({}, { clock, workerId: `runner${number}:1` })),
    )
    const [first] = runners
    if (first === undefined) throw new Error('There are eight')
    await raise(first, 'http_p99_high')
    for (let change = 0; change < 100; change++) {
      const pair = [runners[change % 8], runners[(change * 3 + 1) % 8]].filter((runner) => runner !== undefined)
      await Promise.all(pair.map((runner) => asLeader(runner, `lead-${change}`, () => deliverAlerts(runner))))
      await Promise.all(pair.map((runner) => deliverAlerts(runner)))
      await clock.advance(14 * 60_000) // a hundred of them take 23 hours and 20 minutes
    }
    expect(payloads().map(({ event, alerts }) => [event, alerts.map(({ rule }) => rule)])).toEqual([
      ['firing', ['http_p99_high']],
    ])
    await clock.advance(HOUR_MS)
    await Promise.all(runners.map((runner) => deliverAlerts(runner)))
    expect(receiver.received).toHaveLength(2)
  })

  test('by every channel that is configured, and by no other', async () => {
    const letters: Letter[] = []
    const mail = {
      send: async (letter: Letter) => {
        letters.push(letter)
      },
    }
    const env = {
      HELIX_ALERT_SLACK_URL: `${receiver.url}/slack`,
      HELIX_ALERT_EMAIL_TO: 'anna@example.com',
      HELIX_SMTP_URL: 'smtp://127.0.0.1:1',
    }
    const platform = await open(env, { mail })
    const alert = await raise(platform, 'cpu_high', 'P2', 'machine')
    expect(await deliverAlerts(platform)).toEqual({ sent: 3, failed: 0 })
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/slack'])
    expect(JSON.parse(receiver.received[1]?.text ?? '')).toEqual({
      text: `[Helix] 告警 P2 · 主机\nP2 cpu_high (#${alert.id}): cpu_high 超过阈值；2025-06-27 14:30:52 开始，请在 60 分钟内响应`,
    })
    expect(letters).toMatchObject([{ to: 'anna@example.com', subject: '[Helix] 告警 P2 · 主机' }])
    const { channels } = await reportDeliveries(platform, alert)
    expect(channels.map(({ channel, state }) => [channel, state])).toEqual([
      ['webhook', 'sent'],
      ['slack', 'sent'],
      ['dingtalk', 'not_configured'],
      ['email', 'sent'],
    ])
  })

  test('together with those of the same component, in one message', async () => {
    const platform = await open()
    await raise(platform, 'http_p99_high')
    await raise(platform, 'http_errors_high')
    await raise(platform, 'cpu_high', 'P2', 'machine')
    expect(await deliverAlerts(platform)).toEqual({ sent: 2, failed: 0 })
    expect(payloads().map(({ alerts }) => alerts.map(({ rule }) => rule))).toEqual([
      ['http_p99_high', 'http_errors_high'],
      ['cpu_high'],
    ])
  })

  test('to have ended, once, to whom its beginning was told', async () => {
    const platform = await open()
    await raise(platform, 'http_p99_high')
    await deliverAlerts(platform)
    await platform.clock.advance(60_000)
    await resolveAlert(platform.store, 'http_p99_high', platform.clock.now())
    await Promise.all([deliverAlerts(platform), deliverAlerts(platform)])
    await deliverAlerts(platform)
    expect(payloads().map(({ event }) => event)).toEqual(['firing', 'resolved'])
  })

  test('again within a day only when it is P0 and its end was told', async () => {
    const platform = await open()
    for (const severity of ['P0', 'P1'] as const) {
      receiver.received.length = 0
      for (let time = 0; time < 3; time++) {
        const alert = await raise(platform, `flapping_${severity}`, severity)
        await deliverAlerts(platform)
        if (severity === 'P1' && time > 0) {
          const { channels } = await reportDeliveries(platform, alert)
          expect(channels[0]).toMatchObject({
            state: 'repeated',
            reason: { zh: expect.stringContaining('24 小时内不重复') },
          })
        }
        await platform.clock.advance(60_000)
        await resolveAlert(platform.store, `flapping_${severity}`, platform.clock.now())
        await deliverAlerts(platform)
      }
      const events = payloads().map(({ event }) => event)
      expect(events.filter((event) => event === 'firing')).toHaveLength(severity === 'P0' ? 3 : 1)
    }
  })

  test('not while somebody sees to it or has silenced it, and says so', async () => {
    const platform = await open()
    const seen = await raise(platform, 'seen')
    await acknowledgeAlert(platform.store, seen.id, 'anna', platform.clock.now())
    const silenced = await raise(platform, 'silenced')
    const until = new Date(platform.clock.now().getTime() + HOUR_MS)
    await silenceAlert(platform.store, silenced.id, until)
    expect(await deliverAlerts(platform)).toEqual({ sent: 0, failed: 0 })
    const states = async (rule: string) => {
      const { alerts } = await listAlerts(platform.store, undefined, 50, null)
      const alert = alerts.find((one) => one.rule === rule)
      return alert === undefined ? [] : (await reportDeliveries(platform, alert)).channels.map(({ state }) => state)
    }
    expect((await states('seen'))[0]).toBe('acknowledged')
    expect((await states('silenced'))[0]).toBe('silenced')
    await platform.clock.advance(HOUR_MS + 1)
    await raise(platform, 'silenced') // the next check still finds it
    expect(await deliverAlerts(platform)).toEqual({ sent: 1, failed: 0 })
    expect((await states('silenced'))[0]).toBe('sent')
  })

  test('after a process died between taking and sending, under the same id', async () => {
    const platform = await open()
    await raise(platform, 'http_p99_high')
    const at = platform.clock.now()
    const taking = { channel: 'webhook', severities: ['P1'], at, prefix: 'x', takenBy: 'dead' } as const
    const leaseEndsAt = new Date(at.getTime() + 60_000)
    const [taken] = await platform.store.transaction((tx) => takeMessages(tx, { ...taking, leaseEndsAt }))
    expect(await deliverAlerts(platform)).toEqual({ sent: 0, failed: 0 })
    await platform.clock.advance(61_000)
    expect(await deliverAlerts(platform)).toEqual({ sent: 1, failed: 0 })
    expect(receiver.received[0]?.headers['idempotency-key']).toBe(taken?.messageId)
  })

  test('later, when its receiver fails, and never given up while it lasts', async () => {
    const platform = await open()
    const alert = await raise(platform, 'http_p99_high')
    receiver.answer(500, 'out of order')
    for (let hour = 0; hour < 12; hour++) {
      await deliverAlerts(platform)
      await platform.clock.advance(HOUR_MS)
    }
    const { channels } = await reportDeliveries(platform, alert)
    expect(channels[0]).toMatchObject({
      state: 'retrying',
      reason: { en: expect.stringContaining('HTTP 500: out of order') },
    })
    receiver.answer(200)
    expect(await deliverAlerts(platform)).toEqual({ sent: 1, failed: 0 })
    expect(new Set(payloads().map(({ message_id: id }) => id)).size).toBe(1)
  })
})

describe('a receiver', () => {
  test('can tell by its signature who has sent what when', async () => {
    const platform = await open({ HELIX_ALERT_WEBHOOK_SECRET: 'open sesame' })
    await raise(platform, 'http_p99_high')
    await deliverAlerts(platform)
    const [{ headers, text } = { headers: {} as Record<string, string>, text: '' }] = receiver.received
    const timestamp = headers['x-helix-timestamp']
    expect(Number(timestamp)).toBe(Math.floor(platform.clock.now().getTime() / 1000))
    const signature = createHmac('sha256', 'open sesame').update(`${timestamp}.${text}`).digest('hex')
    expect(headers['x-helix-signature']).toBe(`v1=${signature}`)
    expect(headers['x-helix-event']).toBe('alerts.firing')
  })

  test('is not followed to where it redirects', async () => {
    const platform = await open()
    const alert = await raise(platform, 'http_p99_high')
    receiver.answer(307, '', { location: `${receiver.url}/elsewhere` })
    expect(await deliverAlerts(platform)).toEqual({ sent: 0, failed: 1 })
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
    const { channels } = await reportDeliveries(platform, alert)
    expect(channels[0]?.reason.en).toContain('HTTP 307')
  })

  test('that is DingTalk is signed to, and its refusals with 200 are failures', async () => {
    const platform = await kit.open({
      env: {
        HELIX_ALERT_DINGTALK_URL: `${receiver.url}/robot/send?access_token=t0ken`,
        HELIX_ALERT_DINGTALK_SECRET: 'SEC123',
      },
    })
    const alert = await raise(platform, 'http_p99_high')
    receiver.answer(200, JSON.stringify({ errcode: 310000, errmsg: 'sign not match' }))
    expect(await deliverAlerts(platform)).toEqual({ sent: 0, failed: 1 })
    const address = new URL(receiver.received[0]?.path ?? '', receiver.url)
    const timestamp = address.searchParams.get('timestamp')
    const sign = createHmac('sha256', 'SEC123').update(`${timestamp}\nSEC123`).digest('base64')
    expect(Object.fromEntries(address.searchParams)).toEqual({ access_token: 't0ken', timestamp, sign })
    await platform.clock.advance(60_000)
    receiver.answer(200, JSON.stringify({ errcode: 130101, errmsg: 'send too fast' }))
    expect(await deliverAlerts(platform)).toEqual({ sent: 0, failed: 1 })
    await platform.clock.advance(9 * 60_000)
    expect(await deliverAlerts(platform)).toEqual({ sent: 0, failed: 0 }) // so long DingTalk refuses everything
    await platform.clock.advance(60_000)
    receiver.answer(200, JSON.stringify({ errcode: 0, errmsg: 'ok' }))
    expect(await deliverAlerts(platform)).toEqual({ sent: 1, failed: 0 })
    const { channels } = await reportDeliveries(platform, alert)
    expect(channels.find(({ channel }) => channel === 'dingtalk')?.state).toBe('sent')
    expect(JSON.stringify([platform.logged, await reportDeliveries(platform, alert)])).not.toMatch(/t0ken|SEC123/)
  })

  test('that is not there is told by its code alone', async () => {
    const gone = await openAlertReceiver()
    await gone[Symbol.asyncDispose]()
    const platform = await kit.open({ env: { HELIX_ALERT_SLACK_URL: `${gone.url}/services/s3cret` } })
    await raise(platform, 'http_p99_high')
    expect(await deliverAlerts(platform)).toEqual({ sent: 0, failed: 1 })
    expect(platform.logged.at(-1)).toMatchObject({
      event: 'alert.not_sent',
      fields: { reason: 'no connection (ECONNREFUSED)' },
    })
    expect(JSON.stringify(platform.logged)).not.toContain('s3cret')
  })
})
