import { Problem } from './problems.ts'

export interface FileInfo {
  /** Key below the root, `/`-separated: `task_20250627_143052/metadata.txt`. */
  readonly key: string
  readonly size: number
  /** Opaque; changes whenever the content does. Quoted as HTTP wants it. */
  readonly etag: string
  readonly modifiedAt: Date
}

export interface FileBody extends FileInfo {
  readonly body: ReadableStream<Uint8Array>
}

export interface ByteRange {
  readonly offset: number
  /** Bytes; to the end when absent. */
  readonly length?: number
}

export interface FilePage {
  readonly files: readonly FileInfo[]
  readonly cursor: string | null
}

export interface PutOptions {
  readonly ifNoneMatch?: '*'
  readonly ifMatch?: string
  readonly derived?: boolean
}

export type FileContent = string | Uint8Array | ReadableStream<Uint8Array>

/**
 * A task's files. Keys can't leave the root: every driver calls `assertKey` first.
 * A put is atomic: a reader sees the whole old content or the whole new one.
 * @throws {Problem} `files_unavailable` when the medium refuses (full, not writable)
 */
export interface Files {
  /**
   * `ifNoneMatch: '*'` refuses to replace; `ifMatch` replaces that content only.
   * `derived` says that it can be made anew from the store: after a power cut it may be empty, and nobody waits for the disk.
   * @throws {Problem} `file_conflict`
   */
  put(key: string, content: FileContent, options?: PutOptions): Promise<FileInfo>
  /** Adds text at the end, creating the file. One writer at a time. */
  append(key: string, text: string): Promise<void>
  get(key: string, range?: ByteRange): Promise<FileBody | null>
  head(key: string): Promise<FileInfo | null>
  /** Files below a prefix in key order. @param limit 1 to 1,000 */
  list(prefix: string, options?: { cursor?: string; limit?: number }): Promise<FilePage>
  /** Missing keys are no error. */
  delete(keys: readonly string[]): Promise<void>
  /** How the root is shown to people: `./data_pipeline/training_data`. */
  readonly root: string
}

const KEY_BYTES_MAX = 1024 // S3 and R2

/** @throws {Problem} `invalid_file_name` unless the key is relative, clean, printable and short enough for any platform */
export function assertKey(key: string): void {
  const segments = key.split('/')
  const clean = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (!clean || /[\u0000-\u001f\u007f\\]/.test(key) || new TextEncoder().encode(key).length > KEY_BYTES_MAX) {
    throw new Problem('invalid_file_name', `The file name ${JSON.stringify(key.slice(0, 200))} is not allowed`)
  }
}

/** Reads a whole file as it is; null when it is missing. */
export async function readBytes(files: Files, key: string): Promise<Uint8Array | null> {
  const file = await files.get(key)
  return file === null ? null : new Uint8Array(await new Response(file.body).arrayBuffer())
}

/** Reads a whole file as text, without a byte order mark; null when it is missing. */
export async function readText(files: Files, key: string): Promise<string | null> {
  const file = await files.get(key)
  return file === null ? null : await new Response(file.body).text()
}

const APPEND_TRIES_MAX = 5 // one writer at a time is promised; a lapsed worker may still add its last lines

/**
 * Appends where a file can only be replaced: `write` reads what is there and puts the whole again, on the condition that
 * nobody has changed it meanwhile; it is asked again when somebody has.
 */
export async function appendByReplacing(write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await write()
    } catch (error) {
      const changed = error instanceof Problem && error.code === 'file_conflict'
      if (!changed || tries === APPEND_TRIES_MAX) throw error
    }
  }
}
