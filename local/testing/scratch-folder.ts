import { rmSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of one environment's databases. */
export interface ScratchFolder {
  readonly path: string
  remove(): Promise<void>
}

const IN_MEMORY = '/dev/shm' // on Linux. A database has about a thousand files: a disk takes six times as long to copy it
const FREE_BYTES_MIN = 1024 ** 3 // containers often have 64 MB, and each environment needs 30
const FORGOTTEN_MS = 24 * 3_600_000 // whoever made it was killed: no test takes a day
const PREFIX = 'helix-test-'

/** Removed when the process ends without having closed its environments. */
const standing = new Set<string>()

/** @param parents where it may be, the best first; by default memory where it has room, else the disk */
export async function openScratchFolder(
  parents: readonly string[] = [IN_MEMORY, tmpdir()],
  freeBytesMin = FREE_BYTES_MIN,
): Promise<ScratchFolder> {
  const path = await makeFirst(parents, freeBytesMin)
  await removeForgotten(path)
  if (standing.size === 0) process.once('exit', removeStanding)
  standing.add(path)
  return {
    path,
    async remove() {
      standing.delete(path)
      if (standing.size === 0) process.off('exit', removeStanding)
      await rm(path, { recursive: true, force: true })
    },
  }
}

async function makeFirst([parent = tmpdir(), ...others]: readonly string[], freeBytesMin: number): Promise<string> {
  if (others.length === 0) return await mkdtemp(join(parent, PREFIX))
  try {
    const { bavail, bsize } = await statfs(parent)
    if (bavail * bsize >= freeBytesMin) return await mkdtemp(join(parent, PREFIX))
  } catch {
    // not there, or not ours to write to: the next one will do
  }
  return await makeFirst(others, freeBytesMin)
}

/** What killed processes left beside a new folder. Its own time is the file system's, so no other clock matters. */
async function removeForgotten(path: string): Promise<void> {
  const parent = join(path, '..')
  const { mtimeMs: now } = await stat(path)
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue
    const { mtimeMs } = await stat(join(parent, name)).catch(() => ({ mtimeMs: now }))
    const gone = () => undefined // or it is somebody else's
    if (now - mtimeMs > FORGOTTEN_MS) await rm(join(parent, name), { recursive: true, force: true }).catch(gone)
  }
}

function removeStanding(): void {
  for (const path of standing) rmSync(path, { recursive: true, force: true })
}
