import { createHash } from 'node:crypto'
import type { Files } from '../platform/files.ts'
import type { FileType, Output } from './outputs.ts'

/** A file's row among the outputs: its size in bytes and its SHA-256. */
export function outputOfFile(
  fileName: string,
  fileType: FileType,
  content: string | Uint8Array,
  description: string,
  primary = false,
): Output {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return { fileName, fileType, size: bytes.length, hash: sha256(bytes), description, primary }
}

/** Hex SHA-256. At once, since a thread of its own would take longer than it does. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The names of all files of a task, read page by page: where each call counts, a thousand files cost one. */
export async function taskFileNames(files: Files, taskId: string): Promise<string[]> {
  const prefix = `${taskId}/`
  const names: string[] = []
  let cursor: string | null = null
  do {
    const page = await files.list(prefix, cursor === null ? {} : { cursor })
    names.push(...page.files.map(({ key }) => key.slice(prefix.length)))
    cursor = page.cursor
  } while (cursor !== null)
  return names
}
