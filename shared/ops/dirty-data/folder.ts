import { createHash } from 'node:crypto'
import type { FileInfo, Files } from '../../platform/files.ts'
import type { FileFact, OutputFact } from './picture.ts'

/** How much of files may still be read: a scan of any store ends in bounded time. */
export class HashBudget {
  #bytes: number
  /** Files that were not read since the budget was spent. */
  leftOut = 0
  spent = 0

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  take(bytes: number): boolean {
    if (bytes > this.#bytes) {
      this.leftOut += 1
      return false
    }
    this.#bytes -= bytes
    this.spent += bytes
    return true
  }
}

/** The files of a task's folder, by name. Only a file whose row keeps a hash is read. */
export async function readFolder(
  files: Files,
  taskId: string,
  outputs: readonly OutputFact[],
  budget: HashBudget,
): Promise<ReadonlyMap<string, FileFact>> {
  const rows = new Map(outputs.map((output) => [output.fileName, output]))
  const facts = new Map<string, FileFact>()
  for await (const info of listFolder(files, `${taskId}/`)) {
    const name = info.key.slice(taskId.length + 1)
    const row = rows.get(name)
    const isAsked = row !== undefined && row.hash !== null
    const hash = isAsked && budget.take(info.size) ? await hashOfFile(files, info.key) : null
    facts.set(name, { name, size: info.size, etag: info.etag, hash })
  }
  return facts
}

/** Files below a prefix, page by page. */
export async function* listFolder(files: Files, prefix: string): AsyncGenerator<FileInfo> {
  let cursor: string | null = null
  do {
    const page = await files.list(prefix, cursor === null ? {} : { cursor })
    yield* page.files
    cursor = page.cursor
  } while (cursor !== null)
}

/** Hex SHA-256 of a file, read as a stream: no file is ever held whole. Null when it is gone. */
export async function hashOfFile(files: Files, key: string): Promise<string | null> {
  const file = await files.get(key)
  if (file === null) return null
  const hash = createHash('sha256')
  for await (const chunk of file.body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk)
  return hash.digest('hex')
}
