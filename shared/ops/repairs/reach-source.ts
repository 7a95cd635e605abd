import { makeProbeDue } from '../errors/budget-store.ts'
import { sourceAnswers } from '../errors/works.ts'
import type { Repair } from '../incidents/repair.ts'

/** A source is somebody else's: all that can be done is to let the next call try at once, rather than after a backoff. */
export const reachSource: Repair = {
  name: 'reach-source',
  async run({ store, clock }, { id }, guard) {
    await guard.hold(store)
    const changed = await makeProbeDue(store, `source:${id}`, clock.now())
    return {
      changed,
      summary: changed
        ? { zh: '已允许立即重试连接', en: 'The next call may try at once' }
        : { zh: '未改动，重新连接一次', en: 'Nothing was changed; it is connected to once more' },
    }
  },
  /** Not whether it can be connected to, but whether it answers a statement in a transaction. */
  async verify(platform, { id }) {
    if (!platform.sources.list().some(({ name }) => name === id)) return 'fixed' // it is no longer configured
    return (await sourceAnswers(platform, { name: id })) ? 'fixed' : 'not_fixed'
  },
}
