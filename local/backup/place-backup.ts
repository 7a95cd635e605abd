import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Clock, timestampId } from '../../shared/platform/clock.ts'

const OWN_NAME = /^helix_\d{8}_\d{6}\.tar\.gz$/
const UNFINISHED_NAME = /^helix_\d{8}_\d{6}\.tar\.gz\.[0-9a-f-]{36}\.tmp$/
const SILENCE_MS_MAX = 3_600_000 // one that is being written grows: the store ends a pause of ten minutes

/** Where a backup goes: the file that was named, one with the time in its name in a folder, or one in the data directory. */
export async function backupPath(to: string | undefined, dataDir: string, clock: Clock): Promise<string> {
  const name = `helix_${timestampId(clock.now(), clock.timeZone)}.tar.gz`
  if (to === undefined) return join(backupFolder(dataDir), name)
  const isFolder = to.endsWith('/') || (await stat(to).catch(() => null))?.isDirectory() === true
  return isFolder ? resolve(to, name) : resolve(to)
}

export function backupFolder(dataDir: string): string {
  return join(dataDir, 'backups')
}

/** Removes what backups into a folder have left that were cut off. @returns their names */
export async function removeUnfinished(folder: string, clock: Clock): Promise<string[]> {
  const unfinished = (await readdir(folder).catch(() => [])).filter((name) => UNFINISHED_NAME.test(name))
  const removed: string[] = []
  for (const name of unfinished) {
    const found = await stat(join(folder, name)).catch(() => null)
    if (found === null || clock.now().getTime() - found.mtimeMs < SILENCE_MS_MAX) continue
    await rm(join(folder, name), { force: true })
    removed.push(name)
  }
  return removed
}

/** Removes the oldest backups of a folder that carry a time in their names; others are not ours to judge. @returns their names */
export async function keepNewest(folder: string, count: number): Promise<string[]> {
  const own = (await readdir(folder).catch(() => [])).filter((name) => OWN_NAME.test(name)).toSorted()
  const old = own.slice(0, Math.max(0, own.length - count))
  for (const name of old) await rm(join(folder, name), { force: true })
  return old
}
