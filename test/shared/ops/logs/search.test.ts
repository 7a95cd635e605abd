import { beforeEach, describe, expect, test } from 'vitest'
import { foldLogs } from '../../../../shared/ops/logs/fold.ts'
import { type LogSearch, searchLogs } from '../../../../shared/ops/logs/search.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { insertLogs, insertTask } from '../../../support/store-factory.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
const OTHER = 'task_20250628_080000'

let platform: TestPlatform
let taskId = ''
beforeEach(async () => {
  platform = await kit.open()
  taskId = await insertTask(kit.store)
})

/** A tick, and the minute until the next. */
async function noteHorizon() {
  await foldLogs(platform)
  await platform.clock.advance(60_000)
}

/** Two ticks, as far apart as the schedule has them: what is noted in one is folded in the next. */
async function fold() {
  await noteHorizon()
  return await foldLogs(platform)
}

async function search(filter: LogSearch, limit = 100) {
  const messages: string[] = []
  let before: number | null = null
  let pages = 0
  do {
    const found: Awaited<ReturnType<typeof searchLogs>> = await searchLogs(kit.store, filter, { before, limit })
    messages.push(...found.lines.map(({ message }) => message))
    before = found.before
    pages += 1
  } while (before !== null && pages < 100)
  return messages
}

const many = (count: number, message = (index: number) => `Reading table number ${index}`) =>
  Array.from({ length: count }, (_, index) => ({ message: message(index) }))

test('a word is found in lines that are folded, and in those that are not yet', async () => {
  await insertLogs(kit.store, taskId, [{ message: 'the quokka sleeps' }, ...many(700)])
  expect(await fold()).toEqual({ lines: 512, blocks: 2, emptied: 0 })
  await insertLogs(kit.store, taskId, [{ message: 'Quokkas wake' }])
  expect(await search({ q: 'QUOKKA' })).toEqual(['Quokkas wake', 'the quokka sleeps'])
  expect(await search({ q: 'okka' })).toHaveLength(2)
  expect(await search({ q: 'quokka' }, 1)).toEqual(['Quokkas wake', 'the quokka sleeps'])
})

test('a search answers the same lines whatever is folded, in every language, newest first', async () => {
  await insertTask(kit.store, { id: OTHER })
  const lines = many(600, (index) =>
    index % 7 === 0
      ? `已完成表 orders 的第 ${index} 批，共 ${index * 37} 行`
      : `Batch ${index} of ſtraße, ${index % 13} rows`,
  )
  const levels = ['INFO', 'ERROR', 'WARNING'] as const
  await insertLogs(
    kit.store,
    taskId,
    lines.map((line, index) => ({ ...line, level: levels[index % 3] ?? 'INFO' })),
  )
  await insertLogs(kit.store, OTHER, many(600))
  const searches: LogSearch[] = [
    { q: '第 49 批' },
    { q: '行' },
    { q: 'of ſ' },
    { q: '8' },
    { q: 'batch', level: 'ERROR' },
    { taskId, q: '3' },
    { taskId: OTHER, q: 'number 59' },
    { q: '20250628_0800' },
    { level: 'WARNING' },
    { q: 'nowhere' },
    { step: 'ddl_generation' },
  ]
  const before = await Promise.all(searches.map((filter) => search(filter, 50)))
  await fold()
  const after = await Promise.all(searches.map((filter) => search(filter, 50)))
  expect(after).toEqual(before)
  expect(before.map(({ length }) => length)).toEqual([
    1,
    86,
    514,
    expect.any(Number),
    171,
    expect.any(Number),
    11,
    600,
    200,
    0,
    0,
  ])
})

test('a time window holds its first instant and not its last', async () => {
  const at = (second: number) => new Date(Date.UTC(2025, 5, 27, 6, 0, second))
  await insertLogs(
    kit.store,
    taskId,
    [0, 1, 2].map((second) => ({ message: `s${second}`, at: at(second) })),
  )
  expect(await search({ from: at(1), to: at(2) })).toEqual(['s1'])
})

test('a block whose lines are gone is forgotten', async () => {
  await insertLogs(kit.store, taskId, many(300))
  await fold()
  await kit.store.query('delete from data_pipeline_tasks')
  expect(await foldLogs(platform)).toMatchObject({ emptied: 1 })
  expect((await kit.store.query('select from log_blocks')).rowCount).toBe(0)
})

test('two that fold at once fold each line once', async () => {
  await insertLogs(kit.store, taskId, many(1_000))
  await noteHorizon()
  const counts = await Promise.all([foldLogs(platform), foldLogs(platform)])
  expect(counts.reduce((sum, { lines }) => sum + lines, 0)).toBe(768)
})

describe.runIf((process.env.HELIX_TEST_DATABASE_URL ?? '') !== '')('on a server', () => {
  test('a line that is committed late, with a smaller number than lines that were seen, is found', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let written = () => {}
    const late = new Promise<void>((resolve) => {
      written = resolve
    })
    const writing = kit.store.transaction(async (tx) => {
      await insertLogs(tx, taskId, [{ message: 'a latecomer' }])
      written()
      await held
    })
    await late
    await insertLogs(kit.store, taskId, many(600))
    await noteHorizon()
    expect(await foldLogs(platform)).toMatchObject({ lines: 0 }) // while it is under way, nothing after it is folded
    release()
    await writing
    await fold()
    expect(await fold()).toMatchObject({ emptied: 0 })
    expect(await search({ q: 'latecomer' })).toEqual(['a latecomer'])
  })

  test('a transaction that writes no lines holds nothing back, however long it lasts', async () => {
    await insertLogs(kit.store, taskId, many(600))
    await kit.store.transaction(async (tx) => {
      await tx.query(
        `update settings set value = 'true'; insert into settings (name, value, updated_at) values ('n', '1', now())`,
      )
      expect(await fold()).toMatchObject({ lines: 512 })
    })
  })

  test('what another transaction of the same session writes later holds nothing back either', async () => {
    await insertLogs(kit.store, taskId, many(600))
    const one = await kit.store.transaction(async (tx) => {
      await insertLogs(tx, taskId, [{ message: 'under way when the horizon is noted' }])
      await noteHorizon()
      return true
    })
    await kit.store.transaction(async (tx) => {
      await insertLogs(tx, taskId, [{ message: 'under way when lines are folded' }])
      expect(await foldLogs(platform)).toMatchObject({ lines: 512 })
    })
    expect(one).toBe(true)
  })
})
