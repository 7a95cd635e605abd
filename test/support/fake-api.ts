import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { holdProcessFile } from '../../local/drivers/process-files.ts'

export interface FakeTask {
  readonly task_id: string
  readonly status: string
  readonly [field: string]: unknown
}

/** What a scripted runner answers. */
export interface FakeScript {
  /** The task's states, one a look; the last one stays. */
  readonly states?: readonly FakeTask[]
  readonly executions?: readonly Record<string, unknown>[]
  /** Name to content. */
  readonly files?: Readonly<Record<string, string>>
  readonly pairs?: readonly Record<string, unknown>[]
  readonly logs?: readonly Record<string, unknown>[]
  /** Answers instead of the usual ones, by `METHOD path` below the tasks. */
  readonly problems?: Readonly<Record<string, { status: number; code: string; error: string; hint?: string }>>
  /** Answers everything instead. */
  readonly fetch?: (request: Request) => Response | Promise<Response>
  /** Told of each request before it is answered. */
  readonly onRequest?: (request: FakeRequest) => void
}

export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly language: string | undefined
  readonly authorization: string | undefined
}

export interface FakeRunner {
  readonly url: string
  /** To be given as HELIX_DATA_DIR: its process file leads here. */
  readonly dataDir: string
  readonly requests: readonly FakeRequest[]
  /** Stops answering; the process file stays. */
  hangUp(): Promise<void>
  close(): Promise<void>
}

const TASKS = '/api/v0/data_pipeline/tasks'

/** A runner that answers by a script, over real HTTP on the loopback interface, found as a real one is. */
export async function openFakeRunner(script: FakeScript): Promise<FakeRunner> {
  const requests: FakeRequest[] = []
  const server = serve({ fetch: script.fetch ?? fakeApp(script, requests).fetch, hostname: '127.0.0.1', port: 0 })
  const port = await new Promise<number>((resolve) => {
    server.once('listening', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const dataDir = await mkdtemp(join(tmpdir(), 'helix-cli-'))
  const held = await holdProcessFile(join(dataDir, 'helix.pid'))
  await held.publish(port)
  const hangUp = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  return {
    url: `http://127.0.0.1:${port}`,
    dataDir,
    requests,
    hangUp,
    async close() {
      await hangUp()
      await held.release()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function fakeApp(script: FakeScript, requests: FakeRequest[]): Hono {
  const app = new Hono()
  const states = script.states ?? []
  const data = (value: unknown) => ({ success: true, message: 'OK', data: value })
  let looks = 0
  app.use(async (c, next) => {
    const { method, path } = c.req
    const body = method === 'POST' ? await c.req.json() : null
    const [language, authorization] = [c.req.header('accept-language'), c.req.header('authorization')]
    const request = { method, path, body, language, authorization }
    requests.push(request)
    script.onRequest?.(request)
    const problem = script.problems?.[`${method} ${path.slice(TASKS.length)}`]
    if (problem === undefined) return await next()
    return c.body(JSON.stringify({ ...problem, detail: problem.error }), problem.status as 409, {
      'Content-Type': 'application/problem+json',
    })
  })
  const started = { task_id: states[0]?.task_id, execution_id: 'e1', status: 'running' }
  app.post(`${TASKS}/execute-complete`, (c) => c.json(data(started), 202))
  app.post(`${TASKS}/:id/resume`, (c) => c.json(data(started), 202))
  app.post(`${TASKS}/:id/cancel`, (c) => {
    looks = states.length
    return c.json(data({ task_id: c.req.param('id'), status: 'in_progress', cancel_requested: true }), 202)
  })
  app.get(TASKS, (c) => c.json(data({ tasks: states, next_cursor: null })))
  app.get(`${TASKS}/:id`, (c) => c.json(data(states[Math.min(looks++, states.length - 1)])))
  app.get(`${TASKS}/:id/executions`, (c) => c.json(data({ executions: script.executions ?? [] })))
  app.get(`${TASKS}/:id/logs`, (c) => c.json(data({ logs: script.logs ?? [], next_cursor: null })))
  app.get(`${TASKS}/:id/events`, (c) => {
    if (c.req.header('last-event-id') !== undefined) return c.body(null, 204)
    const lines = (script.logs ?? []).map((line, index) => event('log', `0-${index}`, line))
    return c.body([...lines, event('task', '1-9', { status: 'in_progress' })].join(''), 200, {
      'Content-Type': 'text/event-stream',
    })
  })
  app.get(`${TASKS}/:id/pairs`, (c) => c.json(data({ pairs: script.pairs ?? [], total: script.pairs?.length ?? 0 })))
  app.get(`${TASKS}/:id/files`, (c) => {
    const files = Object.entries(script.files ?? {}).map(([name, content]) => ({
      file_name: name,
      file_type: 'json',
      file_size: Buffer.byteLength(content),
      download_url: `${TASKS}/${c.req.param('id')}/files/download/${encodeURIComponent(name)}`,
    }))
    return c.json(data({ files }))
  })
  app.get(`${TASKS}/:id/files/download/:name`, (c) => c.body(script.files?.[c.req.param('name')] ?? '', 200))
  return app
}

function event(name: string, id: string, data: unknown): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}
