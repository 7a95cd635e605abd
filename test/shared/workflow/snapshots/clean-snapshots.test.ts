import { afterAll, beforeAll, expect, test } from 'vitest'
import cleanSnapshots, { cron } from '../../../../scheduled/clean-snapshots.ts'
import { createWorkflow, replaceWorkflow } from '../../../../shared/workflow/change-workflow.ts'
import { rollBackAfterFailure } from '../../../../shared/workflow/snapshots/roll-back-after-failure.ts'
import { rollBack } from '../../../../shared/workflow/snapshots/rollback.ts'
import { listSnapshots } from '../../../../shared/workflow/snapshots/snapshot-store.ts'
import { loadWorkflow } from '../../../../shared/workflow/workflow-store.ts'
import { type TestPlatform, testPlatform } from '../../../support/test-platform.ts'

const DAY_MS = 24 * 3_600_000
const change = { by: 'test', language: 'en' } as const

let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
})
afterAll(async () => await platform[Symbol.asyncDispose]())

const nodes = (name: string) => ({ nodes: [{ name, node: 'ddl_generation' }] })
const create = (id: string) =>
  platform.store.transaction((tx) => createWorkflow(platform, tx, { id, definition: nodes('one') }, change))
const edit = (id: string, name: string) =>
  platform.store.transaction((tx) =>
    replaceWorkflow(platform, tx, id, { definition: nodes(name), ifMatch: '*' }, change),
  )
const versionsKept = async (id: string) =>
  (await listSnapshots(platform.store, id, null, 100)).map(({ version }) => version)
async function tick(): Promise<unknown> {
  return await (await cleanSnapshots.request('/scheduled/clean-snapshots', { method: 'POST' }, { platform })).json()
}

test('snapshots are cleaned at three each night', () => {
  expect(cron).toBe('0 3 * * *')
})

test('snapshots older than a week go, younger ones and the last of each workflow stay', async () => {
  await create('old')
  for (const name of ['two', 'three', 'four']) await edit('old', name)
  await create('mixed')
  await edit('mixed', 'two')
  await platform.clock.advance(6 * DAY_MS)
  await edit('mixed', 'three')
  await edit('mixed', 'four')
  expect(await tick()).toMatchObject({ deleted: 0 })
  await platform.clock.advance(DAY_MS + 1)
  expect(await tick()).toMatchObject({ deleted: 3 })
  expect([await versionsKept('old'), await versionsKept('mixed')]).toEqual([[3], [3, 2]])
  await platform.clock.advance(30 * DAY_MS)
  expect(await tick()).toMatchObject({ deleted: 1 })
  expect(await tick()).toMatchObject({ deleted: 0 })
  // There is still something to go back to.
  await platform.store.transaction((tx) => rollBack(platform, tx, 'old', { cause: 'manual' }, change))
  expect((await loadWorkflow(platform.store, 'old')).definition).toMatchObject(nodes('three'))
})

test('the last good snapshot stays, although one of a version that failed is newer', async () => {
  await create('failing')
  await edit('failing', 'two')
  await edit('failing', 'three')
  await rollBackAfterFailure(platform, 'failing', 3, 'run_failed', { reason: 'it failed', language: 'en' })
  // Kept before the rollback: version 3, which failed. The last good one is that of version 2.
  expect(await versionsKept('failing')).toEqual([3, 2, 1])
  await platform.clock.advance(30 * DAY_MS)
  await tick()
  expect(await versionsKept('failing')).toEqual([3, 2, 1])
  await edit('failing', 'five')
  await platform.clock.advance(30 * DAY_MS)
  await tick()
  expect(await versionsKept('failing')).toEqual([4])
})
