import { deepEqual, equal, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'

const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte)

/** What a function sees of a request. */
export const httpRequests = casesOf(
  'http',
  [
    'passes paths in any script, queries with repeats, and headers through',
    async (t) => {
      const path = `/conformance/echo/${encodeURIComponent('服务区')}/a%20b`
      const response = await t.fetch(`${path}?q=${encodeURIComponent('高速')}&q=2&empty=&plus=1%2B1`, {
        headers: { 'X-Custom': 'a, b', Cookie: 'one=1; two=2', 'User-Agent': 'conformance' },
      })
      const seen = (await response.json()) as { path: string; query: string[][]; headers: Record<string, string> }
      equal(decodeURIComponent(seen.path), decodeURIComponent(path))
      deepEqual(
        seen.query.toSorted(),
        [
          ['empty', ''],
          ['plus', '1+1'],
          ['q', '2'],
          ['q', '高速'],
        ].toSorted(),
      )
      equal(seen.headers['x-custom'], 'a, b')
      equal(seen.headers['user-agent'], 'conformance')
      deepEqual(seen.headers.cookie?.split(/;\s*/), ['one=1', 'two=2'])
      equal(response.headers.get('x-probe'), 'echo')
    },
  ],
  [
    'hands every method over, with its body byte by byte',
    async (t) => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const headers = { 'content-type': 'application/x-bytes+json' }
        const init = method === 'OPTIONS' ? { method } : { method, headers, body: BYTES }
        const seen = (await (await t.fetch('/conformance/echo', init)).json()) as { method: string; body: string }
        equal(seen.method, method)
        deepEqual([...Buffer.from(seen.body, 'base64')], method === 'OPTIONS' ? [] : [...BYTES])
      }
    },
  ],
  [
    'keeps text in any script whole, both ways',
    async (t) => {
      const body = JSON.stringify({ text: '高速公路 𝒳 ﬀ \u0007 "\\"' })
      const headers = { 'content-type': 'application/json; charset=utf-8' }
      const seen = await (await t.fetch('/conformance/echo', { method: 'POST', headers, body })).json()
      equal(Buffer.from((seen as { body: string }).body, 'base64').toString('utf8'), body)
    },
  ],
  [
    'gives each of many callers at once the answer to its own question',
    async (t) => {
      const ask = async (n: number) => {
        const seen = (await (await t.fetch(`/conformance/echo/${n}?n=${n}`)).json()) as { query: string[][] }
        return seen.query[0]?.[1]
      }
      const asked = Array.from({ length: 40 }, (_, n) => n)
      deepEqual(await Promise.all(asked.map(ask)), asked.map(String))
    },
  ],
  [
    'keeps the caller’s request id, and makes one where there is none',
    async (t) => {
      const given = await t.fetch('/conformance/echo', { headers: { 'X-Request-Id': 'conformance-1' } })
      equal(given.headers.get('x-request-id'), 'conformance-1')
      equal(((await given.json()) as { requestId: string }).requestId, 'conformance-1')
      const made = await t.fetch('/conformance/echo')
      ok((made.headers.get('x-request-id') ?? '').length > 8)
    },
  ],
)
