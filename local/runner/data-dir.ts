import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../../shared/platform/problems.ts'
import { randomId } from '../../shared/platform/random.ts'
import { AlreadyRunning, type HeldProcessFile, holdProcessFile, readProcessFile } from '../drivers/process-files.ts'
import { systemRandom } from '../drivers/system-random.ts'

/** A data directory that this process alone may use. */
export interface HeldDataDir extends HeldProcessFile {
  /** Stays the same over restarts: the first part of a worker's id. */
  readonly installation: string
}

const PROCESS_FILE = 'helix.pid'
const INSTALLATION_FILE = 'installation'

/** @throws {Problem} `data_dir_taken` when another runner is alive on the same data, `files_unavailable` when it can't be written */
export async function holdDataDir(dir: string): Promise<HeldDataDir> {
  try {
    await mkdir(dir, { recursive: true })
    const held = await holdProcessFile(join(dir, PROCESS_FILE))
    return { ...held, installation: await installationOf(dir) }
  } catch (error) {
    if (error instanceof AlreadyRunning) {
      throw new Problem('data_dir_taken', error.message, {
        hint: 'Use that runner, stop it, or choose another HELIX_DATA_DIR',
        cause: error,
      })
    }
    if (error instanceof Error && 'code' in error) {
      throw new Problem('files_unavailable', `Cannot use the data directory ${dir} (${String(error.code)})`, {
        hint: 'Make it writable, or choose another HELIX_DATA_DIR',
        cause: error,
      })
    }
    throw error
  }
}

/** Where the runner that holds a data directory listens; null when there is none, or it does not listen. */
export async function runnerPort(dir: string): Promise<number | null> {
  return (await readProcessFile(join(dir, PROCESS_FILE)))?.port ?? null
}

/** A name for the directory, made once. */
async function installationOf(dir: string): Promise<string> {
  const path = join(dir, INSTALLATION_FILE)
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (/^[0-9a-z]{12}$/.test(kept)) return kept
  const made = randomId(systemRandom)
  await writeFile(path, made)
  return made
}
