import { deepEqual, equal, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'

const LARGE = 300_000

/** What a caller sees of an answer. */
export const httpAnswers = casesOf(
  'http',
  [
    'answers bytes as they are',
    async (t) => {
      const response = await t.fetch(`/conformance/bytes?size=${LARGE}`)
      const bytes = new Uint8Array(await response.arrayBuffer())
      equal(bytes.length, LARGE)
      equal(
        bytes.findIndex((byte, place) => byte !== place % 251),
        -1,
      )
      equal(response.headers.get('content-type'), 'application/octet-stream')
    },
  ],
  [
    'answers a HEAD with the headers of a GET and no body',
    async (t) => {
      const response = await t.fetch('/conformance/bytes?size=10', { method: 'HEAD' })
      equal(response.status, 200)
      equal(response.headers.get('etag'), '"probe"')
      equal((await response.arrayBuffer()).byteLength, 0)
    },
  ],
  [
    'sets several cookies, each as a header of its own',
    async (t) => {
      const cookies = ['a=1; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'b=2; HttpOnly']
      const query = cookies.map((cookie) => `cookie=${encodeURIComponent(cookie)}`).join('&')
      const response = await t.fetch(`/conformance/bytes?size=1&${query}`)
      deepEqual(response.headers.getSetCookie(), cookies)
    },
  ],
  [
    'answers 204 and 304 without a body, with their headers',
    async (t) => {
      for (const status of [204, 304]) {
        const response = await t.fetch(`/conformance/bytes?status=${status}`)
        equal(response.status, status)
        equal(response.headers.get('etag'), '"probe"')
        equal(await response.text(), '')
      }
    },
  ],
  [
    'passes any status on: 201, 202, 400, 418, 500',
    async (t) => {
      for (const status of [201, 202, 400, 418, 500]) {
        equal((await t.fetch(`/conformance/bytes?size=3&status=${status}`)).status, status)
      }
    },
  ],
  [
    'serves its pages and its description',
    async (t) => {
      const description = await t.call('GET', '/openapi.json')
      equal(description.body.openapi, '3.1.0')
      for (const path of ['/', '/docs']) {
        const page = await t.fetch(path, { headers: { accept: 'text/html' } })
        equal(page.status, 200)
        ok(page.headers.get('content-type')?.startsWith('text/html'))
      }
    },
  ],
  [
    'lets no other origin read an answer',
    async (t) => {
      const headers = { Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'POST' }
      for (const method of ['GET', 'OPTIONS']) {
        const response = await t.fetch('/api/v1/health/live', { method, headers })
        equal(response.headers.get('access-control-allow-origin'), null)
      }
    },
  ],
)
