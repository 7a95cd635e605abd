import pg from 'pg'
import type { Clock } from './clock.ts'
import { APPLICATION_NAME, uncompiled } from './postgres-store.ts'

/** One connection that outlives an invocation: the next one in the same sandbox finds it open. */
export interface WarmPool {
  readonly pool: pg.Pool
  /**
   * Asks a kept connection for a sign of life and drops a dead one, so that the next statement gets a new one. AWS
   * freezes a sandbox between invocations, and what is cut meanwhile (by the server, a proxy or an idle timeout) looks
   * open until something is written to it.
   */
  revive(): Promise<void>
}

const CONNECT_MS_MAX = 5_000
const SIGN_OF_LIFE_MS_MAX = 1_500 // within one region a round trip takes a few; a connection cut silently never answers

/** @param url a connection URL; its `sslmode` decides about TLS */
export function warmPool(url: string, clock: Pick<Clock, 'sleep'>): WarmPool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1, // a sandbox has one invocation at a time, and a database has fewer connections than Lambda has sandboxes
    connectionTimeoutMillis: CONNECT_MS_MAX,
    idleTimeoutMillis: 0, // a timer would fire when the sandbox thaws, in the middle of the next invocation
    keepAlive: true,
    application_name: APPLICATION_NAME,
    onConnect: uncompiled,
  })
  return {
    pool,
    async revive() {
      if (pool.idleCount === 0) return
      const client = await pool.connect()
      const answered = new AbortController()
      const alive = client.query('select').then(
        () => true,
        () => false,
      )
      const late = clock.sleep(SIGN_OF_LIFE_MS_MAX, answered.signal).then(() => false)
      const lives = await Promise.race([alive, late])
      answered.abort()
      client.release(!lives)
    },
  }
}
