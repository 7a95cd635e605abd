import { randomUUID } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  fdatasync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { FileContent } from '../../shared/platform/files.ts'
import { codeOf } from './disk-problems.ts'
import { TEMPORARY_PREFIX } from './disk-walk.ts'

export interface PutCondition {
  readonly ifNoneMatch?: '*'
  /** Not waited for until it is on the disk. */
  readonly derived?: boolean
  /** Asked with what is there now, null for nothing; false refuses. */
  readonly accepts?: (old: BigIntStats | null) => boolean
}

const FOLDER_MODE = 0o755
const PUT_TRIES_MAX = 3 // a deletion may remove an empty folder between our making it and our using it
const MTIME_STEP_MS = 0.01 // file systems keep time by ticks of some milliseconds, `utimes` to a microsecond

// The calls that take microseconds are made at once: handing each to another thread costs ten times what it does. What
// waits for the disk is handed over.
const flush = promisify(fdatasync)

/**
 * Fills a file of another name and gives it the right one when it is complete and on the disk.
 * @returns what the new file is; null when the condition refuses
 */
export async function replaceFile(
  target: string,
  content: FileContent,
  condition: PutCondition = {},
): Promise<BigIntStats | null> {
  const { ifNoneMatch, derived } = condition
  if (ifNoneMatch === '*' && derived === true && isWhole(content)) return createFile(target, content)
  const accepts = () => {
    const old = statOrNull(target)
    if (ifNoneMatch === '*' && old !== null) return null
    return condition.accepts?.(old) === false ? null : { old }
  }
  if (accepts() === null) return null
  const temporary = join(dirname(target), `${TEMPORARY_PREFIX}${randomUUID()}`)
  const handle = openNew(temporary)
  try {
    await fill(handle, content)
    if (derived !== true) await flush(handle) // a rename may reach the disk before what was written
    const seen = accepts()
    if (seen === null) return null
    makeNewer(handle, seen.old)
    const written = fstatSync(handle, { bigint: true })
    if (ifNoneMatch === '*') linkSync(temporary, target)
    else renameSync(temporary, target)
    return written
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && ifNoneMatch === '*') return null
    throw error
  } finally {
    closeSync(handle)
    rmSync(temporary, { force: true })
  }
}

/**
 * Fills a new file in its own place, which takes a quarter of the calls: only a crash between two of them leaves it
 * incomplete, and a derived one is written again.
 * @returns null where there is one
 */
function createFile(target: string, content: string | Uint8Array): BigIntStats | null {
  let handle: number
  try {
    handle = openNew(target)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return null
    throw error
  }
  try {
    writeFileSync(handle, content)
    return fstatSync(handle, { bigint: true })
  } catch (error) {
    rmSync(target, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
}

/** Adds text at the end of a file, which is made where there is none. */
export function appendToFile(target: string, text: string): void {
  const handle = openWithFolder(target, 'a')
  try {
    writeFileSync(handle, text)
  } finally {
    closeSync(handle)
  }
}

/** @returns false when it can't be made there: it exists, or its parent does not */
export function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: FOLDER_MODE })
    return true
  } catch {
    return false
  }
}

export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

export function statOrNull(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return null
    throw error
  }
}

function openNew(path: string): number {
  return openWithFolder(path, 'wx')
}

/** Makes the folder where it is missing. */
function openWithFolder(path: string, flags: 'wx' | 'a'): number {
  for (let tries = 1; ; tries++) {
    try {
      return openSync(path, flags)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries > PUT_TRIES_MAX) throw error
      mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE })
    }
  }
}

function isWhole(content: FileContent): content is string | Uint8Array {
  return typeof content === 'string' || content instanceof Uint8Array
}

async function fill(handle: number, content: FileContent): Promise<void> {
  if (isWhole(content)) {
    writeFileSync(handle, content)
    return
  }
  for await (const chunk of content) {
    for (let written = 0; written < chunk.length; ) written += writeSync(handle, chunk, written)
  }
}

let newestMs = 0 // of this process, whichever roots it writes to

/** Two versions of a file never have the same time, even when they are written within one tick. */
function makeNewer(handle: number, old: BigIntStats | null): void {
  const own = milliseconds(fstatSync(handle, { bigint: true }))
  const atLeast = Math.max(newestMs, old === null ? 0 : milliseconds(old)) + MTIME_STEP_MS
  if (own < atLeast) futimesSync(handle, atLeast / 1000, atLeast / 1000)
  newestMs = Math.max(own, atLeast)
}

function milliseconds(stats: BigIntStats): number {
  return Number(stats.mtimeNs / 1000n) / 1000
}
