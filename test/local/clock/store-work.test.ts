import { expect, test } from 'vitest'
import { adjustableClock } from '../../../local/clock/adjustable-clock.ts'
import { standingClock } from '../../../local/clock/standing-clock.ts'
import { StoreWork } from '../../../local/clock/store-work.ts'
import type { Store } from '../../../shared/platform/store.ts'

const START = new Date('2025-06-27T06:30:52Z')

/** A store whose every answer takes many turns of the event loop, as one behind a socket does. */
function slowStore(asked: string[]): Store {
  const answer = async (text: string) => {
    for (let turn = 0; turn < 200; turn++) await new Promise((done) => setImmediate(done))
    asked.push(text)
  }
  const query: Store['query'] = async (text) => {
    await answer(text)
    return { rows: [], rowCount: 0 }
  }
  return {
    kind: 'server',
    query,
    together: async <T>() => (await answer('together')) as T,
    transaction: async (work) => await work({ query }),
    close: async () => undefined,
  }
}

test('a jump lets what it woke be answered by the store before time goes on', async () => {
  const work = new StoreWork()
  const clock = adjustableClock(standingClock(START, 'UTC'), { work })
  const asked: string[] = []
  const store = work.counting(slowStore(asked))
  // A heartbeat, and a sweep that looks whether it was in time.
  const heartbeat = async () => {
    for (let beat = 1; beat <= 6; beat++) {
      await clock.sleep(5_000)
      await store.query(`beat ${beat}`)
    }
  }
  const seen: string[][] = []
  const sweep = async () => {
    await clock.sleep(31_000)
    seen.push([...asked])
  }
  const both = [heartbeat(), sweep()]
  await clock.advance(60_000)
  await Promise.all(both)
  expect(seen).toEqual([['beat 1', 'beat 2', 'beat 3', 'beat 4', 'beat 5', 'beat 6']])
  expect(work.isIdle).toBe(true)
})

test('a jump does not wait for ever for a store that never answers', async () => {
  const work = new StoreWork()
  const clock = adjustableClock(standingClock(START, 'UTC'), { work })
  const never: Store['query'] = () => new Promise(() => undefined)
  const store = work.counting({ ...slowStore([]), query: never })
  void clock.sleep(1_000).then(() => store.query('select 1'))
  await clock.advance(2_000)
  expect(clock.now().getTime() - START.getTime()).toBe(2_000)
})

test('a call that fails is over as well, and its error is the caller’s', async () => {
  const work = new StoreWork()
  const refused = () => Promise.reject(new Error('no'))
  const store = work.counting({ ...slowStore([]), query: refused, transaction: refused })
  await expect(store.query('select 1')).rejects.toThrow('no')
  await expect(store.transaction(async () => 1)).rejects.toThrow('no')
  await work.idle()
  expect(work.isIdle).toBe(true)
})
