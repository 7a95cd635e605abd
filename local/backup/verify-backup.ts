import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../shared/platform/problems.ts'
import { diskFiles } from '../drivers/disk-files.ts'
import { checkArchive } from './archive-reader.ts'
import type { Manifest } from './manifest.ts'
import { fillFiles } from './restore-files.ts'
import { fillEmbedded } from './restore-store.ts'

/**
 * Restores an archive into a database and a folder of its own, compares every row and every byte with the manifest, and
 * removes both: a backup that nobody has restored is a hope.
 * @param dataDir where prepared databases are kept when they can't lie with the packages
 * @throws {Problem} `backup_invalid`
 */
export async function verifyBackup(archive: string, dataDir: string): Promise<Manifest> {
  const manifest = await checkArchive(archive)
  const scratch = await mkdtemp(join(tmpdir(), 'helix-verify-'))
  try {
    // It compares the rows before it commits them.
    await fillEmbedded(join(scratch, 'store'), dataDir, { archive, manifest })
    await fillFiles(join(scratch, 'files'), archive)
    await compareFiles(join(scratch, 'files'), manifest)
    return manifest
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Problem('backup_invalid', `${archive} could not be restored on trial: ${reason}`, { cause })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function compareFiles(root: string, manifest: Manifest): Promise<void> {
  const files = diskFiles(root)
  for (const { key, sha256 } of manifest.files) {
    const found = await files.get(key)
    const hash = createHash('sha256')
    if (found !== null) for await (const part of found.body) hash.update(part)
    const restored = hash.digest('hex')
    if (restored !== sha256) throw new Error(`File ${key} was restored with the hash ${restored} instead of ${sha256}`)
  }
}
