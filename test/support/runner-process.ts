import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const HELIX = fileURLToPath(new URL('../../local/cli/helix.js', import.meta.url))

/** A runner in a process of its own, as a user starts it. */
export interface RunnerProcess {
  readonly url: string
  readonly pid: number
  /** Log lines so far, parsed. */
  readonly log: readonly Record<string, unknown>[]
  get<T>(path: string): Promise<T>
  post<T>(path: string, body?: unknown): Promise<T>
  /** Follows a task's events until one of them satisfies `wanted`. */
  until(taskId: string, wanted: (task: TaskState) => boolean): Promise<TaskState>
  /** Sends a signal and waits for the end. @returns exit code, or the signal's name */
  end(signal: NodeJS.Signals): Promise<number | string>
}

export interface TaskState {
  readonly status: string
  readonly progress: number
  readonly step_status: Readonly<Record<string, string>>
}

const TASKS = '/api/v0/data_pipeline/tasks'

/** Starts `helix start` with these variables and nothing else of Helix's, and waits until it listens. */
export async function startRunner(env: Readonly<Record<string, string>>): Promise<RunnerProcess> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HELIX_|DATABASE_URL|API_PORT)/.test(name))
  const child = spawn(process.execPath, [HELIX, 'start'], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: Record<string, unknown>[] = []
  const url = await listening(child, log)
  const get = async <T>(path: string) => (await (await fetch(url + path)).json()) as T
  return {
    url,
    pid: child.pid ?? 0,
    log,
    get,
    post: async (path, body) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }
      return await (await fetch(url + path, init)).json()
    },
    until: (taskId, wanted) => follow(url, taskId, wanted),
    async end(signal) {
      const ended = child.exitCode ?? child.signalCode
      if (ended !== null) return ended
      child.kill(signal)
      const [code, killedBy] = await once(child, 'exit')
      return (code ?? killedBy) as number | string
    },
  }
}

async function listening(child: ChildProcess, log: Record<string, unknown>[]): Promise<string> {
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  const { stdout } = child
  if (stdout === null) throw new Error('The runner has no output')
  return await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The runner ended with ${code}: ${errors}`)))
    createInterface({ input: stdout }).on('line', (line) => {
      const event = JSON.parse(line) as Record<string, unknown>
      log.push(event)
      if (event.event === 'runner.started') resolve(String(event.url))
    })
  })
}

/** Reads the live events; what the task is now counts as the first one. */
async function follow(url: string, taskId: string, wanted: (task: TaskState) => boolean): Promise<TaskState> {
  const abort = new AbortController()
  const response = await fetch(`${url}${TASKS}/${taskId}/events`, { signal: abort.signal })
  if (response.body === null) throw new Error('The events have no body')
  let text = ''
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        if (!/^event: task$/m.test(event)) continue
        const state = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '{}') as TaskState
        if (wanted(state)) return state
      }
    }
  } finally {
    abort.abort()
  }
  throw new Error(`The events of ${taskId} ended before what was waited for`)
}
