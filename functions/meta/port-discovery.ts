import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'

export default createFunction().get(
  '/port-discovery.js',
  describe({
    summary: 'A script that tells a page where this API is: `window.HELIX_API_PORT`, `window.HELIX_API_BASE_URL`',
    tag: 'meta',
    answers: { 200: { type: 'text/javascript', description: 'The script' } },
  }),
  (c) => {
    const { origin, port, protocol } = new URL(c.req.url)
    const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
    const script = `window.HELIX_API_PORT = ${number};\nwindow.HELIX_API_BASE_URL = ${JSON.stringify(origin)};\n`
    return c.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-store' })
  },
)
