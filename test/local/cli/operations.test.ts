import { afterEach, describe, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { main } from '../../../local/cli/main.ts'
import { raiseAlert } from '../../../shared/ops/alerts/alerts.ts'
import { openAlertReceiver } from '../../support/alert-receiver.ts'
import { engineKit } from '../../support/engine-kit.ts'
import { type FakeRunner, openFakeRunner } from '../../support/fake-api.ts'
import { fakeWorld } from '../../support/fake-world.ts'
import { breakLamps, insertLamps, lightLamp, round } from '../../support/incident-kit.ts'
import type { TestPlatform } from '../../support/test-platform.ts'

const kit = engineKit()
const app = createApp(FUNCTIONS)
const open: FakeRunner[] = []
afterEach(async () => {
  for (const runner of open.splice(0)) await runner.close()
})

/** The command line over the real functions, on the test's store. */
async function helixOn(platform: TestPlatform, ...argv: string[]) {
  const runner = await openFakeRunner({ fetch: (request) => app.fetch(request, { platform }) })
  open.push(runner)
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir })
  const code = await main(argv, world)
  return { code, ...world.written() }
}
const helix = async (...argv: string[]) => await helixOn(await kit.open(), ...argv)

async function insertAlert(): Promise<void> {
  const { clock } = await kit.open()
  const message = { zh: '磁盘将满', en: 'The disk is nearly full' }
  await raiseAlert(kit.store, { rule: 'disk_high', severity: 'P1', message, value: 0.97 }, clock.now())
}

describe('helix alerts', () => {
  test('says that there are none, and lists those that there are in the language asked for', async () => {
    expect(await helix('alerts')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('no alerts') })
    await insertAlert()
    expect((await helix('alerts')).out).toMatch(/P1\s+firing\s+.*disk_high\s+The disk is nearly full/)
    expect((await helix('alerts', '--lang', 'zh')).out).toMatch(/P1\s+告警中\s+.*磁盘将满/)
    expect(JSON.parse((await helix('alerts', 'list', '--status', 'resolved', '--json')).out)).toEqual([])
  })

  test('ack and silence change the alert that is named, and why says what came of it', async () => {
    await insertAlert()
    const [{ id }] = JSON.parse((await helix('alerts', '--json')).out) as [{ id: number }]
    expect(await helix('alerts', 'ack', String(id))).toMatchObject({ code: 0, out: `Alert ${id} is acknowledged\n` })
    expect((await helix('alerts', 'silence', String(id), '--minutes', '30', '--reason', 'known')).out).toContain(
      `Alert ${id} is silenced until 2025-06-27`,
    )
    expect((await helix('alerts', 'why', String(id))).out).toMatch(/webhook\s+/)
    const { rows } = await kit.store.query('select status, acknowledged_by from alerts')
    expect(rows).toMatchObject([{ status: 'silenced' }])
  })

  test('of a number that nobody knows ends with an error that names it', async () => {
    const { code, err } = await helix('alerts', 'ack', '4711')
    expect(code).not.toBe(0)
    expect(err).toContain('4711')
  })

  test('rules shows each with its threshold', async () => {
    expect((await helix('alerts', 'rules')).out).toMatch(/health_failing\s+P0/)
  })

  test('a test message goes to a channel, and the command fails where none is configured', async () => {
    expect((await helix('alerts', 'test')).code).toBe(1)
    await using receiver = await openAlertReceiver()
    const platform = await kit.open()
    const config = { ...platform.config, HELIX_ALERT_SLACK_URL: receiver.url }
    const told = await helixOn({ ...platform, config }, 'alerts', 'test', '--channel', 'slack')
    expect(told).toMatchObject({ code: 0, out: expect.stringMatching(/slack\s+sent/) })
    expect(receiver.received).toHaveLength(1)
  })
})

describe('helix health', () => {
  test('names what is open and ends with 0 as long as Helix is not unhealthy', async () => {
    await insertAlert()
    const { code, out } = await helix('health')
    expect(code).toBe(0)
    expect(out).toContain('The disk is nearly full')
    expect(JSON.parse((await helix('health', '--json')).out)).toMatchObject({
      alerts: [{ rule: 'disk_high', severity: 'P1' }],
    })
  })

  test('ends with 1 where a component that all depend on is unhealthy', async () => {
    const { clock } = await kit.open()
    await kit.store.query(
      `insert into component_health (component, status, reading, readings, checked_at, changed_at) values ('files', 'unhealthy', 'unhealthy', 3, $1, $1)`,
      [clock.now()],
    )
    const { code, out } = await helix('health', '--lang', 'zh')
    expect([code, out]).toEqual([1, expect.stringContaining('异常')])
  })
})

describe('helix incidents', () => {
  test('lists, shows and asks for the repair of one that waits for a person', async () => {
    const platform = await kit.open()
    expect((await helix('incidents')).err).toContain('no incidents')
    await insertLamps(kit.store, 10)
    await breakLamps(kit.store, 2)
    const useless = {
      ...lightLamp(() => 'not_fixed'),
      run: async () => ({ changed: false, summary: { zh: '无效', en: 'In vain' } }),
    }
    for (let times = 0; times < 3; times++) {
      await round(platform, [useless])
      await platform.clock.advance(60_000)
    }
    expect((await helix('incidents', '--open')).out).toMatch(/P2\s+dark_lamp\s+escalated\s+lamp:2/)
    const [{ id }] = JSON.parse((await helix('incidents', '--status', 'escalated', '--json')).out) as [{ id: number }]
    const { out } = await helix('incidents', 'show', String(id))
    for (const text of ['dark_lamp (P2, component)', 'light-lamp', 'In vain']) expect(out).toContain(text)
    expect((await helix('incidents', 'show', String(id), '--lang', 'zh')).out).toContain('需人工处理')
    expect(await helix('incidents', 'repair', String(id))).toMatchObject({
      code: 0,
      out: expect.stringContaining(`helix incidents show ${id}`),
    })
    const { rows } = await kit.store.query('select status, asked_by is not null as asked from incidents')
    expect(rows).toEqual([{ status: 'repairing', asked: true }])
  })

  test('refuses what is no number, before anything is asked', async () => {
    const { code, err } = await helix('incidents', 'show', 'x1')
    expect(code).not.toBe(0)
    expect(err).toContain('"x1"')
  })
})
