import type * as z from 'zod'
import type { Language } from '../../shared/platform/problems.ts'
import * as answers from './answers.ts'
import type { HelixClient } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure, exitCodeOf, sentence } from './failure.ts'
import type { Text } from './language.ts'

type Query = Readonly<Record<string, string | number | undefined>>

/** The endpoints that the command line uses. Each throws {CliFailure} with the problem's code when it is refused. */
export type HelixApi = ReturnType<typeof openApi>

const TASKS = '/api/v0/data_pipeline/tasks'

/** @param language in which the API is to speak */
export function openApi(client: HelixClient, language: Language) {
  const headers = { 'Accept-Language': language }

  async function call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const response = await client.fetch(path, { ...init, method, headers: { ...headers, ...init.headers } })
    if (!response.ok) throw await failureOfResponse(response, `${method} ${path}`, language)
    return response
  }

  async function data<Schema extends z.ZodType>(response: Response, schema: Schema): Promise<z.output<Schema>> {
    const body: unknown = await response.json().catch(() => null)
    const parsed = schema.safeParse(typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined)
    if (parsed.success) return parsed.data
    throw new CliFailure(EXIT.unreachable, 'strange_answer', 'What answers there does not speak as Helix does', {
      hint: 'Look whether the runner is of the same version: `helix --version`',
      cause: parsed.error,
    })
  }

  const get = async <Schema extends z.ZodType>(path: string, schema: Schema, query: Query = {}) =>
    await data(await call('GET', withQuery(path, query)), schema)
  const post = async <Schema extends z.ZodType>(path: string, schema: Schema, body: unknown = {}) =>
    await data(await call('POST', path, jsonBody(body)), schema)
  const put = async <Schema extends z.ZodType>(path: string, schema: Schema, body: unknown) =>
    await data(await call('PUT', path, jsonBody(body)), schema)
  const remove = async <Schema extends z.ZodType>(path: string, schema: Schema, query: Query = {}) =>
    await data(await call('DELETE', withQuery(path, query)), schema)

  return {
    /** For endpoints that have a file of their own here. */
    get,
    post,
    put,
    remove,
    startTask: (request: Record<string, unknown>) => post(`${TASKS}/execute-complete`, answers.Started, request),
    runWorkflow: (id: string, request: Record<string, unknown>) =>
      post(`/api/v1/workflows/${encodeURIComponent(id)}/run`, answers.Started, request),
    resumeTask: (id: string) => post(`${pathOf(id)}/resume`, answers.Started),
    cancelTask: (id: string) => post(`${pathOf(id)}/cancel`, answers.Cancelled),
    task: (id: string) => get(pathOf(id), answers.Task),
    tasks: (query: Query) => get(TASKS, answers.TaskPage, query),
    executions: async (id: string) => (await get(`${pathOf(id)}/executions`, answers.Executions)).executions,
    logs: (id: string, query: Query) => get(`${pathOf(id)}/logs`, answers.LogPage, query),
    files: async (id: string) => (await get(`${pathOf(id)}/files`, answers.Files)).files,
    pairs: (id: string, limit: number) => get(`${pathOf(id)}/pairs`, answers.PairPage, { limit }),
    sources: async () => (await get('/api/v0/data_pipeline/sources', answers.Sources)).sources,
    download: (url: string) => call('GET', url),
    fileOf: (id: string, name: string) => call('GET', `${pathOf(id)}/files/download/${encodeURIComponent(name)}`),
    /** @param version the present one when undefined */
    workflow: (id: string, version: number | undefined) =>
      get(`/api/v1/workflows/${encodeURIComponent(id)}`, answers.Workflow, { version }),
    /** The live view, as an event stream. @param lastId where to go on; from the start when null */
    events: (id: string, lastId: string | null, signal: AbortSignal) =>
      call('GET', `${pathOf(id)}/events`, {
        signal,
        headers: { Accept: 'text/event-stream', ...(lastId === null ? {} : { 'Last-Event-ID': lastId }) },
      }),
  }
}

function pathOf(taskId: string): string {
  return `${TASKS}/${encodeURIComponent(taskId)}`
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return search.size === 0 ? path : `${path}?${search}`
}

function jsonBody(body: unknown): RequestInit {
  return { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
}

const LOG_SAYS_WHY: Text = {
  zh: '原因在运行器的日志中：用 `helix start` 启动后重试',
  en: "The runner's log says why: start one with `helix start` and try again",
}

/** What the API refused, in its own words. */
async function failureOfResponse(response: Response, request: string, language: Language): Promise<CliFailure> {
  const body: unknown = await response.json().catch(() => null)
  const parsed = answers.ProblemAnswer.safeParse(body)
  if (!parsed.success) {
    return new CliFailure(EXIT.failed, 'strange_answer', `${request} was answered with status ${response.status}`)
  }
  const { code, error, title, detail, hint, errors } = parsed.data
  const advice = hint ?? (code === 'internal' ? LOG_SAYS_WHY[language] : undefined)
  return new CliFailure(exitCodeOf(code), code, sentence(error ?? title ?? code, detail, language), {
    hint: advice,
    errors,
  })
}
