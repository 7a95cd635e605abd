import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import { TASKS } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Failures, as problem details. */
export const httpProblems = casesOf(
  'http',
  [
    'answers 404 as problem details with the request’s id, in the caller’s language',
    async (t) => {
      const titles: string[] = []
      for (const language of ['en-GB,en;q=0.9', 'zh-CN']) {
        const headers = { 'X-Request-Id': 'conformance-404', 'Accept-Language': language }
        const response = await t.fetch('/no/such/page', { headers })
        const problem = (await response.json()) as Record<string, unknown>
        equal(response.status, 404)
        match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
        equal(response.headers.get('content-language'), language.slice(0, 2))
        deepEqual(
          [problem.type, problem.status, problem.success, problem.code, problem.request_id, problem.instance],
          ['/problems/route_not_found', 404, false, 'route_not_found', 'conformance-404', '/no/such/page'],
        )
        titles.push(String(problem.title))
      }
      equal(new Set(titles).size, 2)
    },
  ],
  [
    'answers 405 with the methods that are allowed',
    async (t) => {
      const response = await t.fetch('/api/v1/health/live', { method: 'DELETE' })
      equal(response.status, 405)
      deepEqual(response.headers.get('allow')?.split(/,\s*/), ['GET', 'HEAD'])
      equal(((await response.json()) as { code: string }).code, 'method_not_allowed')
    },
  ],
  [
    'refuses a body over a million bytes with 413, and takes one just below',
    async (t) => {
      const sent = (bytes: number) => ({
        method: 'POST',
        headers: JSON_TYPE,
        body: JSON.stringify('x'.repeat(bytes - 2)),
      })
      const large = await t.fetch('/conformance/echo', sent(1_000_001))
      equal(large.status, 413)
      equal(((await large.json()) as { code: string }).code, 'payload_too_large')
      equal((await t.fetch('/conformance/echo', sent(1_000_000))).status, 200)
    },
  ],
  [
    'refuses a body that is not JSON: by its type with 415, by its text with 400',
    async (t) => {
      const typed = await post(t, 'text/plain', '{}')
      deepEqual(typed, [415, 'unsupported_media_type'])
      deepEqual(await post(t, 'application/json', '{"db_name":'), [400, 'invalid_json'])
      deepEqual(await post(t, 'application/json', '{"db_name": 7}'), [400, 'invalid_request'])
    },
  ],
  [
    'tells when to come again after a refusal that passes',
    async (t) => {
      const response = await t.fetch('/conformance/fail/store_unavailable', { method: 'POST' })
      equal(response.status, 503)
      match(response.headers.get('retry-after') ?? '', /^\d+$/)
    },
  ],
  [
    'answers an error that nobody expected with 500, tells nothing of it, and logs it under the request’s id',
    async (t) => {
      const headers = { 'X-Request-Id': 'conformance-500' }
      const response = await t.fetch('/conformance/fail/unexpected', { method: 'POST', headers })
      const text = await response.text()
      equal(response.status, 500)
      ok(!text.includes('Cannot reach'), text)
      await t.until('the log line', async () => /conformance-500.*Cannot reach/.test(t.target.output()))
    },
  ],
)

async function post(t: Kit, type: string, body: string): Promise<[number, string]> {
  const response = await t.fetch(TASKS, { method: 'POST', headers: { 'content-type': type }, body })
  return [response.status, ((await response.json()) as { code: string }).code]
}
