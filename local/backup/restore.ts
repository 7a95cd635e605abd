import { resolve } from 'node:path'
import { checkArchive } from './archive-reader.ts'
import type { Manifest } from './manifest.ts'
import { restoreFiles } from './restore-files.ts'
import { removeJournal, settleJournal, swapJournalled } from './restore-journal.ts'
import { restoreEmbedded, restoreServer } from './restore-store.ts'

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

/**
 * Restores an archive: it is read whole and compared with its manifest, the files are written beside the old ones, the
 * store is filled and read back, and only then does anything change place. A failure leaves everything as it was; a
 * restore that is cut off then, by a crash, is ended by the next one before it does anything else.
 * @param stamp tells what is put aside from other times
 * @throws {Problem} `backup_invalid`, `restore_refused`, `data_dir_taken`, `store_unavailable`
 */
export async function restore(
  archive: string,
  target: RestoreTarget,
  { replace, stamp }: { replace: boolean; stamp: string },
): Promise<Restored> {
  const place = { url: target.url, filesRoot: resolve(target.filesRoot) }
  await settleJournal(place)
  const manifest = await checkArchive(archive)
  const prepared = [await restoreFiles(target.filesRoot, stamp, { archive, replace })]
  const swaps = () => prepared.map(({ swap }) => swap)
  try {
    const choice = { archive, manifest, replace }
    if (target.url === null) {
      prepared.unshift(await restoreEmbedded(resolve(target.dataDir), stamp, choice))
      await swapJournalled(place, swaps(), null)
    } else {
      await restoreServer(target.url, choice, (tx) => swapJournalled(place, swaps(), tx))
    }
    await removeJournal(place)
  } catch (error) {
    // Where this fails too, what was prepared stays for the next restore.
    await settleJournal(place, { failed: true })
    for (const { discard } of prepared) await discard()
    throw error
  }
  for (const { release } of prepared) await release()
  return { manifest, kept: swaps().flatMap(({ kept }) => kept ?? []) }
}
