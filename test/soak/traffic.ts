import type { Client } from './client.ts'

export interface Traffic {
  readonly counts: Readonly<Record<string, number>>
  /** Resolves when nothing more is sent. */
  readonly ended: Promise<void>
}

export interface TrafficOptions {
  readonly client: Client
  readonly random: () => number
  /** Ends it. */
  readonly signal: AbortSignal
  readonly pace: Pace
  readonly say: (text: string) => void
}

/** When nobody asks how long an answer takes. */
export interface Pace {
  /** The clock leaps: a leap waits at each wake until the store is asked nothing. */
  leaping: boolean
  /** The probe collects all garbage at once, which stops the runner as nothing else does. */
  collecting: boolean
}

interface TaskRow {
  readonly task_id: string
  readonly status: string
}

const TASKS = '/api/v0/data_pipeline/tasks'
const AT_ONCE_MAX = 4 // tasks without an end; more would only queue
const KEPT = 30 // tasks: what is over is deleted, so that the store holds the same number all the time
const PAUSE_MS = 1_500
const CANCEL_MS_MAX = 4_000
const FINAL = new Set(['completed', 'failed', 'cancelled'])
const TABLES = ['bss_company', 'bss_branch', 'bss_section_route', 'bss_facility', 'bss_complaint']
const WORDS = ['completed', '完成', 'bss_company', 'retry', '表', 'nothing has this word']

/** What a failing run says; its lines in the log are no news. */
export const SCRIPTED = 'fails by script'

const NODE = {
  name: 'soak_share',
  version: '1.0.0',
  executor_type: 'code',
  description: 'The share of a part in a whole',
  inputs: { part: 'number', whole: 'number' },
  outputs: { share: 'number' },
  code: `function main({ part, whole }) {
    if (whole === 0) throw new Error('${SCRIPTED}')
    return { share: part / whole }
  }`,
  tests: [{ inputs: { part: 1, whole: 4 }, outputs: { share: 0.25 } }],
}

const WORKFLOW = {
  id: 'soak_shares',
  inputs: { part: 'number', whole: 'number' },
  nodes: [
    { name: 'first', node: NODE.name, inputs: { part: '{{ inputs.part }}', whole: '{{ inputs.whole }}' } },
    { name: 'second', node: NODE.name, inputs: { part: '{{ nodes.first.outputs.share }}', whole: 2 } },
  ],
  outputs: { share: '{{ nodes.second.outputs.share }}' },
}

/** Keeps a steady stream of work and questions going, as people and their dashboards do, until it is told to end. */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const { client, random, signal } = options
  const counts: Record<string, number> = {}
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  await must(client.send('POST', '/api/v1/nodes', NODE))
  await must(client.send('POST', '/api/v1/workflows', WORKFLOW))
  const questions = await questionsOf(client)
  const work = async () => {
    await keepTidy(client, count)
    const open = (await tasksOf(client)).filter(({ status }) => !FINAL.has(status))
    if (open.length < AT_ONCE_MAX) await oneTask(client, random, count, signal)
  }
  const ask = async () => {
    const question = questions[Math.floor(random() * questions.length)] ?? '/metrics'
    const { status } = await client.get(question)
    count(status === 200 ? 'questions' : 'questions_refused')
    const word = WORDS[Math.floor(random() * WORDS.length)] ?? ''
    await client.get(`/api/v1/logs/search?q=${encodeURIComponent(word)}`)
    if (random() < 0.1) await client.send('POST', '/api/v1/ops/scan')
  }
  const ended = Promise.all([again(work, options), again(ask, options)]).then(() => undefined)
  return { counts, ended }
}

/** Every question of the API that needs no argument, besides the metrics. */
async function questionsOf(client: Client): Promise<string[]> {
  const { body } = await client.get('/openapi.json')
  const { paths } = body as { paths: Record<string, Record<string, { parameters?: { required?: boolean }[] }>> }
  return Object.entries(paths).flatMap(([path, methods]) => {
    const asks = methods.get !== undefined && !(methods.get.parameters ?? []).some(({ required }) => required)
    return asks && !path.includes('{') ? [path] : []
  })
}

async function again(round: () => Promise<void>, { signal, pace, say }: TrafficOptions): Promise<void> {
  while (!signal.aborted) {
    if (!pace.leaping)
      await round().catch((cause: unknown) => (signal.aborted ? undefined : say(`traffic: ${String(cause)}`)))
    await later(PAUSE_MS, signal)
  }
}

async function oneTask(client: Client, random: () => number, count: (name: string) => void, signal: AbortSignal) {
  const die = random()
  if (die < 0.4) {
    const fails = random() < 0.2
    count(fails ? 'runs_failing' : 'runs')
    const inputs = { part: 1, whole: fails ? 0 : 4 }
    await client.send('POST', `/api/v1/workflows/${WORKFLOW.id}/run`, { inputs, concurrency_key: `k${random()}` })
    return
  }
  const table = TABLES[Math.floor(random() * TABLES.length)] ?? ''
  const given = { table_list: [table], business_context: '高速公路服务区管理系统', concurrency_key: `k${random()}` }
  const { status, body } = await client.send('POST', `${TASKS}/execute-complete`, given)
  if (status !== 202) return count('tasks_refused')
  count('tasks')
  if (die < 0.85) return
  count('cancelled')
  await later(random() * CANCEL_MS_MAX, signal)
  await client.send('POST', `${TASKS}/${(body as { data: { task_id: string } }).data.task_id}/cancel`)
}

/** Deletes what is over, but for the newest. */
async function keepTidy(client: Client, count: (name: string) => void): Promise<void> {
  const over = (await tasksOf(client)).filter(({ status }) => FINAL.has(status))
  for (const { task_id } of over.slice(KEPT)) {
    const { status } = await client.send('DELETE', `${TASKS}/${task_id}`)
    if (status === 200) count('deleted')
  }
}

/** Newest first. */
export async function tasksOf(client: Client): Promise<readonly TaskRow[]> {
  return (await client.data<{ tasks: TaskRow[] }>(`${TASKS}?limit=200`))?.tasks ?? []
}

async function must(call: Promise<{ status: number; body: unknown }>): Promise<void> {
  const { status, body } = await call
  if (status >= 300) throw new Error(`The runner refused (${status}): ${JSON.stringify(body)}`)
}

/** Waits, and no longer than the signal lets it. */
export function later(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
