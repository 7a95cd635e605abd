import { beforeEach, describe, expect, test } from 'vitest'
import { checkIncidents } from '../../../../shared/ops/incidents/check-incidents.ts'
import { runRepair } from '../../../../shared/ops/incidents/run-repair.ts'
import type { Platform } from '../../../../shared/platform/platform.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import {
  breakLamps,
  darkLamp,
  incidentsIn,
  insertLamps,
  Killed,
  lampsThatBurn,
  lightLamp,
  mortal,
  repairIn,
  round,
} from '../../../support/incident-kit.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
let platform: TestPlatform
beforeEach(async () => {
  platform = await kit.open()
})

const incidents = () => incidentsIn(kit.store)

test('two workers with the same message repair once', async () => {
  await insertLamps(kit.store, 10)
  await breakLamps(kit.store, 2)
  await checkIncidents(platform, [darkLamp])
  const message = repairIn(platform.sent[0])
  const answers = await Promise.all([1, 2, 3].map(() => runRepair(platform, message, [lightLamp()])))
  expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['stale', 'stale', 'verified'])
  const { rows } = await kit.store.query('select from audit_log')
  expect(rows).toHaveLength(1)
})

test('a message that was lost is sent again by a later check', async () => {
  await insertLamps(kit.store, 10)
  await breakLamps(kit.store, 2)
  await checkIncidents(platform, [darkLamp])
  platform.sent.splice(0)
  await platform.clock.advance(60_000)
  await round(platform)
  expect(await incidents()).toMatchObject([{ status: 'verified' }])
})

test('where no message can be sent the repair runs in the check', async () => {
  await insertLamps(kit.store, 10)
  await breakLamps(kit.store, 2)
  const mute: Platform = {
    ...platform,
    queue: {
      send: async () => {
        throw new Error('no queue')
      },
    },
  }
  await checkIncidents(mute, [darkLamp], [lightLamp()])
  expect(await incidents()).toMatchObject([{ status: 'verified' }])
  expect(platform.logged.map(({ fields }) => fields.what)).toContain('send repair')
})

describe.each(['before', 'after'] as const)('whoever is killed %s any call of the store or the queue', (when) => {
  test('leaves a round that others end: repaired once, verified, nothing else touched', async () => {
    let survived = false
    for (let calls = 0; !survived; calls++) {
      await kit.store.query('delete from settings')
      await kit.store.query('delete from incidents')
      await kit.store.query('delete from audit_log')
      await insertLamps(kit.store, 10)
      await breakLamps(kit.store, 2)
      platform.sent.splice(0)
      survived = await lives(() => round(mortal(platform, calls, when, 'test:mortal')))
      for (let rounds = 0; rounds < 3; rounds++) {
        await platform.clock.advance(61_000)
        await round(platform)
      }
      expect(await incidents(), `killed at call ${calls}`).toMatchObject([
        { status: 'verified', target: 'lamp:2', attempts: 0 },
      ])
      expect(await lampsThatBurn(kit.store)).toHaveLength(10)
      const { rows } = await kit.store.query<{ count: number }>('select count(*)::integer as count from audit_log')
      expect(rows[0]?.count, `killed at call ${calls}`).toBeLessThanOrEqual(2)
      expect(calls).toBeLessThan(100)
    }
  })
})

async function lives(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (thrown) {
    if (thrown instanceof Killed) return false
    throw thrown
  }
}
