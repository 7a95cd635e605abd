import type { Context } from 'hono'
import type { FileInfo, Files } from '../files.ts'
import type { FunctionEnv } from '../platform.ts'
import { Problem } from '../problems.ts'
import { attachment } from './attachment.ts'
import { rangeOf } from './byte-range.ts'

const TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  jsonl: 'application/jsonl',
  md: 'text/markdown; charset=utf-8',
}

/**
 * Answers with a file as a download: whole or one range of it, or that it hasn't changed (RFC 9110).
 * The bytes are those that `info` speaks of, also when the file has grown since.
 * @throws {Problem} `range_not_satisfiable`, `file_not_found` when it was removed in the meantime
 */
export async function serveFile(
  c: Context<FunctionEnv>,
  files: Files,
  info: FileInfo,
  fileName: string,
): Promise<Response> {
  const headers: Record<string, string> = {
    'Accept-Ranges': 'bytes',
    ETag: info.etag,
    'Last-Modified': info.modifiedAt.toUTCString(),
    'Cache-Control': 'no-cache', // may be kept, but is asked for each time: files of a re-run keep their names
  }
  if (isUnchanged(c, info)) return c.body(null, 304, headers)
  const range = rangeOf(wantedRange(c, info), info.size)
  if (range.kind === 'outside') {
    c.header('Content-Range', `bytes */${info.size}`)
    throw new Problem('range_not_satisfiable', `The file "${fileName}" has ${info.size} bytes`)
  }
  const [first, last] = range.kind === 'part' ? [range.first, range.last] : [0, info.size - 1]
  headers['Content-Type'] = TYPES[fileName.split('.').at(-1) ?? ''] ?? 'text/plain; charset=utf-8'
  headers['Content-Disposition'] = attachment(fileName)
  headers['X-Content-Type-Options'] = 'nosniff'
  headers['Content-Length'] = String(last - first + 1)
  if (range.kind === 'part') headers['Content-Range'] = `bytes ${first}-${last}/${info.size}`
  const status = range.kind === 'part' ? 206 : 200
  if (c.req.method === 'HEAD' || info.size === 0) return c.body(null, status, headers)
  const file = await files.get(info.key, { offset: first, length: last - first + 1 })
  if (file === null) throw new Problem('file_not_found', `The file "${fileName}" was removed`)
  return c.body(file.body, status, headers)
}

function isUnchanged(c: Context, { etag, modifiedAt }: FileInfo): boolean {
  const known = c.req.header('If-None-Match')
  if (known !== undefined) {
    const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    return tags.includes('*') || tags.includes(etag)
  }
  const since = Date.parse(c.req.header('If-Modified-Since') ?? '')
  return !Number.isNaN(since) && wholeSeconds(modifiedAt) <= since
}

/** The range asked for, unless `If-Range` says that it was meant of another content. */
function wantedRange(c: Context, { etag }: FileInfo): string | undefined {
  // Only GET has ranges. A date in If-Range is too coarse to trust: the whole file is always a right answer.
  const condition = c.req.header('If-Range')
  const applies = c.req.method === 'GET' && (condition === undefined || condition === etag)
  return applies ? c.req.header('Range') : undefined
}

function wholeSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000) * 1000
}
