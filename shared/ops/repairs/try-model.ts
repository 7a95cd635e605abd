import * as z from 'zod'
import { UnusableAnswer } from '../../platform/llm.ts'
import type { Platform } from '../../platform/platform.ts'
import { asProblem } from '../../platform/problems.ts'
import { makeProbeDue } from '../errors/budget-store.ts'
import type { Repair } from '../incidents/repair.ts'

const Answer = z.object({ ok: z.boolean() })

/** A model is somebody else's: the next call may try at once, and the verification is such a call, of a few tokens. */
export const tryModel: Repair = {
  name: 'try-model',
  async run({ store, clock }, { id }, guard) {
    await guard.hold(store)
    const changed = await makeProbeDue(store, id, clock.now())
    return { changed, summary: { zh: '已允许立即重试', en: 'The next call may try at once' } }
  },
  /** Not whether it is held back, but whether it answers. */
  async verify(platform, { id }) {
    try {
      await ask(platform, id)
      return 'fixed'
    } catch (thrown) {
      return asProblem(thrown).cause instanceof UnusableAnswer ? 'fixed' : 'not_fixed' // of no use, but it answers
    }
  },
}

async function ask({ llm, embedder }: Platform, operation: string): Promise<void> {
  if (operation === 'embedding') await embedder.embed(['helix'])
  else
    await llm?.complete({
      system: 'You are asked whether you can be reached.',
      prompt: 'Answer {"ok": true}',
      schema: Answer,
      schemaName: 'Answer',
    })
}
