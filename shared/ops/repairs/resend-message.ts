import { findExecution } from '../../engine/execution.ts'
import { rescueExecution } from '../../engine/sweep.ts'
import { isFinal } from '../../engine/transitions.ts'
import type { Repair } from '../incidents/repair.ts'
import { isFull, isUnclaimed, listUnderWay } from '../incidents/under-way.ts'

/** Sends the message of one execution again. A message is a hint, so that one too many does no harm. */
export const resendMessage: Repair = {
  name: 'resend-message',
  async run(platform, { id, facts }, guard) {
    const claim = Number(facts.claim)
    await guard.hold(platform.store, { before: facts, after: { message: 'sent again', claim } })
    const done = await rescueExecution(platform, id, claim)
    return done === 'resend'
      ? { changed: true, summary: { zh: '已重新发送消息', en: 'The message was sent again' } }
      : { changed: done !== null && done !== 'leave', summary: { zh: '已无需重发', en: 'It was not needed any more' } }
  },
  /** Not whether it still waits, but whether somebody has taken it since: the claim number tells. */
  async verify(platform, { id, facts }) {
    const execution = await findExecution(platform.store, id)
    if (execution === null || isFinal(execution.status) || execution.claim > Number(facts.claim)) return 'fixed'
    if (isUnclaimed(execution, platform.clock.now())) {
      return isFull(await listUnderWay(platform.store), platform) ? 'fixed' : 'not_fixed'
    }
    return 'unknown' // on its way
  },
}
