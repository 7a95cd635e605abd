import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './disk-problems.ts'

/** A file that is still being written carries this at the start of its name. */
export const TEMPORARY_PREFIX = '.helix-tmp-'

/** Whether a key names a file that is still being written. */
export function isTemporary(key: string): boolean {
  return key.slice(key.lastIndexOf('/') + 1).startsWith(TEMPORARY_PREFIX)
}

/**
 * Keys of the plain files below a directory, in the order of their UTF-8 bytes as object stores list them. Links are
 * not followed. Holds one directory per level in memory.
 * @param directory where `folder` is on the disk
 * @param folder its key, empty for the root
 */
export async function* walkKeys(
  directory: string,
  folder: string,
  wanted: { readonly prefix: string; readonly after: string | null },
): AsyncGenerator<string> {
  const { prefix, after } = wanted
  const entries = (await readFolder(directory)).map((entry) => {
    const key = folder === '' ? entry.name : `${folder}/${entry.name}`
    return { entry, key, order: entry.isDirectory() ? `${key}/` : key }
  })
  entries.sort((a, b) => compareBytes(a.order, b.order))
  for (const { entry, key, order } of entries) {
    if (entry.isDirectory()) {
      const mayMatch = order.startsWith(prefix) || prefix.startsWith(order)
      const mayFollow = after === null || after.startsWith(order) || compareBytes(order, after) > 0
      if (mayMatch && mayFollow) yield* walkKeys(join(directory, entry.name), key, wanted)
    } else if (entry.isFile() && key.startsWith(prefix) && !isTemporary(key)) {
      if (after === null || compareBytes(key, after) > 0) yield key
    }
  }
}

async function readFolder(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
