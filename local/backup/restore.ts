import { resolve } from 'node:path'
import { checkArchive } from './archive-reader.ts'
import type { Manifest } from './manifest.ts'
import { restoreFiles } from './restore-files.ts'
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
 * store is filled and read back, and only then does anything change place.
 * @param stamp tells what is put aside from other times
 * @throws {Problem} `backup_invalid`, `restore_refused`, `data_dir_taken`, `store_unavailable`
 */
export async function restore(
  archive: string,
  target: RestoreTarget,
  { replace, stamp }: { replace: boolean; stamp: string },
): Promise<Restored> {
  const manifest = await checkArchive(archive)
  const files = await restoreFiles(target.filesRoot, stamp, { archive, replace })
  try {
    const choice = { archive, manifest, replace }
    if (target.url !== null) {
      await restoreServer(target.url, choice)
      return { manifest, kept: present([await files.commit()]) }
    }
    const store = await restoreEmbedded(resolve(target.dataDir), stamp, choice)
    return { manifest, kept: present([await store.commit(), await files.commit()]) }
  } catch (error) {
    await files.discard()
    throw error
  }
}

function present(paths: readonly (string | null)[]): string[] {
  return paths.filter((path) => path !== null)
}
