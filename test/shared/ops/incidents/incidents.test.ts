import { beforeEach, describe, expect, test } from 'vitest'
import { checkIncidents } from '../../../../shared/ops/incidents/check-incidents.ts'
import type { FaultClass } from '../../../../shared/ops/incidents/fault.ts'
import type { Repair } from '../../../../shared/ops/incidents/repair.ts'
import { runRepair } from '../../../../shared/ops/incidents/run-repair.ts'
import { askForRepair } from '../../../../shared/ops/incidents/store.ts'
import { Problem } from '../../../../shared/platform/problems.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import {
  breakLamps,
  darkLamp,
  incidentsIn,
  insertLamps,
  lampsThatBurn,
  lightLamp,
  repairIn,
  repairSent,
  round,
} from '../../../support/incident-kit.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
let platform: TestPlatform
beforeEach(async () => {
  platform = await kit.open()
})

const incidents = () => incidentsIn(kit.store)
const alerts = async () =>
  (
    await kit.store.query<{ rule: string; severity: string; status: string }>(
      'select rule, severity, status from alerts order by id',
    )
  ).rows

test('what is found is explained, repaired and verified, with its four times', async () => {
  await insertLamps(kit.store, 10)
  await breakLamps(kit.store, 3)
  expect(await round(platform)).toMatchObject({ checked: 1, blind: 0, ill: 1, opened: 1, diagnosed: 1, sent: 1 })
  expect(await lampsThatBurn(kit.store)).toHaveLength(10)
  const [incident] = await incidents()
  expect(incident).toMatchObject({
    fault: 'dark_lamp',
    target: 'lamp:3',
    kind: 'lamp',
    status: 'verified',
    rule: 'switched-off',
    repair: 'light-lamp',
    attempts: 0,
    verdict: 'fixed',
    explanation: { zh: 'lamp:3 被关掉了' },
    outcome: { changed: true },
    occurredAt: new Date('2025-06-27T06:00:00Z'),
    detectedAt: platform.clock.now(),
    repairedAt: platform.clock.now(),
    verifiedAt: platform.clock.now(),
  })
  const { rows } = await kit.store.query(
    'select actor, action, target, reason, before, after from audit_log order by id',
  )
  expect(rows).toEqual([
    {
      actor: 'helix',
      action: 'repair.light-lamp',
      target: 'dark_lamp:lamp:3',
      reason: 'switched-off',
      before: false,
      after: true,
    },
  ])
  expect(await round(platform)).toMatchObject({ ill: 0, opened: 0, sent: 0 })
})

test('the times of an incident are numbers in a view', async () => {
  await insertLamps(kit.store, 10)
  await breakLamps(kit.store, 1)
  await checkIncidents(platform, [darkLamp])
  await platform.clock.advance(7_000)
  await repairSent(platform, [lightLamp()])
  const { rows } = await kit.store.query(
    'select detection_seconds::float8 as d, repair_seconds::float8 as r, recovery_time_seconds::float8 as rto, recovery_point_seconds::float8 as rpo from incident_times',
  )
  const detected = (platform.clock.now().getTime() - 7_000 - Date.parse('2025-06-27T06:00:00Z')) / 1000
  expect(rows).toEqual([{ d: detected, r: 7, rto: detected + 7, rpo: detected }])
})

test('what a check has found is sent to its repair by the same check, however long explaining took', async () => {
  await insertLamps(kit.store, 10)
  await breakLamps(kit.store, 1)
  const diagnose: FaultClass['diagnose'] = async (...given) => {
    await platform.clock.advance(1_500)
    return await darkLamp.diagnose(...given)
  }
  expect(await checkIncidents(platform, [{ ...darkLamp, diagnose }])).toMatchObject({ diagnosed: 1, sent: 1 })
})

describe('a repair that does not help', () => {
  test('is tried once more, then escalates with one alert of P1', async () => {
    await insertLamps(kit.store, 10)
    await breakLamps(kit.store, 2, 4)
    const useless = {
      ...lightLamp(() => 'not_fixed'),
      run: async () => ({ changed: false, summary: { zh: '', en: '' } }),
    }
    await round(platform, [useless])
    expect(await incidents()).toMatchObject([
      { status: 'diagnosed', attempts: 1 },
      { status: 'diagnosed', attempts: 1 },
    ])
    expect(await alerts()).toEqual([])
    await platform.clock.advance(60_000)
    await round(platform, [useless])
    await round(platform, [useless])
    expect(await incidents()).toMatchObject([
      { status: 'escalated', attempts: 2 },
      { status: 'escalated', attempts: 2 },
    ])
    expect(await alerts()).toEqual([{ rule: 'incident_dark_lamp', severity: 'P1', status: 'firing' }])
  })

  test('since something undoes it, is noticed as not fixed and escalated', async () => {
    await insertLamps(kit.store, 10)
    await breakLamps(kit.store, 2)
    await kit.store.query(
      `create function undo() returns trigger language plpgsql as $$ begin new.value := old.value; return new; end $$`,
    )
    await kit.store.query(
      `create trigger undo before update on settings for each row when (old.name = 'lamp:2') execute function undo()`,
    )
    try {
      await round(platform)
      await platform.clock.advance(60_000)
      await round(platform)
      expect(await incidents()).toMatchObject([{ status: 'escalated', attempts: 2, outcome: { changed: true } }])
      expect(await lampsThatBurn(kit.store)).toHaveLength(9)
    } finally {
      await kit.store.query('drop trigger undo on settings')
      await kit.store.query('drop function undo')
    }
    await breakLamps(kit.store, 2)
    await askForRepair(kit.store, (await incidents())[0]?.id ?? 0, 'somebody', platform.clock.now())
    await round(platform)
    expect(await incidents()).toMatchObject([{ status: 'verified', askedBy: 'somebody' }])
    await checkIncidents(platform, [darkLamp])
    expect(await alerts()).toMatchObject([{ status: 'resolved' }])
  })

  test('is looked at by each check from then on, and over a minute after it was put right', async () => {
    await insertLamps(kit.store, 10)
    await breakLamps(kit.store, 2)
    const useless: Repair = { ...lightLamp(), run: async () => ({ changed: false, summary: { zh: '无', en: 'none' } }) }
    await round(platform, [useless])
    await platform.clock.advance(57_000) // the second try, its verdict and its escalation take some seconds
    await round(platform, [useless])
    expect(await incidents()).toMatchObject([{ status: 'escalated' }])
    await kit.store.query(`update settings set value = 'true' where name = 'lamp:2'`)
    await platform.clock.advance(57_000)
    await round(platform, [useless])
    expect(await incidents()).toMatchObject([{ status: 'verified', verdict: 'fixed' }])
  })

  test('by throwing counts as tried, and says what it threw', async () => {
    await insertLamps(kit.store, 10)
    await breakLamps(kit.store, 2)
    const broken: Repair = {
      ...lightLamp(),
      run: async () => {
        throw new Error('no ladder')
      },
    }
    await round(platform, [broken])
    expect(await incidents()).toMatchObject([
      {
        status: 'diagnosed',
        attempts: 1,
        outcome: { changed: false, summary: { en: 'The repair failed: no ladder' } },
      },
    ])
  })

  test('three times within the hour escalates although each time it seemed to', async () => {
    await insertLamps(kit.store, 10)
    for (let times = 0; times < 4; times++) {
      await breakLamps(kit.store, 2)
      await round(platform)
      await platform.clock.advance(60_000)
    }
    expect((await incidents()).map(({ status }) => status)).toEqual(
      ['verified', 'verified', 'verified', 'verified'].with(0, 'escalated'),
    )
    expect(await incidents()).toMatchObject([{ rule: 'comes-back' }, {}, {}, {}])
  })
})

test('an answer of unknown is not fixed: it is asked again, and at last a person is', async () => {
  await insertLamps(kit.store, 10)
  await breakLamps(kit.store, 2)
  let runs = 0
  const repair = lightLamp(() => 'unknown')
  const counted: Repair = {
    ...repair,
    run: (...given) => {
      runs++
      return repair.run(...given)
    },
  }
  await round(platform, [counted])
  expect(await incidents()).toMatchObject([{ status: 'repairing', verdict: 'unknown', unknowns: 1 }])
  for (let times = 0; times < 8; times++) {
    await platform.clock.advance(60_000)
    await round(platform, [counted])
  }
  expect(await incidents()).toMatchObject([{ status: 'escalated', verdict: 'unknown' }])
  expect(runs).toBe(1)
  await platform.clock.advance(60_000)
  await round(platform, [lightLamp()])
  expect(await incidents()).toMatchObject([{ status: 'verified' }])
})

test('a detector that throws is reported itself, ends nothing, and is over once it looks again', async () => {
  await insertLamps(kit.store, 10)
  await breakLamps(kit.store, 2)
  const blind: FaultClass = {
    ...darkLamp,
    detect: async () => {
      throw new Error('no eyes')
    },
  }
  expect(await round(platform, [], [blind])).toMatchObject({ blind: 1, opened: 1 })
  expect(await incidents()).toMatchObject([
    { fault: 'detector_failed', target: 'dark_lamp', explanation: { en: 'dark_lamp threw: no eyes' } },
  ])
})

test('a detector whose connection was cut once is asked again and makes no incident', async () => {
  await insertLamps(kit.store, 10)
  let calls = 0
  const cutOnce: FaultClass = {
    ...darkLamp,
    detect: async (seen) => {
      calls += 1
      if (calls === 1) throw new Problem('store_unavailable', 'The connection was cut')
      return await darkLamp.detect(seen)
    },
  }
  expect(await round(platform, [], [cutOnce])).toMatchObject({ blind: 0, opened: 0 })
  expect([calls, await incidents()]).toEqual([2, []])
})

describe('the storm brake', () => {
  test('stops all repairs while more than 40 % of a kind look ill, with exactly one P0 alert, until it is over', async () => {
    await insertLamps(kit.store, 12)
    await breakLamps(kit.store, 1, 2, 3, 4, 5)
    for (let times = 0; times < 3; times++) {
      expect(await round(platform)).toMatchObject({ braked: true, sent: 0, ill: 5 })
      await platform.clock.advance(60_000)
    }
    expect(await lampsThatBurn(kit.store)).toHaveLength(7)
    expect(await alerts()).toEqual([{ rule: 'storm_brake', severity: 'P0', status: 'firing' }])
    await kit.store.query(`update settings set value = 'true' where name = 'lamp:1'`)
    expect(await round(platform)).toMatchObject({ braked: false })
    expect(await lampsThatBurn(kit.store)).toHaveLength(12)
    expect((await incidents()).map(({ status }) => status)).toEqual(Array(5).fill('verified'))
    expect(await alerts()).toEqual([{ rule: 'storm_brake', severity: 'P0', status: 'resolved' }])
  })

  test('holds back a repair that was sent before it was pulled, but not one that a person asks for', async () => {
    await insertLamps(kit.store, 12)
    await breakLamps(kit.store, 1)
    await checkIncidents(platform, [darkLamp])
    const [before] = platform.sent.splice(0)
    await breakLamps(kit.store, 2, 3, 4, 5, 6)
    await checkIncidents(platform, [darkLamp])
    const message = repairIn(before)
    expect(await runRepair(platform, message, [lightLamp()])).toEqual({ kind: 'braked' })
    const asked = await askForRepair(kit.store, message.incident_id, 'somebody', platform.clock.now())
    expect(await runRepair(platform, { incident_id: asked.id, claim: asked.claim }, [lightLamp()])).toEqual({
      kind: 'verified',
    })
    expect(await lampsThatBurn(kit.store)).toHaveLength(7)
  })

  test('leaves four of five alone: a handful says nothing', async () => {
    await insertLamps(kit.store, 5)
    await breakLamps(kit.store, 1, 2, 3, 4)
    expect(await round(platform)).toMatchObject({ braked: false, sent: 4 })
    expect(await lampsThatBurn(kit.store)).toHaveLength(5)
  })
})
