import { randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { appendFile, type FileHandle, link, mkdir, open, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import {
  assertKey,
  type ByteRange,
  type FileBody,
  type FileContent,
  type FileInfo,
  type Files,
} from '../../shared/platform/files.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { codeOf, onDisk } from './disk-problems.ts'
import { isTemporary, TEMPORARY_PREFIX, walkKeys } from './disk-walk.ts'
import { pathInside } from './path-inside.ts'

const PAGE_MAX = 1_000
const FOLDER_MODE = 0o755
const PUT_TRIES_MAX = 3 // a deletion may remove an empty folder between our making it and our using it
const MTIME_STEP_MS = 0.01 // file systems keep time by ticks of some milliseconds, `utimes` to a microsecond

/** Files below a directory of this machine. Several processes may share it; a conditional put is exact within one. */
export function diskFiles(root: string): Files {
  const base = resolve(root)
  const locks = new Map<string, Promise<unknown>>()
  const path = async (key: string): Promise<string> => {
    assertKey(key)
    const inside = await pathInside(base, key)
    if (inside === null) throw new Problem('invalid_file_name', `The file name ${JSON.stringify(key)} leads outside`)
    return inside
  }
  return {
    root,
    put: (key, content, condition = {}) =>
      onDisk(root, 'write', key, async () => {
        const target = await path(key)
        return await alone(locks, target, () => putFile(key, target, content, condition))
      }),
    append: (key, text) =>
      onDisk(root, 'write', key, async () => {
        const target = await path(key)
        await mkdir(dirname(target), { recursive: true, mode: FOLDER_MODE })
        await appendFile(target, text)
      }),
    get: (key, range) => onDisk(root, 'read', key, async () => await getFile(key, await path(key), range)),
    head: (key) => onDisk(root, 'read', key, async () => infoOf(key, await statOrNull(await path(key)))),
    list: (prefix, { cursor, limit = PAGE_MAX } = {}) =>
      onDisk(root, 'list', prefix, async () => {
        const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')))
        const start = folder === '' ? base : await path(folder)
        const files: FileInfo[] = []
        for await (const key of walkKeys(start, folder, { prefix, after: cursor ?? null })) {
          const last = files.at(-1)
          if (last !== undefined && files.length >= Math.min(limit, PAGE_MAX)) return { files, cursor: last.key }
          const info = infoOf(key, await statOrNull(join(base, key)))
          if (info !== null) files.push(info)
        }
        return { files, cursor: null }
      }),
    async delete(keys) {
      for (const key of keys) {
        await onDisk(root, 'delete', key, async () => {
          const target = await path(key)
          await rm(target, { force: true })
          await removeEmptyFolders(dirname(target), base)
        })
      }
    },
  }
}

/** Fills a file of another name and gives it the right one when it is complete. */
async function putFile(
  key: string,
  target: string,
  content: FileContent,
  condition: { ifNoneMatch?: '*'; ifMatch?: string },
): Promise<FileInfo> {
  const temporary = await writeTemporary(dirname(target), content)
  try {
    const old = await statOrNull(target)
    if (condition.ifMatch !== undefined && infoOf(key, old)?.etag !== condition.ifMatch) throw conflict(key)
    await makeNewer(temporary, old)
    if (condition.ifNoneMatch === '*') await link(temporary, target)
    else await rename(temporary, target)
  } catch (error) {
    throw codeOf(error) === 'EEXIST' && condition.ifNoneMatch === '*' ? conflict(key) : error
  } finally {
    await rm(temporary, { force: true })
  }
  return infoOf(key, await statOrNull(target)) ?? Promise.reject(new Error(`${target} vanished`))
}

async function writeTemporary(folder: string, content: FileContent): Promise<string> {
  const path = join(folder, `${TEMPORARY_PREFIX}${randomUUID()}`)
  const handle = await openNew(path)
  try {
    await writeFile(handle, content)
    await handle.datasync() // a rename may reach the disk before what was written
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  return path
}

async function openNew(path: string): Promise<FileHandle> {
  for (let tries = 1; ; tries++) {
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
    try {
      return await open(path, 'wx')
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === PUT_TRIES_MAX) throw error
    }
  }
}

let newestMs = 0 // of this process, whichever roots it writes to

/** Two versions of a file never have the same time, even when they are written within one tick. */
async function makeNewer(path: string, old: BigIntStats | null): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    const own = milliseconds(await handle.stat({ bigint: true }))
    const atLeast = Math.max(newestMs, old === null ? 0 : milliseconds(old)) + MTIME_STEP_MS
    if (own < atLeast) await handle.utimes(atLeast / 1000, atLeast / 1000)
    newestMs = Math.max(own, atLeast)
  } finally {
    await handle.close()
  }
}

function milliseconds(stats: BigIntStats): number {
  return Number(stats.mtimeNs / 1000n) / 1000
}

async function getFile(key: string, path: string, range?: ByteRange): Promise<FileBody | null> {
  const handle = await openExisting(path)
  if (handle === null) return null
  try {
    const info = infoOf(key, await handle.stat({ bigint: true }))
    if (info === null || (range !== undefined && range.offset >= info.size && info.size > 0)) {
      await handle.close()
      if (info === null) return null
      throw new Problem('range_not_satisfiable', `${key} has ${info.size} bytes, none at ${range?.offset}`)
    }
    const start = range?.offset ?? 0
    const end = range?.length === undefined ? {} : { end: start + range.length - 1 }
    const stream = handle.createReadStream({ start, ...end })
    return { ...info, body: Readable.toWeb(stream) as ReadableStream<Uint8Array> }
  } catch (error) {
    await handle.close().catch(() => undefined)
    throw error
  }
}

async function openExisting(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (/^(ENOENT|ENOTDIR|EISDIR)$/.test(codeOf(error))) return null
    throw error
  }
}

async function statOrNull(path: string): Promise<BigIntStats | null> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test(codeOf(error))) return null
    throw error
  }
}

function infoOf(key: string, stats: BigIntStats | null): FileInfo | null {
  if (stats?.isFile() !== true || isTemporary(key)) return null
  const etag = [stats.ino, stats.size, stats.mtimeNs].map((part) => part.toString(36)).join('-')
  return { key, size: Number(stats.size), etag: `"${etag}"`, modifiedAt: stats.mtime }
}

async function removeEmptyFolders(folder: string, base: string): Promise<void> {
  for (let current = folder; current !== base && current.startsWith(base); current = dirname(current)) {
    try {
      await rmdir(current)
    } catch {
      return // not empty, or gone already
    }
  }
}

/** Runs `work` when nobody else in this process works on the same name. */
async function alone<T>(locks: Map<string, Promise<unknown>>, name: string, work: () => Promise<T>): Promise<T> {
  const before = locks.get(name) ?? Promise.resolve()
  const mine = before.then(work, work)
  locks.set(name, mine)
  try {
    return await mine
  } finally {
    if (locks.get(name) === mine) locks.delete(name)
  }
}

function conflict(key: string): Problem {
  return new Problem('file_conflict', `${key} is not what it was expected to be`)
}
