import { expect, test } from 'vitest'
import { checkApi } from '../../../../shared/ops/compliance/check-api.ts'
import { exampleFindings } from '../../../../shared/ops/compliance/examples.ts'
import { toldFindings } from '../../../../shared/ops/compliance/finding.ts'
import { schemaErrors } from '../../../../shared/ops/compliance/json-schema.ts'

type Handler = (path: string, method: string) => Response

const HEADERS = { 'content-type': 'application/json', 'x-request-id': '1' }
const json = (body: unknown, status = 200, headers: Record<string, string> = HEADERS) =>
  new Response(JSON.stringify(body), { status, headers })
const problem = (status: number, headers: Record<string, string> = {}) =>
  json({ status, code: 'c', title: 't' }, status, {
    'content-type': 'application/problem+json',
    'x-request-id': '1',
    ...headers,
  })
const NAMED = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
const LIST = { type: 'object', properties: { data: { type: 'array', items: NAMED } } }
const PROBLEM = { 'application/problem+json': { schema: {} } }
const answers = (schema: object) => ({
  200: { content: { 'application/json': { schema } } },
  400: { content: PROBLEM },
  404: { content: PROBLEM },
})
const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1' },
  paths: {
    '/pets': {
      get: { operationId: 'list', summary: 'Pets', parameters: [{ in: 'query', name: 'q' }], responses: answers(LIST) },
      post: { operationId: 'add', summary: 'Add', responses: answers({}) },
    },
    '/pets/{name}': {
      get: {
        operationId: 'read',
        summary: 'One',
        parameters: [{ in: 'path', name: 'name' }],
        responses: answers({ type: 'object', properties: { data: { $ref: '#/components/schemas/Pet' } } }),
      },
    },
  },
  components: { schemas: { Pet: NAMED } },
}

/** An API that is as it should be, changed where a test needs it. */
async function findingsOf(changed: (path: string, method: string) => Response | null, document: object = DOCUMENT) {
  const asked: string[] = []
  const good: Handler = (path, method) => {
    if (path === '/openapi.json') return json(document)
    if (method !== 'GET') return problem(405, { allow: 'GET, HEAD' })
    if (path === '/pets') return json({ data: [{ name: 'Rex' }] })
    if (path.includes('?')) return problem(400)
    return path === '/pets/Rex' ? json({ data: { name: 'Rex' } }) : problem(404)
  }
  const { findings } = await checkApi(async (path, { method }) => {
    asked.push(`${method} ${path}`)
    return changed(path, method) ?? good(path, method)
  }, '/self')
  return { rules: findings.map(({ rule, endpoint }) => `${rule} ${endpoint}`), findings, asked }
}

test('an API that is as it says has no findings, and is asked for nothing that changes', async () => {
  const { rules, asked } = await findingsOf(() => null)
  expect(rules).toEqual([])
  expect(new Set(asked.map((line) => line.split(' ')[0]))).toEqual(new Set(['GET', 'REPORT']))
  expect(asked).toContain('GET /pets/Rex')
})

test.each<[string, (path: string, method: string) => Response | null, string[]]>([
  [
    'a field that is missing',
    (path) => (path === '/pets/Rex' ? json({ data: {} }) : null),
    ['schema_mismatch GET /pets/{name}'],
  ],
  [
    'another type of media',
    (path, method) =>
      path === '/pets' && method === 'GET'
        ? json({ data: [{ name: 'Rex' }] }, 200, { ...HEADERS, 'content-type': 'text/json' })
        : null,
    ['wrong_content_type GET /pets'],
  ],
  ['a server error', (path) => (path === '/pets/Rex' ? problem(500) : null), ['server_error GET /pets/{name}']],
  [
    'a status that is not described',
    (path) => (path === '/pets/Rex' ? json({}, 202) : null),
    ['undocumented_status GET /pets/{name}'],
  ],
  [
    'an error that is plain text',
    (path, method) =>
      path.startsWith('/pets/no') && method === 'GET'
        ? new Response('no', { status: 404, headers: { 'x-request-id': '1' } })
        : null,
    ['not_a_problem GET /pets/{name}'],
  ],
  [
    'an answer for what there is not',
    (path, method) => (path.startsWith('/pets/no') && method === 'GET' ? json({ data: { name: 'x' } }) : null),
    ['unknown_id_accepted GET /pets/{name}'],
  ],
  [
    'a filter that is not known',
    (path) => (path.startsWith('/pets?') ? json({ data: [] }) : null),
    ['unknown_query_accepted GET /pets'],
  ],
  [
    'a method that is not there',
    (path, method) => (path === '/pets' && method === 'REPORT' ? json({}) : null),
    ['unknown_method_accepted REPORT /pets'],
  ],
  [
    'a 405 without Allow',
    (path, method) => (path === '/pets' && method === 'REPORT' ? problem(405) : null),
    ['allow_missing REPORT /pets'],
  ],
  [
    'no request id',
    (path) =>
      path === '/pets/Rex' ? json({ data: { name: 'R' } }, 200, { 'content-type': 'application/json' }) : null,
    ['missing_header GET /pets/{name}'],
  ],
])('%s is found, and nothing else', async (_, changed, expected) => {
  const { rules } = await findingsOf(changed)
  expect(rules).toEqual(expected)
})

test('a document that is not sound is found out', async () => {
  const spoilt = structuredClone(DOCUMENT) as typeof DOCUMENT & { openapi: string }
  spoilt.openapi = '3.0.0'
  spoilt.paths['/pets'].post.operationId = 'list'
  spoilt.components.schemas = {} as never
  const { findings } = await findingsOf(() => null, spoilt)
  const told = toldFindings(findings, 'medium', 'en')
  expect(told.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual([
    'critical invalid_document',
    'high broken_reference',
    'high schema_mismatch',
    'medium duplicate_operation_id',
  ])
  expect(toldFindings(findings, 'critical', 'zh')).toMatchObject([{ next_step: '修正 OpenAPI 文档的生成' }])
})

test.each([
  [{ type: ['string', 'null'] }, null, []],
  [{ type: 'integer', minimum: 1 }, 0, [': 0 is less than 1']],
  [{ anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] }, {}, [': should be string, is object']],
  [{ type: 'object', additionalProperties: false }, { b: 1 }, ['b: is not described']],
  [{ type: 'object', additionalProperties: { type: 'number' } }, { b: 'x' }, ['b: should be number, is string']],
  [{ type: 'array', items: { enum: ['a'] } }, ['a', 'b'], ['[1]: should be one of ["a"], is "b"']],
  [{ type: 'string', format: 'date-time' }, '2025', [': "2025" is no date-time']],
  [{ const: true }, false, [': should be true, is false']],
  [{ prefixItems: [{ type: 'number' }], items: false }, [1, 2], ['[1]: nothing is allowed here']],
])('the schema %j asked of %j says %j', (schema, value, errors) => {
  expect(schemaErrors(schema, value, {})).toEqual(errors)
})

test('an example that its own schema refuses is a finding, wherever it stands, and a field of that name is none', () => {
  const document = {
    paths: {
      '/pets': {
        post: {
          requestBody: { content: { 'application/json': { schema: NAMED, example: { name: 1 } } } },
          parameters: [
            {
              name: 'q',
              in: 'query',
              schema: { type: 'integer' },
              examples: { good: { value: 1 }, bad: { value: 'x' } },
            },
          ],
        },
      },
    },
    components: {
      schemas: {
        Pet: {
          type: 'object',
          properties: { example: { type: 'string', examples: ['Rex', 7] } },
          default: { example: 3 },
        },
      },
    },
  }
  expect(exampleFindings(document).map(({ endpoint, found }) => `${endpoint.split('#')[1]} ${found}`)).toEqual([
    '/paths/~1pets/post/requestBody/content/application~1json/example name: should be string, is number',
    '/paths/~1pets/post/parameters/0/examples/bad : should be integer, is string',
    '/components/schemas/Pet/properties/example/examples/1 : should be string, is number',
  ])
})

test('a finding is told in the language that was asked for, with its values as they are', () => {
  const found = { endpoint: 'GET /pets', rule: 'schema_mismatch', expected: '200 as described' } as const
  const [zh] = toldFindings([{ ...found, found: 'data[0].name: should be string, is number' }], 'low', 'zh')
  expect(zh).toMatchObject({
    message: '响应体与文档不一致',
    expected: '200，与文档一致',
    found: 'data[0].name：应为 string，实为 number',
  })
  const [en] = toldFindings([{ ...found, found: 'none' }], 'low', 'en')
  expect(en).toMatchObject({ message: 'The answer is not as described', found: 'none' })
})
