import { describe, expect, test } from 'vitest'
import { leakedConnection } from '../../../../shared/ops/faults/leaked-connection.ts'
import { missedVacuum } from '../../../../shared/ops/faults/missed-vacuum.ts'
import { checkIncidents, repairOwn } from '../../../../shared/ops/incidents/check-incidents.ts'
import { sampleMachine } from '../../../../shared/ops/metrics/machine-samples.ts'
import { reclaimConnection } from '../../../../shared/ops/repairs/reclaim-connection.ts'
import { vacuumTable } from '../../../../shared/ops/repairs/vacuum-table.ts'
import type { Machine, PoolReading } from '../../../../shared/platform/machine.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { incidentsIn, repairSent } from '../../../support/incident-kit.ts'

const kit = engineKit()

test('a table full of dead rows is an incident, vacuumed and verified', async () => {
  const platform = await kit.open()
  await kit.store.query('create table neglected (a int) with (autovacuum_enabled = false)')
  await kit.store.query('insert into neglected select generate_series(1, 6000)')
  await kit.store.query('delete from neglected where a % 3 <> 0')
  expect(await checkIncidents(platform, [missedVacuum], [vacuumTable])).toMatchObject({ ill: 1, opened: 1, sent: 1 })
  await repairSent(platform, [vacuumTable])
  expect(await incidentsIn(kit.store)).toMatchObject([
    { fault: 'missed_vacuum', target: 'public.neglected', status: 'verified', verdict: 'fixed' },
  ])
  expect(await checkIncidents(platform, [missedVacuum], [vacuumTable])).toMatchObject({ ill: 0 })
  await kit.store.query('drop table neglected')
})

test('a vacuum that did not take place is noticed', async () => {
  const platform = await kit.open()
  await kit.store.query('create table idle (a int)')
  await kit.store.query('insert into idle select generate_series(1, 3000)')
  const target = { id: 'public.idle', facts: { name: 'public.idle', vacuums: 0 }, occurredAt: null }
  expect(await vacuumTable.verify(platform, target)).toBe('not_fixed')
  await kit.store.query('drop table idle')
  expect(await vacuumTable.verify(platform, target)).toBe('fixed')
})

describe('a connection that is not given back', () => {
  const leaky = () => {
    let longestCheckout: PoolReading['longestCheckout'] = { ms: 300_000, place: 'sweep (shared/engine/sweep.ts:1)' }
    const machine: Machine = {
      read: async () => {
        const pool = { total: 3, idle: 2, waiting: 0, max: 20, longestCheckout }
        return { cpuShare: null, memory: null, disk: null, eventLoopDelayMs: null, pool }
      },
      reclaimConnections: (olderThanMs) => {
        if (longestCheckout === null || longestCheckout.ms <= olderThanMs) return 0
        longestCheckout = null
        return 1
      },
    }
    return machine
  }

  test('is an incident that names the place, taken back and verified by borrowing', async () => {
    const platform = await kit.open({ machine: leaky() })
    await checkIncidents(platform, [leakedConnection], [reclaimConnection])
    await repairSent(platform, [reclaimConnection])
    const [incident] = await incidentsIn(kit.store)
    expect(incident).toMatchObject({ rule: 'held-by-this-process', status: 'verified', verdict: 'fixed' })
    expect(incident?.explanation).toMatchObject({ zh: expect.stringContaining('sweep (shared/engine/sweep.ts:1)') })
  })

  test('is seen by whoever leads, and taken back by the process that holds it', async () => {
    const holder = await kit.open({ machine: leaky() })
    const leader = await kit.open({ workerId: 'leader:1' })
    await sampleMachine(holder)
    expect(await checkIncidents(leader, [leakedConnection], [reclaimConnection])).toMatchObject({ opened: 1, sent: 0 })
    expect(await incidentsIn(kit.store)).toMatchObject([{ status: 'diagnosed', rule: 'held-elsewhere' }])
    expect(await repairOwn(leader, [reclaimConnection])).toBe(0)
    expect(await repairOwn(holder, [reclaimConnection])).toBe(1)
    expect(await incidentsIn(kit.store)).toMatchObject([
      { status: 'verified', facts: { worker_id: 'test:1' }, outcome: { changed: true } },
    ])
  })

  test('is over when its process is', async () => {
    const holder = await kit.open({ machine: leaky() })
    const leader = await kit.open({ workerId: 'leader:1' })
    await sampleMachine(holder)
    await checkIncidents(leader, [leakedConnection], [reclaimConnection])
    await leader.clock.advance(62 * 60_000)
    expect(await checkIncidents(leader, [leakedConnection], [reclaimConnection])).toMatchObject({ ill: 0, sent: 1 })
    await repairSent(leader, [reclaimConnection])
    expect(await incidentsIn(kit.store)).toMatchObject([{ status: 'verified', outcome: { changed: false } }])
  })
})
