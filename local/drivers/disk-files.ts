import type { BigIntStats } from 'node:fs'
import { type FileHandle, open, rm, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { assertKey, type ByteRange, type FileBody, type FileInfo, type Files } from '../../shared/platform/files.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { codeOf, onDisk } from './disk-problems.ts'
import { isTemporary, walkKeys } from './disk-walk.ts'
import { appendToFile, isLink, makeFolder, replaceFile, statOrNull } from './disk-write.ts'
import { pathInside } from './path-inside.ts'

const PAGE_MAX = 1_000
const FOLDERS_MAX = 10_000 // remembered as lying inside

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
  // A folder that lay inside when it was first written to, or that we have made in one, is not asked again for each file.
  const inside = new Set([''])
  const pathToWrite = async (key: string, isNew: boolean): Promise<string> => {
    assertKey(key)
    const folder = parentOf(key)
    if (inside.has(folder)) return !isNew && isLink(join(base, key)) ? await path(key) : join(base, key)
    if (inside.size >= FOLDERS_MAX) inside.clear()
    if (!inside.has(parentOf(folder)) || !makeFolder(join(base, folder))) await path(key)
    inside.add(folder)
    return join(base, key)
  }
  return {
    root,
    put: (key, content, { ifMatch, ...options } = {}) =>
      onDisk(root, 'write', key, async () => {
        const target = await pathToWrite(key, options.ifNoneMatch === '*') // a link is something, too
        const accepts = (old: BigIntStats | null) => infoOf(key, old)?.etag === ifMatch
        const wanted = ifMatch === undefined ? options : { ...options, accepts }
        const written = await alone(locks, target, () => replaceFile(target, content, wanted))
        return infoOf(key, written) ?? Promise.reject(conflict(key))
      }),
    append: (key, text) =>
      onDisk(root, 'write', key, async () => {
        appendToFile(await pathToWrite(key, false), text)
      }),
    get: (key, range) => onDisk(root, 'read', key, async () => await getFile(key, await path(key), range)),
    head: (key) => onDisk(root, 'read', key, async () => infoOf(key, statOrNull(await path(key)))),
    list: (prefix, { cursor, limit = PAGE_MAX } = {}) =>
      onDisk(root, 'list', prefix, async () => {
        const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')))
        const start = folder === '' ? base : await path(folder)
        const files: FileInfo[] = []
        for await (const key of walkKeys(start, folder, { prefix, after: cursor ?? null })) {
          const last = files.at(-1)
          if (last !== undefined && files.length >= Math.min(limit, PAGE_MAX)) return { files, cursor: last.key }
          const info = infoOf(key, statOrNull(join(base, key)))
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

/** `a/b` of `a/b/c`; empty at the root. */
function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')))
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
