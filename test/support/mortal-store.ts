import { Problem } from '../../shared/platform/problems.ts'
import type { Queryable, Store } from '../../shared/platform/store.ts'
import type { TestPlatform } from './test-platform.ts'
import type { TestStore } from './test-store.ts'

/** Whether the call at which a process dies was done. */
export type Moment = 'before' | 'after'

/** A store whose process dies at one of its calls: that call fails, before or after it was done, and so does every later one. */
export function mortalStore(
  store: TestStore,
  diesAt: number,
  moment: Moment,
): { store: TestStore; calls: () => number } {
  let calls = 0
  const dead = () => new Problem('store_unavailable', 'This process is dead')
  const mortal = async <T>(work: () => Promise<T>): Promise<T> => {
    calls += 1
    if (calls > diesAt || (calls === diesAt && moment === 'before')) throw dead()
    const answer = await work()
    if (calls >= diesAt) throw dead()
    return answer
  }
  const query: Queryable['query'] = (text, values) => mortal(() => store.query(text, values))
  const changes: Partial<Store> = {
    query,
    together: (statement, item) => mortal(() => store.together(statement, item)),
    transaction: (work) =>
      mortal(() => store.transaction((tx) => work({ query: (text, values) => mortal(() => tx.query(text, values)) }))),
  }
  return { store: { ...store, ...changes }, calls: () => calls }
}

/** A process that is dead still tries again for a while, by its own clock. */
export async function untilOver({ clock }: TestPlatform, work: Promise<unknown>): Promise<void> {
  let over = false
  const ended = work
    .catch(() => undefined)
    .finally(() => {
      over = true
    })
  while (!over) {
    await new Promise((done) => setImmediate(done))
    if (clock.sleepers() > 0) await clock.advance(100)
  }
  await ended
}
