import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Queryable } from '../platform/store.ts'

export interface StoredAnswer {
  readonly status: number
  readonly body: unknown
}

const KEY_LENGTH_MAX = 200

// A second request with the key waits here for the first one's commit, and then finds its row.
const TAKE_KEY = `
  insert into idempotency_keys (key, request_hash, created_at)
  values ($1, $2, $3)
  on conflict (key) do nothing
  returning key`

const FIND_KEY = `
  select request_hash, status, response
    from idempotency_keys
   where key = $1`

const KEEP_ANSWER = `
  update idempotency_keys
     set status = $2, response = $3
   where key = $1`

/**
 * Does `work` in a transaction, once per key: a repeat gets the first answer, word for word, and changes nothing.
 * Without a key it simply does the work.
 * @throws {Problem} `idempotency_conflict` when the key was used for another request
 */
export async function once<T extends StoredAnswer>(
  platform: Platform,
  key: string | null,
  requestHash: string,
  work: (tx: Queryable) => Promise<T>,
): Promise<{ answer: StoredAnswer; repeated: boolean }> {
  if (key !== null && (key.length === 0 || key.length > KEY_LENGTH_MAX)) {
    throw new Problem('invalid_request', `The Idempotency-Key must have 1 to ${KEY_LENGTH_MAX} characters`)
  }
  return await platform.store.transaction(async (tx) => {
    if (key === null) return { answer: await work(tx), repeated: false }
    const { rowCount } = await tx.query(TAKE_KEY, [key, requestHash, platform.clock.now()])
    if (rowCount === 0) return { answer: await firstAnswer(tx, key, requestHash), repeated: true }
    const answer = await work(tx)
    await tx.query(KEEP_ANSWER, [key, answer.status, JSON.stringify(answer.body)])
    return { answer, repeated: false }
  })
}

async function firstAnswer(tx: Queryable, key: string, requestHash: string): Promise<StoredAnswer> {
  const { rows } = await tx.query<{ request_hash: string; status: number; response: unknown }>(FIND_KEY, [key])
  const [found] = rows
  if (found === undefined || found.request_hash !== requestHash) {
    throw new Problem('idempotency_conflict', `The Idempotency-Key "${key}" belongs to another request`, {
      hint: 'Use a new key for a new request',
    })
  }
  return { status: found.status, body: found.response }
}
