import { endIdleInTransaction, holdsTransaction } from '../database/end-sessions.ts'
import { sessionIn } from '../database/own-sessions.ts'
import type { Repair } from '../incidents/repair.ts'
import { endOutcome } from './session-words.ts'

/** Ends a session of Helix that idles in a transaction; the server rolls back what it had begun. */
export const endIdleSession: Repair = {
  name: 'end-idle-session',
  async run({ store }, { facts }, guard) {
    const session = sessionIn(facts)
    await guard.hold(store)
    const outcome = await endIdleInTransaction(store, session)
    if (outcome !== 'not_there') await guard.hold(store, { before: session, after: { outcome } })
    return endOutcome(session, outcome)
  },
  async verify({ store }, { facts }) {
    return (await holdsTransaction(store, sessionIn(facts))) ? 'not_fixed' : 'fixed'
  },
}
