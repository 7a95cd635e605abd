import { createHash } from 'node:crypto'
import type { Files } from '../../platform/files.ts'
import { Problem } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import type { PlannedFile } from './plan.ts'

/** Where copies of removed files lie; no task is ever called so. */
export const COPIES = 'cleanups'

/** A file that a clean-up removes, and its copy. */
export interface Copy {
  readonly no: number
  readonly key: string
  readonly copyKey: string
  readonly size: number
  readonly hash: string
  readonly removed: boolean
}

const SAVE_COPIES = `
  insert into cleanup_files (cleanup_id, no, key, copy_key, size, content_hash)
  select $1, c.no, c.key, c.copy_key, c.size, c.hash
    from jsonb_to_recordset($2::jsonb) as c (no integer, key text, copy_key text, size bigint, hash text)`

const LIST_COPIES = `
  select no, key, copy_key, size, content_hash as hash, removed_at is not null as removed
    from cleanup_files
   where cleanup_id = $1
   order by no`

const MARK_REMOVED = `
  update cleanup_files
     set removed_at = $3
   where cleanup_id = $1 and no = any($2)`

/** Copies a file as a stream, and only as it was planned. @returns null when it is gone or has changed */
export async function copyFile(
  files: Files,
  { key, etag, size }: PlannedFile,
  at: { cleanupId: string; no: number },
): Promise<Copy | null> {
  const copyKey = `${COPIES}/${at.cleanupId}/${at.no}`
  const file = await files.get(key)
  if (file === null) return null
  if (file.etag !== etag) {
    await file.body.cancel()
    return null
  }
  const hash = createHash('sha256')
  const hashing = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      hash.update(chunk)
      controller.enqueue(chunk)
    },
  })
  const body = file.body.pipeThrough(hashing)
  try {
    await files.put(copyKey, body)
  } catch (error) {
    await body.cancel().catch(() => undefined) // a file that nobody reads stays open
    throw error
  }
  return { no: at.no, key, copyKey, size, hash: hash.digest('hex'), removed: false }
}

export async function saveCopies(tx: Queryable, cleanupId: string, copies: readonly Copy[]): Promise<void> {
  if (copies.length === 0) return
  const rows = copies.map(({ no, key, copyKey, size, hash }) => ({ no, key, copy_key: copyKey, size, hash }))
  await tx.query(SAVE_COPIES, [cleanupId, JSON.stringify(rows)])
}

export async function listCopies(store: Queryable, cleanupId: string): Promise<Copy[]> {
  const { rows } = await store.query<Omit<Copy, 'copyKey'> & { copy_key: string }>(LIST_COPIES, [cleanupId])
  return rows.map(({ copy_key: copyKey, size, ...copy }) => ({ ...copy, copyKey, size: Number(size) }))
}

export async function markRemoved(tx: Queryable, cleanupId: string, numbers: readonly number[], at: Date) {
  await tx.query(MARK_REMOVED, [cleanupId, numbers, at])
}

/**
 * Puts a file back where it was, unless something lies there.
 * @returns its new etag
 * @throws {Problem} `file_conflict` when something else does, `file_not_found` when the copy is gone
 */
export async function putBack(files: Files, { key, copyKey }: Copy): Promise<string> {
  const copy = await files.get(copyKey)
  if (copy === null) throw new Problem('file_not_found', `The copy of ${key} is gone`)
  return (await files.put(key, copy.body, { ifNoneMatch: '*' })).etag
}
