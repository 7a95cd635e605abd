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
  select request_hash, status, response::text as response
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
  assertKey(key)
  return await platform.store.transaction(async (tx) => {
    if (key === null) return { answer: await work(tx), repeated: false }
    const { rowCount } = await tx.query(TAKE_KEY, [key, requestHash, platform.clock.now()])
    if (rowCount === 0) {
      const given = await findAnswer(tx, key, requestHash)
      if (given !== null) return { answer: given, repeated: true }
    }
    const answer = await work(tx)
    await tx.query(KEEP_ANSWER, [key, answer.status, JSON.stringify(answer.body)])
    return { answer, repeated: false }
  })
}

/** @throws {Problem} `invalid_request` */
export function assertKey(key: string | null): void {
  if (key !== null && (key.length === 0 || key.length > KEY_LENGTH_MAX)) {
    throw new Problem('invalid_request', `The Idempotency-Key must have 1 to ${KEY_LENGTH_MAX} characters`)
  }
}

/** The first answer that was given for a key, or null. @throws {Problem} `idempotency_conflict` */
export async function findAnswer(store: Queryable, key: string, requestHash: string): Promise<StoredAnswer | null> {
  const { rows } = await store.query<KeyRow>(FIND_KEY, [key])
  return rows[0] === undefined ? null : answerGiven(key, requestHash, rows[0])
}

/** @throws {Problem} `idempotency_conflict` when the key was used for another request */
export function answerGiven(key: string | null, requestHash: string, found: KeyRow): StoredAnswer {
  if (found.request_hash !== requestHash) {
    throw new Problem('idempotency_conflict', `The Idempotency-Key "${key}" belongs to another request`, {
      hint: 'Use a new key for a new request',
    })
  }
  return { status: found.status, body: JSON.parse(found.response) }
}

interface KeyRow {
  readonly request_hash: string
  readonly status: number
  /** JSON as text: the fields keep their order. */
  readonly response: string
}
