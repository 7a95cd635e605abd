import { resolve } from 'node:path'
import { checkArchive } from './archive-reader.ts'
import { type Ended, endFilesRestore, holdRestore } from './cut-off.ts'
import type { Manifest } from './manifest.ts'
import { restoreFiles } from './restore-files.ts'
import { removeJournal, settleJournal, swapJournalled } from './restore-journal.ts'
import { restoreEmbedded, restoreServer, type StoreChoice } from './restore-store.ts'

export interface RestoreTarget {
  /** A server's database; null for the embedded one of `dataDir`. */
  readonly url: string | null
  readonly dataDir: string
  readonly filesRoot: string
}

export interface Restored {
  readonly manifest: Manifest
  /** Where what was replaced lies now. */
  readonly kept: readonly string[]
}

export interface RestoreOptions {
  /** Gives up what is there already. */
  readonly replace: boolean
  /** Tells what is put aside from other times. */
  readonly stamp: string
  /** Told of an earlier restore that had been cut off, and has been ended. */
  readonly onEnded?: (ended: Ended) => void
}

/**
 * Restores an archive: it is read whole and compared with its manifest, the files are written beside the old ones, the
 * store is filled and read back, and only then does anything change place. A failure leaves everything as it was; a
 * restore that is cut off, by a crash, is ended by the next one before it does anything else.
 * @throws {Problem} `backup_invalid`, `restore_refused`, `data_dir_taken`, `store_unavailable`
 */
export async function restore(archive: string, target: RestoreTarget, options: RestoreOptions): Promise<Restored> {
  const place = { url: target.url, filesRoot: resolve(target.filesRoot) }
  const held = await holdRestore(place.filesRoot)
  try {
    await endFilesRestore(place, options.onEnded)
    const manifest = await checkArchive(archive)
    const kept = await putInPlace({ ...target, ...place }, { archive, manifest, replace: options.replace }, options)
    return { manifest, kept }
  } finally {
    await held.release()
  }
}

/** @returns where what was replaced lies now */
async function putInPlace(
  target: RestoreTarget,
  choice: StoreChoice,
  { stamp, onEnded }: RestoreOptions,
): Promise<string[]> {
  const prepared = [await restoreFiles(target.filesRoot, stamp, choice)]
  const swaps = () => prepared.map(({ swap }) => swap)
  try {
    if (target.url === null) {
      prepared.unshift(await restoreEmbedded(resolve(target.dataDir), { ...choice, stamp, onEnded }))
      await swapJournalled(target, swaps(), null)
    } else {
      await restoreServer(target.url, choice, (tx) => swapJournalled(target, swaps(), tx))
    }
    await removeJournal(target)
  } catch (error) {
    // Where this fails too, what was prepared stays for the next restore.
    await settleJournal(target, { failed: true })
    for (const { discard } of prepared) await discard()
    throw error
  }
  for (const { release } of prepared) await release()
  return swaps().flatMap(({ kept }) => kept ?? [])
}
