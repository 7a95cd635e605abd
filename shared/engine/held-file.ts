import type { Files, PutOptions } from '../platform/files.ts'
import { Problem } from '../platform/problems.ts'
import type { LeaseKeeper } from './lease-keeper.ts'

const TRIES_MAX = 5 // each one more means that somebody else wrote the file in between

/**
 * Writes a file of a task so that a worker whose claim was superseded, however late it wakes, never replaces what its
 * successor wrote: a new file is only created; an old one is only replaced as it was before the store said that the
 * claim holds.
 * @throws {Problem} `lease_lost`, `files_unavailable`
 */
export async function putHeld(
  files: Files,
  keeper: LeaseKeeper,
  key: string,
  content: string | Uint8Array,
  options: Pick<PutOptions, 'derived'> = {},
): Promise<void> {
  await keeper.assureHeld()
  if (await putIf(files, key, content, { ...options, ifNoneMatch: '*' })) return
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const found = await files.head(key)
    await keeper.flush()
    const condition: PutOptions = found === null ? { ifNoneMatch: '*' } : { ifMatch: found.etag }
    if (await putIf(files, key, content, { ...options, ...condition })) return
  }
  throw new Problem('files_unavailable', `${key} was changed by somebody else each time it was to be written`)
}

/** @returns false when the file is not as the condition wants it */
async function putIf(files: Files, key: string, content: string | Uint8Array, condition: PutOptions) {
  try {
    await files.put(key, content, condition)
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'file_conflict') return false
    throw error
  }
}
