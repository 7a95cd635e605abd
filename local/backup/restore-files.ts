import { mkdir, readdir, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { Problem } from '../../shared/platform/problems.ts'
import { diskFiles } from '../drivers/disk-files.ts'
import { readArchive } from './archive-reader.ts'
import { buildingPath } from './cut-off.ts'
import { entryOf } from './manifest.ts'
import type { Prepared } from './restore-store.ts'

/**
 * Restores the files beside those that are there; nothing of these is touched before the swap.
 * @throws {Problem} `restore_refused` when there are some and they are not to be replaced, `files_unavailable`
 */
export async function restoreFiles(
  target: string,
  stamp: string,
  { archive, replace }: { archive: string; replace: boolean },
): Promise<Prepared> {
  const building = buildingPath(target, stamp)
  const discard = () => rm(building, { recursive: true, force: true })
  const isEmpty = (await entriesOf(target)).length === 0
  if (!isEmpty && !replace) {
    throw new Problem('restore_refused', `${target} holds files already`, {
      hint: 'Name another place with --files, or give up what is there with --replace',
    })
  }
  try {
    await fillFiles(building, archive)
    return {
      swap: { from: building, to: target, kept: isEmpty ? null : `${target}.replaced-${stamp}` },
      release: async () => undefined,
      discard,
    }
  } catch (error) {
    await discard()
    throw error
  }
}

/** Writes the files of an archive below `root`; of one that it holds twice the later. @returns how many there were */
export async function fillFiles(root: string, archive: string): Promise<number> {
  await mkdir(root, { recursive: true })
  const files = diskFiles(root)
  let written = 0
  for await (const entry of readArchive(archive)) {
    const kind = entryOf(entry.name)
    if (kind !== null && typeof kind === 'object' && 'key' in kind) {
      await files.put(kind.key, Readable.toWeb(Readable.from(entry.body)) as ReadableStream<Uint8Array>)
      written += 1
      continue
    }
    for await (const _ of entry.body); // not a file
  }
  return written
}

async function entriesOf(dir: string): Promise<string[]> {
  return await readdir(dir).catch(() => [])
}
