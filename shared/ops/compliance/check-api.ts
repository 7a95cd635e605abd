import { type Answer, answerFindings, isJson, mediaType } from './answer-findings.ts'
import { documentFindings, type Operation, operationsOf, parametersIn } from './document.ts'
import { exampleFindings } from './examples.ts'
import type { RawFinding } from './finding.ts'
import { isObject } from './json-schema.ts'

/** Sends a request to the API, in this process or over a network. @param path with a leading slash */
export type Call = (path: string, init: { readonly method: string }) => Promise<Response>

export interface Compliance {
  readonly findings: readonly RawFinding[]
  /** Requests that were sent. */
  readonly requests: number
  /** Endpoints that were called. */
  readonly checked: readonly string[]
  /** Endpoints that could not be called: there is nothing yet that they could be asked for. */
  readonly skipped: readonly string[]
}

const BODY_BYTES_MAX = 2_000_000 // of an answer that is compared with its schema
const ITEM_KEYS = ['id', 'name', 'file_name', 'task_id'] as const
const NO_SUCH_THING = 'no_such_thing_0'
const NO_SUCH_METHOD = 'REPORT' // known to every HTTP library, and to no endpoint: should it be routed, nothing changes
const NO_SUCH_FIELD = 'no_such_field'

/**
 * Compares an API with its own description: calls every GET, and asks for what there is not. Calls nothing that
 * changes anything.
 * @param self the path of whoever calls this, which is left out
 */
export async function checkApi(call: Call, self: string): Promise<Compliance> {
  const api = new Prober(call)
  const description = await api.ask('/openapi.json')
  if ('failure' in description || !isObject(description.json)) {
    const found =
      'failure' in description ? description.failure : `${description.status} ${mediaType(description.headers)}`
    const finding = {
      endpoint: 'GET /openapi.json',
      rule: 'no_answer',
      expected: 'an OpenAPI document',
      found,
    } as const
    return { findings: [finding], requests: 1, checked: [], skipped: [] }
  }
  const document = description.json
  const operations = operationsOf(document)
  const gets = operations.filter(({ method, path }) => method === 'GET' && path !== self)
  const findings: RawFinding[] = [...documentFindings(document), ...exampleFindings(document)]
  const checked: string[] = []
  const skipped: string[] = []
  const lists = new Map<string, Promise<unknown>>()
  for (const operation of gets) {
    const path = await filledPath(operation.path, gets, lists, api)
    if (path === null) skipped.push(`GET ${operation.path}`)
    else {
      checked.push(`GET ${operation.path}`)
      findings.push(...(await probe(api, operation, path, document)))
    }
    findings.push(...(await probeUnknownThing(api, operation, document)))
  }
  for (const path of new Set(operations.map((operation) => operation.path))) {
    findings.push(...(await probeUnknownMethod(api, path)))
  }
  return { findings, requests: api.requests, checked, skipped }
}

async function probe(api: Prober, operation: Operation, path: string, root: unknown): Promise<RawFinding[]> {
  const endpoint = `GET ${operation.path}`
  const answer = await api.ask(path)
  if ('failure' in answer) return [{ endpoint, rule: 'no_answer', expected: 'an answer', found: answer.failure }]
  const findings = answerFindings(operation, endpoint, answer, root)
  if (!operation.parameters.some((parameter) => parameter.in === 'query')) return findings
  const odd = await api.ask(`${path}?${NO_SUCH_FIELD}=1`)
  if (!('failure' in odd) && odd.status !== 400) {
    findings.push({
      endpoint,
      rule: 'unknown_query_accepted',
      expected: '400',
      found: `${odd.status} for ?${NO_SUCH_FIELD}=1`,
    })
  }
  return findings
}

async function probeUnknownThing(api: Prober, operation: Operation, root: unknown): Promise<RawFinding[]> {
  const names = parametersIn(operation.path)
  if (names.length === 0) return []
  const endpoint = `GET ${operation.path}`
  const answer = await api.ask(operation.path.replaceAll(/\{[^}]+\}/g, NO_SUCH_THING))
  if ('failure' in answer) return [{ endpoint, rule: 'no_answer', expected: '404', found: answer.failure }]
  if (answer.status < 400) {
    return [{ endpoint, rule: 'unknown_id_accepted', expected: '404', found: `${answer.status} for ${NO_SUCH_THING}` }]
  }
  return answerFindings(operation, endpoint, answer, root)
}

async function probeUnknownMethod(api: Prober, path: string): Promise<RawFinding[]> {
  const endpoint = `${NO_SUCH_METHOD} ${path}`
  const answer = await api.ask(path.replaceAll(/\{[^}]+\}/g, NO_SUCH_THING), NO_SUCH_METHOD)
  if ('failure' in answer) return [] // some networks let no such method through
  if (answer.status !== 405) {
    return [{ endpoint, rule: 'unknown_method_accepted', expected: '405', found: String(answer.status) }]
  }
  const allow = answer.headers.get('allow')
  return allow === null ? [{ endpoint, rule: 'allow_missing', expected: 'Allow', found: 'none' }] : []
}

/** A path with something that exists in the place of each parameter; null where nothing does. */
async function filledPath(
  path: string,
  gets: readonly Operation[],
  lists: Map<string, Promise<unknown>>,
  api: Prober,
): Promise<string | null> {
  let filled = ''
  let template = ''
  for (const segment of path.split('/').slice(1)) {
    const [name] = parametersIn(segment)
    template += `/${segment}`
    if (name === undefined) {
      filled += `/${segment}`
      continue
    }
    const list = listBefore(template, filled, gets)
    if (list === null) return null
    if (!lists.has(list))
      lists.set(
        list,
        api.ask(list).then((answer) => ('failure' in answer ? null : answer.json)),
      )
    const value = firstValue(await lists.get(list), name)
    if (value === null) return null
    filled += `/${encodeURIComponent(value)}`
  }
  return filled === '' ? '/' : filled
}

/** Where the things are listed that stand in a path's last parameter: `/tasks/{id}/files` for `/tasks/{id}/files/download/{name}`. */
function listBefore(template: string, filled: string, gets: readonly Operation[]): string | null {
  const templates = template.split('/').slice(0, -1)
  const values = filled.split('/')
  for (let length = templates.length; length > 1; length--) {
    if (gets.some((operation) => operation.path === templates.slice(0, length).join('/'))) {
      return values.slice(0, length).join('/')
    }
  }
  return null
}

/** What names the first item of the first list in an answer. */
function firstValue(answer: unknown, name: string): string | null {
  const data = isObject(answer) && isObject(answer.data) ? answer.data : answer
  const list = isObject(data) ? Object.values(data).find((value) => Array.isArray(value) && value.length > 0) : data
  const item: unknown = Array.isArray(list) ? list[0] : undefined
  if (typeof item === 'string') return item
  if (!isObject(item)) return null
  for (const key of [name, ...ITEM_KEYS, ...Object.keys(item).filter((own) => own.endsWith('_id'))]) {
    const value = item[key]
    if (typeof value === 'string' || typeof value === 'number') return String(value)
  }
  return null
}

class Prober {
  requests = 0
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
  }

  async ask(path: string, method = 'GET'): Promise<Answer | { readonly failure: string }> {
    this.requests += 1
    try {
      const response = await this.#call(path, { method })
      return { status: response.status, headers: response.headers, json: await jsonOf(response) }
    } catch (error) {
      return { failure: error instanceof Error ? error.message : String(error) }
    }
  }
}

/** Streams and archives are not waited for: they are let go. */
async function jsonOf(response: Response): Promise<unknown> {
  const length = Number(response.headers.get('content-length') ?? 0)
  if (!isJson(mediaType(response.headers)) || length > BODY_BYTES_MAX) {
    await response.body?.cancel().catch(() => undefined)
    return null
  }
  const text = await response.text()
  return text.length > BODY_BYTES_MAX ? null : (JSON.parse(text) as unknown)
}
