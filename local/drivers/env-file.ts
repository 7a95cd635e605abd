import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'

/** The variables of a `.env` file; none when there is no such file. */
export function readEnvFile(path: string): Record<string, string> {
  try {
    return { ...parseEnv(readFileSync(path, 'utf8')) } as Record<string, string>
  } catch (error) {
    if (isMissing(error)) return {}
    throw error
  }
}

// The spaces, the `export` and the comment of a line belong to the user.
const API_PORT_LINE = /^([ \t]*(?:export[ \t]+)?API_PORT[ \t]*=[ \t]*)(["']?)\d*\2(?=[ \t]*(?:#.*)?\r?$)/gm

/**
 * Writes the port into the `API_PORT=` lines of a `.env` file, where the user keeps one; everything else stays as it
 * is, byte for byte.
 * @returns whether the file has changed
 */
export async function rememberPort(path: string, port: number): Promise<boolean> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  if (bytes === null) return false
  const before = bytes.toString('latin1') // a character per byte, so that any encoding survives
  const after = before.replace(API_PORT_LINE, (_, name: string, quote: string) => `${name}${quote}${port}${quote}`)
  if (after === before) return false
  await replaceFile(await realpath(path), Buffer.from(after, 'latin1'))
  return true
}

/** A reader sees the old file or the new one; permissions stay as they are. */
async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const { mode } = await stat(path)
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx' })
    await chmod(temporary, mode & 0o777)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
