import { beforeEach, describe, expect, test } from 'vitest'
import { deliverAlerts } from '../../../../shared/ops/alerts/deliver.ts'
import { FAULTS } from '../../../../shared/ops/faults/all.ts'
import { escalationText } from '../../../../shared/ops/incidents/escalation-words.ts'
import type { FaultClass } from '../../../../shared/ops/incidents/fault.ts'
import { askForRepair } from '../../../../shared/ops/incidents/store.ts'
import { stormsIn } from '../../../../shared/ops/incidents/storm.ts'
import { REPAIRS } from '../../../../shared/ops/repairs/all.ts'
import { openAlertReceiver } from '../../../support/alert-receiver.ts'
import { insertCompletedTask } from '../../../support/dirty-data-kit.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { breakLamps, darkLamp, incidentsIn, insertLamps, lightLamp, round } from '../../../support/incident-kit.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
let platform: TestPlatform
beforeEach(async () => {
  platform = await kit.open()
})

const TASK = 'task_20250627_140000'
const ofA = FAULTS.filter(({ name }) => name === 'dirty_data_a')
const hopeless: FaultClass = {
  ...darkLamp,
  diagnose: async (_, { id }) => ({
    rule: 'no-bulb',
    explanation: { zh: `${id} 没有灯泡。`, en: `${id} has no bulb.` },
    repair: null,
  }),
}

function withChat(url: string): TestPlatform {
  return { ...platform, config: { ...platform.config, HELIX_ALERT_SLACK_URL: url } }
}

async function alerts() {
  const { rows } = await kit.store.query<{ rule: string; status: string; message: string; message_zh: string }>(
    'select rule, status, message, message_zh from alerts order by id',
  )
  return rows
}

describe('a fault that begins while another of its target waits for a person', () => {
  test('is an incident of its own: repaired, while the first stays open until its own cause is gone', async () => {
    await insertCompletedTask(platform)
    await platform.files.put(`${TASK}/car.ddl`, 'create table car ();')
    await round(platform, REPAIRS, ofA)
    expect(await incidentsIn(kit.store)).toMatchObject([{ status: 'escalated', rule: 'content-was-changed' }])
    await platform.clock.advance(60_000)
    await round(platform, REPAIRS, ofA)
    expect(await incidentsIn(kit.store)).toHaveLength(1)

    await platform.files.delete([`${TASK}/quality_report.json`])
    await platform.clock.advance(60_000)
    await round(platform, REPAIRS, ofA)
    expect(await incidentsIn(kit.store)).toMatchObject([
      { status: 'verified', rule: 'dirty-data-a', repair: 'clean-up-task' },
      { status: 'escalated', rule: 'content-was-changed' },
    ])
  })

  test('is told although the first was told before, and both are over by themselves', async () => {
    await using receiver = await openAlertReceiver()
    const heard = withChat(receiver.url)
    await insertLamps(kit.store, 30)
    await breakLamps(kit.store, 1, 2)
    await round(platform, [], [hopeless])
    await deliverAlerts(heard)
    await platform.clock.advance(60_000)
    await breakLamps(kit.store, 3)
    await round(platform, [], [hopeless])
    await deliverAlerts(heard)
    await deliverAlerts(heard)
    const told = receiver.received.map(({ text }) => text)
    expect(told).toHaveLength(2)
    expect(told[0]).toContain('另有 1 个')
    expect(told[1]).toContain('lamp:3')
    expect(await alerts()).toMatchObject([
      { rule: 'incident_dark_lamp', status: 'firing' },
      { rule: 'incident_dark_lamp', status: 'firing' },
    ])
    await kit.store.query(`update settings set value = 'true' where name in ('lamp:1', 'lamp:2')`)
    await platform.clock.advance(120_000)
    await round(platform, [], [hopeless])
    expect(await alerts()).toMatchObject([{ status: 'resolved' }, { status: 'firing' }])
  })

  test('makes no more than five messages of a kind, however many come one by one', async () => {
    await using receiver = await openAlertReceiver()
    const heard = withChat(receiver.url)
    await insertLamps(kit.store, 40)
    for (let number = 1; number <= 9; number++) {
      await breakLamps(kit.store, number)
      await round(platform, [], [hopeless])
      await deliverAlerts(heard)
    }
    expect(receiver.received).toHaveLength(5)
    const { rows } = await kit.store.query(`select value from alerts order by id`)
    expect(rows).toEqual([1, 1, 1, 1, 5].map((value) => ({ value })))
  })

  test('leaves the first alone where a person asks for it while the newer is under way', async () => {
    await insertLamps(kit.store, 10)
    let sign = 'one'
    const signed: FaultClass = {
      ...darkLamp,
      detect: async (on) => {
        const { ill, of } = await darkLamp.detect(on)
        return { of, ill: ill.map((target) => ({ ...target, facts: { signs: [sign] } })) }
      },
    }
    await breakLamps(kit.store, 4)
    const broken = {
      ...lightLamp(() => 'not_fixed'),
      run: async () => ({ changed: false, summary: { zh: '', en: '' } }),
    }
    for (let times = 0; times < 3; times++) {
      await round(platform, [broken], [signed])
      await platform.clock.advance(60_000)
    }
    sign = 'two'
    await round(platform, [broken], [signed])
    const [newer, first] = await incidentsIn(kit.store)
    expect([newer?.status, first?.status]).toEqual(['diagnosed', 'escalated'])
    expect(await askForRepair(kit.store, first?.id ?? 0, 'somebody', platform.clock.now())).toMatchObject({
      status: 'escalated',
    })
  })
})

describe('the message of an alert', () => {
  const told = { id: 12, fault: 'dirty_data_a', target: 'task_1', attempts: 0, count: 1, outcome: null }

  test('names the fault, why a person is needed and the next step, in one language', () => {
    const explanation = { zh: '文件被修改过。', en: 'Somebody has edited the file.' }
    expect(escalationText({ ...told, repair: null, explanation })).toEqual({
      zh: '已完成的执行缺少必需的输出：task_1。文件被修改过。下一步：helix incidents show 12',
      en: 'A completed execution lacks outputs that it must have: task_1. Somebody has edited the file. Next: helix incidents show 12',
    })
  })

  test('says what the repair did where it did not help, and how to try again', () => {
    const outcome = { changed: true, summary: { zh: '清理 1 行', en: '1 row' } }
    expect(
      escalationText({
        ...told,
        fault: 'of_later',
        repair: 'clean-up-task',
        attempts: 2,
        count: 3,
        explanation: null,
        outcome,
      }),
    ).toEqual({
      zh: 'of_later：task_1，另有 2 个。自动修复未成功：清理 1 行。下一步：helix incidents show 12；处理后重试：helix incidents repair 12',
      en: 'of_later: task_1 and 2 more. The repair did not help: 1 row. Next: helix incidents show 12; to try again: helix incidents repair 12',
    })
  })
})

test.each([
  ['task', 3, 3, true],
  ['source', 3, 4, true],
  ['workflow', 4, 6, false],
  ['task', 2, 2, false],
  ['execution', 4, 4, false],
  ['execution', 5, 12, true],
  ['task', 5, 13, false],
])('of %s, %i ill of %i is a storm: %s', (kind, ill, of, expected) => {
  const detection = { ill: Array(ill).fill({ id: '', facts: {}, occurredAt: null }), of }
  expect(stormsIn([{ fault: { ...darkLamp, kind }, detection }]).length > 0).toBe(expected)
})
