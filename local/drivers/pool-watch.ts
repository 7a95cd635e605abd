import type pg from 'pg'
import { type PoolReading, poolReading } from '../../shared/platform/machine.ts'
import { steadyMs } from './system-clock.ts'

/** A pool that knows who holds its connections. */
export interface PoolWatch {
  read(): PoolReading
  /**
   * Closes connections that have been out for longer than so many milliseconds, so that the pool can open others. Who
   * still holds one meets an error at its next statement; what it had begun is rolled back by the server.
   * @returns how many
   */
  reclaim(olderThanMs: number): number
}

interface Checkout {
  readonly sinceMs: number
  /** Where it was asked for; V8 writes the text when it is read, which almost never happens. */
  readonly trace: { readonly stack?: string }
}

const FRAMES_MAX = 16 // through the store's own functions to whoever called it

/** Notes each checkout of a pool with the place in the code that asked for it. Costs some microseconds a checkout. */
export function watchPool(pool: pg.Pool): PoolWatch {
  const out = new Map<pg.PoolClient, Checkout>()
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>
  const watched = (callback?: unknown) => {
    // The driver's own `pool.query` asks by callback, and gives back what it took by itself.
    if (callback !== undefined) return (connect as (callback: unknown) => unknown)(callback)
    const trace = traceHere(watched)
    return connect().then((client) => {
      out.set(client, { sinceMs: steadyMs(), trace })
      return client
    })
  }
  pool.connect = watched as typeof pool.connect
  pool.on('release', (_error, client) => void out.delete(client))
  pool.on('remove', (client) => void out.delete(client))
  return {
    read() {
      const [longest] = [...out.values()].toSorted((one, other) => one.sinceMs - other.sinceMs)
      const longestCheckout =
        longest === undefined ? null : { ms: steadyMs() - longest.sinceMs, place: placeIn(longest.trace.stack ?? '') }
      return { ...poolReading(pool), longestCheckout }
    },
    reclaim(olderThanMs) {
      const old = [...out].filter(([, { sinceMs }]) => steadyMs() - sinceMs > olderThanMs)
      for (const [client] of old) {
        client.release(true)
        client.release = () => undefined // its holder gives it back too, some day
      }
      return old.length
    },
  }
}

function traceHere(below: (...values: never[]) => unknown): { stack?: string } {
  const usual = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES_MAX
  const trace: { stack?: string } = {}
  Error.captureStackTrace(trace, below)
  Error.stackTraceLimit = usual
  return trace
}

// The store's own functions, which ask on behalf of others, and what lies outside this project.
const NOT_THE_PLACE =
  /\/(postgres-store|together|pool-watch|store-work|faulty-store|embedded-store)\.ts|\/node_modules\/|\bnode:/
const FRAME = /^\s*at (?:async )?(?:(.+?) \()?(?:file:\/\/)?(.+?):(\d+):\d+\)?$/
const FOLDERS = /^.*?\/(?=(?:shared|functions|scheduled|local|test)\/)/

/** `sweepZombies (shared/engine/sweep.ts:41)`: the first frame that is not the store's own. */
export function placeIn(stack: string): string {
  const frames = stack.split('\n').filter((line) => line.trim().startsWith('at '))
  const line = frames.find((frame) => !NOT_THE_PLACE.test(frame)) ?? frames[0] ?? ''
  const [, name, file = '', number] = FRAME.exec(line) ?? []
  if (file === '') return line.trim() === '' ? 'unknown' : line.trim()
  const place = `${file.replace(FOLDERS, '')}:${number}`
  return name === undefined ? place : `${name} (${place})`
}
