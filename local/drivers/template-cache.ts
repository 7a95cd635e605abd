import { createHash } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, cp, mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a prepared database is made of; the same ingredients give the same database. */
export interface TemplateKey {
  /** What people call it: `store`. */
  readonly name: string
  /** Everything that the content depends on: versions, extensions, the text of migrations. */
  readonly ingredients: readonly string[]
}

const UNUSED_MS_MAX = 7 * 24 * 3_600_000 // a template that nobody has copied for a week is of an older version
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** Where prepared databases are kept: with the installed packages when that is writable, else in the data directory. */
export async function templateCacheDir(dataDir: string): Promise<string> {
  const writable = await access(MODULES, constants.W_OK).then(
    () => true,
    () => false,
  )
  return writable ? join(MODULES, '.cache', 'helix') : join(dataDir, 'cache')
}

/** `store-1f2e3d4c5b6a7988`: the directory of a template in the cache. */
export function templateName(key: TemplateKey): string {
  const hash = createHash('sha256')
  for (const ingredient of key.ingredients) hash.update(`${Buffer.byteLength(ingredient)}:${ingredient}`)
  return `${key.name}-${hash.digest('hex').slice(0, 16)}`
}

/**
 * Makes `target` a copy of the template, building the template first where the cache has none. Two processes may do
 * this at once and either may be killed: directories are filled under another name and then renamed.
 * @param build fills an empty directory with the prepared database and leaves it closed
 */
export async function copyTemplate(
  cacheDir: string,
  key: TemplateKey,
  target: string,
  build: (dir: string) => Promise<void>,
): Promise<void> {
  const template = join(cacheDir, templateName(key))
  if (!existsSync(template)) {
    await fillAndRename(template, build)
    await prune(cacheDir, template)
  }
  await fillAndRename(target, async (dir) => {
    await cp(template, dir, { recursive: true, mode: constants.COPYFILE_FICLONE })
  })
  await touch(template)
}

async function fillAndRename(target: string, fill: (dir: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  const temporary = await mkdtemp(`${target}.tmp-`)
  try {
    await fill(temporary)
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    const lostRace = error instanceof Error && 'code' in error && /^(ENOTEMPTY|EEXIST)$/.test(String(error.code))
    if (!lostRace) throw error // else another process has made the same thing meanwhile
  }
}

/** Notes that a template is in use. The time comes from a new file's own, so that only the file system's clock counts. */
async function touch(path: string): Promise<void> {
  const marker = await mkdtemp(`${path}.tmp-`)
  const { mtime } = await stat(marker)
  await rm(marker, { recursive: true, force: true })
  await utimes(path, mtime, mtime)
}

/** Removes what killed processes and older versions left behind. */
async function prune(cacheDir: string, newest: string): Promise<void> {
  const { mtimeMs: now } = await stat(newest)
  for (const entry of await readdir(cacheDir)) {
    const path = join(cacheDir, entry)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }))
    if (entry !== basename(newest) && now - mtimeMs > UNUSED_MS_MAX) await rm(path, { recursive: true, force: true })
  }
}
