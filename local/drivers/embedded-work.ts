import { steadyMs } from './system-clock.ts'

/** The part of the embedded database that computes, in this very thread. */
interface Computing {
  execProtocolRawSync(message: Uint8Array): Uint8Array
}

let milliseconds = 0

/** Makes a database's computing count as its own. */
export function countEmbeddedWork(database: Computing): void {
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
