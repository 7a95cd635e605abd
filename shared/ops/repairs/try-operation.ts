import { makeProbeDue } from '../errors/budget-store.ts'
import { works } from '../errors/works.ts'
import type { Repair } from '../incidents/repair.ts'

/** Lets a component be called again, if it works. */
export const tryComponent = tryOperation('try-component')

/** A model is somebody else's: the next call may try at once, and the verification is such a call, of a few tokens. */
export const tryModel = tryOperation('try-model')

function tryOperation(name: string): Repair {
  return {
    name,
    async run({ store, clock }, { id }, guard) {
      await guard.hold(store)
      const changed = await makeProbeDue(store, id, clock.now())
      return { changed, summary: { zh: '已允许立即重试', en: 'The next call may try at once' } }
    },
    /** Not whether it is held back, but whether it does its work; a call that others' failures hold back says nothing. */
    async verify(platform, { id }) {
      await makeProbeDue(platform.store, id, platform.clock.now())
      return (await works(platform, id)) ? 'fixed' : 'not_fixed'
    },
  }
}
