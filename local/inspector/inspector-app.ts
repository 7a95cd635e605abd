import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Hono } from 'hono'
import { commonMiddleware } from '../../shared/platform/http/create-function.ts'
import { problemResponse } from '../../shared/platform/http/problem-response.ts'
import type { FunctionEnv } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { CONTROL_PATH } from '../control/control-app.ts'
import { guard } from '../control/guard.ts'

/** What the page is made of, plain files that a browser reads as they are. */
export const PAGE_FILES = [
  'index.html',
  'icon.svg',
  'base.css',
  'frame.css',
  'panels.css',
  'faults.css',
  'overlays.css',
  'calls.css',
  'main.js',
  'api.js',
  'chinese.js',
  'clock.js',
  'cron.js',
  'dom.js',
  'english.js',
  'fate.js',
  'faults.js',
  'format.js',
  'invocation.js',
  'invocations.js',
  'language.js',
  'overlays.js',
  'queue.js',
] as const

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const HEADERS = {
  // Nothing inline, nothing from elsewhere, in nobody's frame.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache', // asked for each time, sent only when it has changed
} as const

/** The inspector's page: what a developer's runner does, live, and what may be done to it. */
export function createInspectorApp(): Hono<FunctionEnv> {
  const app = new Hono<FunctionEnv>()
  app.onError(problemResponse)
  app.use(...commonMiddleware(), guard)
  for (const name of PAGE_FILES) {
    const content = readFileSync(join(import.meta.dirname, 'page', name))
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
    const headers = { ...HEADERS, 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', ETag: etag }
    const paths = name === 'index.html' ? [CONTROL_PATH, `${CONTROL_PATH}/`] : [`${CONTROL_PATH}/${name}`]
    app.on('GET', paths, (c) => {
      const isKnown = c.req.header('if-none-match')?.includes(etag) === true
      return isKnown ? c.body(null, 304, headers) : c.body(content, 200, headers)
    })
  }
  app.notFound((c) => {
    throw new Problem('route_not_found', `There is no page ${c.req.path}`, { hint: CONTROL_PATH })
  })
  return app
}
