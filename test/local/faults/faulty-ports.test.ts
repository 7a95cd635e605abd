import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { replayedFaults, type StruckFault } from '../../../local/faults/faults.ts'
import { faultyFiles } from '../../../local/faults/faulty-files.ts'
import { faultyMessages } from '../../../local/faults/faulty-messages.ts'
import { faultyPlatform } from '../../../local/faults/faulty-platform.ts'
import { faultyStore } from '../../../local/faults/faulty-store.ts'
import { InvocationCrashed, InvocationLife } from '../../../local/faults/invocation-life.ts'
import { faultyClock } from '../../../local/faults/skewed-clock.ts'
import { readText } from '../../../shared/platform/files.ts'
import type { Queryable } from '../../../shared/platform/store.ts'
import { type TestPlatform, testPlatform } from '../../support/test-platform.ts'
import { openTestStore, type TestStore } from '../../support/test-store.ts'

let store: TestStore
let platform: TestPlatform
beforeAll(async () => {
  store = await openTestStore()
  await store.query('create table kept (word text)')
})
beforeEach(async () => {
  platform = await testPlatform({ store })
  await store.query('delete from kept')
})
afterAll(() => store.close())
afterEach(() => platform[Symbol.asyncDispose]())

const one = (point: StruckFault['point'], fault: StruckFault['fault'], value?: number) =>
  replayedFaults([{ number: 1, point, fault, ...(value === undefined ? {} : { value }) }])
const insert = (into: Queryable, word: string) => into.query('insert into kept values ($1)', [word])
const words = async () =>
  (await platform.store.query<{ word: string }>('select word from kept')).rows.map((row) => row.word)

describe('faultyStore', () => {
  test.each([
    ['cut-before', []],
    ['cut-after', ['first']],
  ] as const)('answers nothing to a statement that was %s', async (fault, kept) => {
    const store = faultyStore(platform.store, one('store.query', fault))
    await expect(insert(store, 'first')).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await words()).toEqual(kept)
    await insert(store, 'second')
    expect(await words()).toEqual([...kept, 'second'])
  })

  test.each([
    ['cut-before', undefined, 0, []],
    ['cut-inside', 1, 0, []],
    ['cut-inside', 2, 1, []],
    ['cut-inside', 4, 2, []],
    ['cut-after', undefined, 2, ['first', 'second']],
  ] as const)('commits all or nothing of a transaction that was %s (%s)', async (fault, value, sent, kept) => {
    let statements = 0
    const store = faultyStore(platform.store, one('store.transaction', fault, value))
    const work = store.transaction(async (tx) => {
      for (const word of ['first', 'second']) {
        await insert(tx, word)
        statements += 1
      }
    })
    await expect(work).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(statements).toBe(sent)
    expect(await words()).toEqual(kept)
  })

  test('commits nothing of a cut transaction whose work goes on regardless', async () => {
    const store = faultyStore(platform.store, one('store.transaction', 'cut-inside', 2))
    const work = store.transaction(async (tx) => {
      await insert(tx, 'first')
      await insert(tx, 'second').catch(() => undefined)
    })
    await expect(work).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await words()).toEqual([])
  })

  test.each([
    ['cut-before', []],
    ['cut-after', ['first']],
  ] as const)('loses the answer of an item that is sent together and %s', async (fault, kept) => {
    const store = faultyStore(platform.store, one('store.together', fault))
    const statement = `
      with items as (select value from jsonb_array_elements_text($1::jsonb)),
           written as (insert into kept select value from items returning word)
      select coalesce(jsonb_agg(word), '[]') as answers from written`
    await expect(store.together(statement, 'first')).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await words()).toEqual(kept)
    expect(await store.together(statement, 'second')).toBe('second')
  })
})

describe('faultyFiles', () => {
  test('leaves the old content and a file that nobody lists when a put is torn', async () => {
    const files = faultyFiles(platform.files, one('files.put', 'torn'))
    await platform.files.put('a/b.txt', 'old')
    await expect(files.put('a/b.txt', 'new content')).rejects.toMatchObject({ code: 'files_unavailable' })
    expect(await readText(files, 'a/b.txt')).toBe('old')
    expect((await files.list('')).files.map(({ key }) => key)).toEqual(['a/b.txt'])
    expect(await readFile(join(platform.filesDir, 'a/.helix-tmp-torn-1'), 'utf8')).toBe('new c')
    await files.put('a/b.txt', 'new content')
    expect(await readText(files, 'a/b.txt')).toBe('new content')
  })

  test('leaves half of the text when an append is torn', async () => {
    const files = faultyFiles(platform.files, one('files.append', 'torn'))
    await expect(files.append('log', 'a line\n')).rejects.toMatchObject({ code: 'files_unavailable' })
    expect(await readText(files, 'log')).toBe('a l')
  })

  test.each(['put', 'append', 'delete'] as const)('does nothing when a %s fails', async (how) => {
    const files = faultyFiles(platform.files, one(`files.${how}`, 'fail'))
    await platform.files.put('kept', 'old')
    const write = {
      put: () => files.put('kept', 'new'),
      append: () => files.append('kept', 'new'),
      delete: () => files.delete(['kept']),
    }
    await expect(write[how]()).rejects.toMatchObject({ code: 'files_unavailable' })
    expect(await readText(files, 'kept')).toBe('old')
  })
})

describe('faultyPlatform', () => {
  const doomed = (await_: number, after = false) =>
    new InvocationLife({ name: 'work', number: 1, crash: { await: await_, after } })

  test.each([
    [1, false, []],
    [1, true, ['in a transaction']],
    [2, false, []],
    [2, true, []],
    [3, true, []],
    [4, false, ['in a transaction']],
    [4, true, ['in a transaction', 'alone']],
  ])('rolls back what an invocation had begun when it dies at await %s (after it: %s)', async (await_, after, kept) => {
    const life = doomed(await_, after)
    const { store } = faultyPlatform(platform, replayedFaults([]), life)
    const work = life.run(async () => {
      await store.transaction(async (tx) => {
        await insert(tx, 'in a transaction')
        await tx.query('select 1')
      })
      await insert(store, 'alone')
    })
    await expect(work).rejects.toThrow(InvocationCrashed)
    expect(await words()).toEqual(kept)
  })

  test('survives where it is chosen to die later than it lives', async () => {
    const life = doomed(9)
    const faulty = faultyPlatform(platform, replayedFaults([]), life)
    await life.run(async () => void (await insert(faulty.store, 'alone')))
    expect(await words()).toEqual(['alone'])
  })

  test('lets deferred work, sleep and log end with it', async () => {
    const life = doomed(2)
    const faulty = faultyPlatform(platform, replayedFaults([]), life)
    const work = life.run(async () => {
      faulty.defer(faulty.clock.sleep(60_000).then(() => insert(platform.store, 'deferred')))
      faulty.log('task.created')
      await faulty.queue.send({ function: 'x', body: { execution_id: 'e', claim: 0 } })
    })
    await expect(work).rejects.toThrow(InvocationCrashed)
    faulty.log('task.deleted')
    await platform.settled()
    await platform.clock.advance(120_000)
    expect([await words(), platform.sent, platform.clock.sleepers()]).toEqual([[], [], 0])
    expect(platform.logged.map(({ event }) => event)).toEqual(['task.created'])
  })

  test('asks whether the process stops anew each time', () => {
    const faulty = faultyPlatform(platform, replayedFaults([]), doomed(1))
    expect(faulty.stopping.aborted).toBe(false)
    platform.stop()
    expect(faulty.stopping.aborted).toBe(true)
  })
})

test('a broker is told what is to happen to each message', () => {
  const faults = replayedFaults([
    { number: 1, point: 'queue.send', fault: 'drop' },
    { number: 2, point: 'queue.send', fault: 'duplicate' },
    { number: 2, point: 'queue.send', fault: 'delay', value: 700 },
    { number: 1, point: 'queue.delivery', fault: 'reorder' },
  ])
  const { decide } = faultyMessages(faults)
  const message = { function: 'x', body: { execution_id: 'e', claim: 0 } }
  expect(decide('send', message)).toEqual({ drop: true })
  expect(decide('send', message)).toEqual({ duplicate: true, delayMs: 700 })
  expect(decide('send', message)).toEqual({})
  expect(decide('delivery', message)).toEqual({ reorder: true })
})

test('a clock that is off goes as the true one does', async () => {
  const clock = faultyClock(platform.clock, one('clock.skew', 'skew', -30_000))
  const apart = () => platform.clock.now().getTime() - clock.now().getTime()
  expect(apart()).toBe(30_000)
  await platform.clock.advance(1_000)
  expect(apart()).toBe(30_000)
})
