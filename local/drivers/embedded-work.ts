import { setImmediate } from 'node:timers/promises'
import type { PGlite } from '@electric-sql/pglite'
import { steadyMs } from './system-clock.ts'

/** The part of the embedded database that computes, in this very thread. */
type Computing = Pick<PGlite, 'execProtocolRawSync' | 'execProtocolStream'>

const TURN_MS = 10 // leases, callers and signals wait no longer than that, and the statement that is under way

let milliseconds = 0
let counted = 0

/**
 * Makes a database's computing count as its own, and lets others have their turn between statements: answers that come
 * at once never lead back to the event loop, so that a thousand statements would hold it for as long as they take.
 */
export function shareThread(database: Computing): void {
  const stream = database.execProtocolStream.bind(database)
  database.execProtocolStream = async (...request) => {
    if (milliseconds - counted >= TURN_MS) {
      counted = milliseconds
      await setImmediate()
    }
    return await stream(...request)
  }
  const compute = database.execProtocolRawSync.bind(database)
  database.execProtocolRawSync = (message) => {
    const begunAt = steadyMs()
    try {
      return compute(message)
    } finally {
      milliseconds += steadyMs() - begunAt
    }
  }
}

/** How long embedded databases have kept this thread busy: on a cloud a server does that work. */
export function embeddedWorkMs(): number {
  return milliseconds
}
