import { realpath } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

/**
 * The real path of `key` below `root`, or null when it would lead outside, also through a symbolic link. Neither the
 * file nor its folders need exist.
 * @param key relative, `/`-separated
 */
export async function pathInside(root: string, key: string): Promise<string | null> {
  if (key.includes('\0')) return null
  const path = join(root, ...key.split('/'))
  if (!isWithin(root, path)) return null
  // Whatever exists is compared by where it really is; what does not exist yet can't be a link.
  return isWithin(await realOrNearest(root), await realOrNearest(path)) ? path : null
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

async function realOrNearest(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    const parent = dirname(path)
    if (!missing || parent === path) throw error
    return join(await realOrNearest(parent), path.slice(parent.length))
  }
}
