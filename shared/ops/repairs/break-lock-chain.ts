import { endIdleInTransaction, stopStatement } from '../database/end-sessions.ts'
import { waitForLocksOf } from '../database/lock-chains.ts'
import { sessionIn } from '../database/own-sessions.ts'
import type { Repair } from '../incidents/repair.ts'
import { endOutcome } from './session-words.ts'

/** Ends what a session of Helix does at the head of a chain of waiting ones; its statement first, its session at last. */
export const breakLockChain: Repair = {
  name: 'break-lock-chain',
  async run({ store }, { facts }, guard) {
    const session = sessionIn(facts)
    await guard.hold(store)
    const outcome =
      session.state === 'active' ? await stopStatement(store, session) : await endIdleInTransaction(store, session)
    if (outcome !== 'not_there') await guard.hold(store, { before: session, after: { outcome } })
    return endOutcome(session, outcome)
  },
  /** Whether those that waited for it still do. */
  async verify({ store }, { facts }) {
    const waiters = (facts.waiters as { pid: number }[]).map(({ pid }) => pid)
    return (await waitForLocksOf(store, waiters, sessionIn(facts).pid)) ? 'not_fixed' : 'fixed'
  },
}
