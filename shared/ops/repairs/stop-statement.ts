import { holdsTransaction, stopStatement } from '../database/end-sessions.ts'
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
  async verify({ store }, { facts }) {
    return (await holdsTransaction(store, sessionIn(facts))) ? 'not_fixed' : 'fixed'
  },
}
