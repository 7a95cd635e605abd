import { holdsTransaction, isAtStatement, stopStatement } from '../database/end-sessions.ts'
import { sessionIn } from '../database/own-sessions.ts'
import type { Repair } from '../incidents/repair.ts'
import { endOutcome } from './session-words.ts'

/** Cancels one statement of Helix, and ends its session where it does not hear. */
export const stopStatementRepair: Repair = {
  name: 'stop-statement',
  async run({ store }, { facts }, guard) {
    const session = sessionIn(facts)
    await guard.hold(store)
    const outcome = await stopStatement(store, session)
    if (outcome !== 'not_there') await guard.hold(store, { before: session, after: { outcome } })
    return endOutcome(session, outcome)
  },
  /** Not for how long, but what the server's locks say; a transaction that has gone on to another statement is well. */
  async verify({ store }, { facts }) {
    const session = sessionIn(facts)
    return (await holdsTransaction(store, session)) && (await isAtStatement(store, session)) ? 'not_fixed' : 'fixed'
  },
}
