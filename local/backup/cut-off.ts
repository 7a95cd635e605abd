import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Config } from '../../shared/platform/config.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { AlreadyRunning, type HeldProcessFile, holdProcessFile } from '../drivers/process-files.ts'
import { type Outcome, settleJournal } from './restore-journal.ts'

/** What has become of a restore that was cut off: its folders have their places, the old ones have, or half of it is gone. */
export interface Ended {
  readonly kind: Outcome | 'removed'
  readonly path: string
}

export type OnEnded = (ended: Ended) => void

// After the name of what is to be replaced: what a restore builds in, and that, its journal or its holder.
const BUILDING = /^\.restoring-\d{8}_\d{6}$/
const ANYTHING = /^\.restoring(-\d{8}_\d{6}|\.json(\.tmp)?|\.pid)$/

/** Where a restore builds what is to replace `target`. */
export function buildingPath(target: string, stamp: string): string {
  return `${target}.restoring-${stamp}`
}

/**
 * Keeps everybody else from restoring these files, and a runner from starting on them.
 * @throws {Problem} `restore_refused` while another process restores them
 */
export async function holdRestore(filesRoot: string): Promise<HeldProcessFile> {
  try {
    return await holdProcessFile(`${filesRoot}.restoring.pid`)
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error
    const { pid, command } = error.holder
    throw new Problem('restore_refused', `A restore into ${filesRoot} is under way: process ${pid} (${command})`, {
      hint: 'Wait until it has ended',
      cause: error,
    })
  }
}

type Places = Pick<Config, 'DATABASE_URL' | 'HELIX_FILES_ROOT' | 'HELIX_DATA_DIR'>

/** Whether a restore was cut off here, or is under way. Costs one look at two folders. */
export async function hasRestoreToEnd(config: Places): Promise<boolean> {
  const store = storeOf(config)
  if ((await siblings(resolve(config.HELIX_FILES_ROOT), ANYTHING)).length > 0) return true
  return store !== null && (await siblings(store, BUILDING)).length > 0
}

/**
 * What everybody does who holds the data directory, before the store is opened: half a restore would look like an empty
 * store.
 * @throws {Problem} `restore_refused` also while one is under way
 */
export async function endRestore(config: Places, onEnded?: OnEnded): Promise<void> {
  if (!(await hasRestoreToEnd(config))) return
  const filesRoot = resolve(config.HELIX_FILES_ROOT)
  const store = storeOf(config)
  const held = await holdRestore(filesRoot)
  try {
    await endFilesRestore({ url: config.DATABASE_URL ?? null, filesRoot }, onEnded)
    if (store !== null) await removeBuilding(store, onEnded)
  } finally {
    await held.release()
  }
}

/** That, by the one who holds these files: ends what was cut off among them, and removes what was never finished. */
export async function endFilesRestore(
  place: { url: string | null; filesRoot: string },
  onEnded?: OnEnded,
): Promise<void> {
  const outcome = await settleJournal(place)
  if (outcome !== null) onEnded?.({ kind: outcome, path: place.filesRoot })
  await rm(`${place.filesRoot}.restoring.json.tmp`, { force: true })
  await removeBuilding(place.filesRoot, onEnded)
}

/** Removes what a restore that was cut off has built beside `target`. The caller knows that none is under way. */
export async function removeBuilding(target: string, onEnded?: OnEnded): Promise<void> {
  for (const path of await siblings(target, BUILDING)) {
    await rm(path, { recursive: true, force: true })
    onEnded?.({ kind: 'removed', path })
  }
}

/** The embedded store, where there is one. */
function storeOf(config: Places): string | null {
  return config.DATABASE_URL === undefined ? join(resolve(config.HELIX_DATA_DIR), 'store') : null
}

async function siblings(target: string, tail: RegExp): Promise<string[]> {
  const name = basename(target)
  const names = await readdir(dirname(target)).catch(() => [])
  return names
    .filter((other) => other.startsWith(name) && tail.test(other.slice(name.length)))
    .map((other) => join(dirname(target), other))
}
