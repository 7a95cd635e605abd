import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { isAlive, ownIdentity } from './process-identity.ts'

const Record = z.object({
  pid: z.number(),
  start: z.string().nullable(),
  bootId: z.string().nullable(),
  command: z.string(),
  port: z.number().nullable(),
  /** Where it was written, so that a copied folder's file is not taken for its own; null in files of older versions. */
  path: z.string().nullable().default(null),
})

/** What a process says about itself in its file. */
export type ProcessRecord = Readonly<z.infer<typeof Record>>

/** A process file that this process holds until it is released. */
export interface HeldProcessFile {
  /** Adds where the process listens. @throws {AlreadyRunning} when the file has become another process's */
  publish(port: number): Promise<void>
  /** Removes the file, if it is still this process's. */
  release(): Promise<void>
}

/** Another process holds the file. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning'
  readonly holder: ProcessRecord

  constructor(holder: ProcessRecord) {
    const where = holder.port === null ? '' : ` on port ${holder.port}`
    super(`Helix is already running on this data: process ${holder.pid}${where} (${holder.command})`)
    this.holder = holder
  }
}

const TRIES_MAX = 5 // each one means that another process came or went in between

/**
 * Takes the file for this process; one that was left by a process that has ended is replaced. Its folder is made.
 * @throws {AlreadyRunning} when a living process, this one included, holds it
 */
export async function holdProcessFile(path: string): Promise<HeldProcessFile> {
  await mkdir(dirname(path), { recursive: true })
  const own = { ...(await ownIdentity()), command: ownCommand(), port: null, path: await truePath(path) }
  for (let tries = 1; !(await createExclusively(path, own)); tries++) {
    const text = await readOrNull(path)
    const holder = parseProcessRecord(text)
    if (holder !== null && ((await isAlive(holder)) || tries === TRIES_MAX)) throw new AlreadyRunning(holder)
    if (text !== null) await removeIfStill(path, text, own)
  }
  let current: ProcessRecord = own
  return {
    async publish(port) {
      const holder = parseProcessRecord(await readOrNull(path))
      if (holder !== null && !sameRecord(holder, current)) throw new AlreadyRunning(holder)
      current = { ...own, port }
      await replace(path, current)
    },
    async release() {
      const holder = parseProcessRecord(await readOrNull(path))
      if (holder !== null && sameRecord(holder, current)) await rm(path, { force: true })
    },
  }
}

/** Who holds the file; null when nobody living does. */
export async function readProcessFile(path: string): Promise<ProcessRecord | null> {
  const holder = parseProcessRecord(await readOrNull(path))
  return holder !== null && (await isAlive(holder)) ? holder : null
}

/** Puts a record into a file that another process's has been put into wrongly. The caller knows that it is true. */
export async function writeProcessFile(path: string, record: ProcessRecord): Promise<void> {
  await replace(path, record)
}

/** Removes a file whose process is gone, if it still says `text`. */
export async function removeStaleFile(path: string, text: string): Promise<void> {
  await removeIfStill(path, text, { ...(await ownIdentity()), command: ownCommand(), port: null, path: null })
}

/** The file's own place, without symbolic links. */
export async function truePath(path: string): Promise<string> {
  return join(await realpath(dirname(path)), basename(path))
}

/** `helix.js start`: further arguments may hold a password. */
function ownCommand(): string {
  const [, script = '', word = ''] = process.argv
  return [basename(script), ...(/^[a-z-]+$/.test(word) ? [word] : [])].join(' ')
}

/** Nobody ever sees the file half-written: it is written under another name and then linked. */
async function createExclusively(path: string, record: ProcessRecord): Promise<boolean> {
  const temporary = await writeTemporary(path, record)
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

async function replace(path: string, record: ProcessRecord): Promise<void> {
  await rename(await writeTemporary(path, record), path)
}

async function writeTemporary(path: string, record: ProcessRecord): Promise<string> {
  const temporary = `${path}.${randomUUID()}.tmp`
  await writeFile(temporary, `${JSON.stringify(record)}\n`, { flag: 'wx', mode: 0o600 })
  return temporary
}

/**
 * Removes a stale file, under a lock: of two processes that found the same one, the slower must not remove what the
 * faster has put there. A lock that is held means that somebody else is about to decide; one whose holder has died goes.
 */
async function removeIfStill(path: string, text: string, own: ProcessRecord): Promise<void> {
  const lock = `${path}.lock`
  if (!(await createExclusively(lock, own))) {
    const holder = parseProcessRecord(await readOrNull(lock))
    if (holder === null || !(await isAlive(holder))) await rm(lock, { force: true })
    return
  }
  try {
    if ((await readOrNull(path)) === text) await rm(path, { force: true })
  } finally {
    await rm(lock, { force: true })
  }
}

function sameRecord(one: ProcessRecord, other: ProcessRecord): boolean {
  return one.pid === other.pid && one.start === other.start && one.bootId === other.bootId
}

/** What can't be understood was not written by a living process: null. */
export function parseProcessRecord(text: string | null): ProcessRecord | null {
  try {
    const parsed = Record.safeParse(JSON.parse(text ?? ''))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

async function readOrNull(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
}
