import { spawn } from 'node:child_process'
import { maskText } from '../../shared/platform/mask.ts'
import type { ProcessIdentity } from '../drivers/process-identity.ts'
import { lineCutter } from './lines.ts'
import { bootIdNow, seeProcess } from './process-table.ts'
import type { ProcessExit } from './restart-policy.ts'

/** A runner that was started here. */
export interface RunnerChild {
  readonly identity: ProcessIdentity
  /** Resolves once it has ended and all that it wrote has been handed on. */
  readonly ended: Promise<ProcessExit & { readonly lastWords: string }>
  /** Does nothing once it has ended. */
  signal(name: 'SIGINT' | 'SIGTERM'): void
}

export interface RunnerChildOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whole lines of its log, each with its newline. */
  readonly onLines: (lines: Buffer) => void
  /** A line that it wrote to stderr. */
  readonly onError: (line: string) => void
}

const LAST_LINES_MAX = 12
const LAST_WORDS_MAX = 2_000 // characters

/**
 * Starts a process whose output is read line by line to its very end. It gets a session of its own: a Ctrl-C in the
 * terminal reaches it through its supervisor only, once.
 */
export function startChild({ program, args, env, onLines, onError }: RunnerChildOptions): RunnerChild {
  const child = spawn(program, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const { pid } = child
  const out = lineCutter()
  const err = lineCutter()
  const last: string[] = []
  const takeErrors = (lines: Buffer) => {
    for (const line of lines.toString('utf8').split('\n').filter(Boolean)) {
      last.push(line)
      if (last.length > LAST_LINES_MAX) last.shift()
      onError(line)
    }
  }
  child.stdout.on('data', (chunk: Buffer) => onLines(out.add(chunk)))
  child.stderr.on('data', (chunk: Buffer) => takeErrors(err.add(chunk)))
  const ended = new Promise<ProcessExit & { lastWords: string }>((resolve) => {
    const end = (code: number | null, signal: string | null) => {
      onLines(out.end())
      takeErrors(err.end())
      resolve({ code, signal, lastWords: maskText(last.join('\n')).slice(-LAST_WORDS_MAX) })
    }
    child.once('close', end)
    child.once('error', (error) => {
      if (child.pid !== undefined) return
      last.push(String(error))
      end(1, null)
    })
  })
  return {
    identity: { pid: pid ?? 0, start: seeProcess(pid ?? 0)?.start ?? null, bootId: bootIdNow() },
    ended,
    signal: (name) => void child.kill(name),
  }
}
