import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** One line of the runner's log. */
export type LogLine = Readonly<Record<string, unknown>>

export interface ProcessFigures {
  readonly rss: number
  readonly heap: number
  readonly external: number
  /** The longest the event loop kept anybody waiting since the last time this was asked. */
  readonly delayMs: number
  readonly files: number
  /** How long its main thread has computed so far, and how long it was ready but waited for a processor; 0 where nobody tells. */
  readonly computedMs: number
  readonly waitedMs: number
}

/** `helix start` in a process of its own. */
export interface SoakRunner {
  readonly url: string
  readonly pid: number
  /** How it ended, where it did before it was asked to. */
  readonly end: string | null
  figures(): Promise<ProcessFigures>
  /** Asks its store, on a connection of its own pool. */
  query<Row>(text: string): Promise<Row[]>
  /** Asks it to end, as Ctrl-C does. @returns its exit code or signal */
  stop(): Promise<string>
}

export interface RunnerOptions {
  readonly env: Readonly<Record<string, string>>
  /** Where its log is kept. */
  readonly logFile: string
  readonly onLine: (line: LogLine) => void
}

const HELIX = fileURLToPath(new URL('../../local/cli/helix.js', import.meta.url))
const PROBE = new URL('probe.js', import.meta.url).href
const STOP_MS_MAX = 60_000

/** Starts it with these variables and nothing else of Helix's, and waits until it listens. */
export async function startRunner({ env, logFile, onLine }: RunnerOptions): Promise<SoakRunner> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HELIX_|DATABASE_URL|API_PORT)/.test(name))
  const child = spawn(process.execPath, ['--expose-gc', '--import', PROBE, HELIX, 'start'], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const log = createWriteStream(logFile, { flags: 'a' })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let [ended, asked, asks] = [null as string | null, false, 0]
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk
    log.write(chunk)
  })
  const exit = once(child, 'exit').then(([code, signal]) => {
    ended = String(code ?? signal)
    for (const { reject } of waiting.values()) reject(new Error(`The runner ended with ${ended}`))
    waiting.clear()
    return ended
  })
  child.on('message', ({ id, answer, failure }: { id: number; answer?: unknown; failure?: string }) => {
    const asker = waiting.get(id)
    waiting.delete(id)
    if (failure === undefined) asker?.resolve(answer)
    else asker?.reject(new Error(failure))
  })
  const ask = <T>(message: object): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (ended !== null) return reject(new Error(`The runner ended with ${ended}: ${errors}`))
      asks += 1
      waiting.set(asks, { resolve: resolve as (value: unknown) => void, reject })
      child.send({ id: asks, ...message })
    })
  const url = await new Promise<string>((resolve, reject) => {
    void exit.then((how) => reject(new Error(`The runner ended with ${how}: ${errors}`)))
    if (child.stdout === null) return reject(new Error('The runner has no output'))
    createInterface({ input: child.stdout }).on('line', (text) => {
      log.write(`${text}\n`)
      const line = parsed(text)
      onLine(line)
      if (line.event === 'runner.started') resolve(String(line.url))
    })
  })
  return {
    url,
    pid: child.pid ?? 0,
    get end() {
      return asked ? null : ended
    },
    figures: () => ask({ ask: 'process' }),
    query: (text) => ask({ ask: 'rows', text }),
    async stop() {
      asked = true
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
      const how = await exit
      clearTimeout(hard)
      return how
    },
  }
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return { event: 'unreadable', level: 'error', message: text }
  }
}
