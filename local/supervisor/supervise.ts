import type { Clock } from '../../shared/platform/clock.ts'
import type { Log } from '../../shared/platform/log.ts'
import { type Crash, decideRestart } from './restart-policy.ts'
import type { RunnerChild } from './runner-child.ts'
import type { SupervisorState } from './state-file.ts'

export interface SuperviseOptions {
  readonly clock: Clock
  readonly log: Log
  /** With what the runner is started, as the person said it. */
  readonly options: SupervisorState['options']
  /** Starts a runner. @param port where the last one listened; null before the first */
  readonly start: (port: number | null) => RunnerChild
  /** Where the runner of that number listens; null as long as it does not. */
  readonly portOf: (pid: number) => number | null
  /** Keeps the state where others find it. */
  readonly save: (state: SupervisorState) => void
  /** Calls back at every signal that asks to stop. @returns how to undo that */
  readonly onStopSignal: (handler: (signal: 'SIGINT' | 'SIGTERM') => void) => () => void
}

export type SuperviseEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'gave-up'; readonly reason: 'configuration' | 'crash-loop'; readonly lastWords: string }

const LOOK_MS = 100
const CRASHES_KEPT = 32 // more than the policy looks at

/** Keeps a runner running until it is asked to stop, the runner ends of its own will, or restarting it is of no use. */
export async function supervise(given: SuperviseOptions): Promise<SuperviseEnd> {
  const { clock, log, save } = given
  const asked = new AbortController()
  let child: RunnerChild | null = null
  let state = firstState(given)
  const change = (changes: Partial<SupervisorState>) => {
    state = { ...state, ...changes }
    try {
      save(state)
    } catch (cause) {
      log('background.failed', { what: 'keep the state of the supervisor', message: String(cause) })
    }
  }
  const release = given.onStopSignal((signal) => {
    asked.abort()
    change({ status: 'stopping' })
    child?.signal(signal)
  })
  const end = (result: SuperviseEnd, changes: Partial<SupervisorState>): SuperviseEnd => {
    change({ next_try_at: null, ...changes })
    log('supervisor.stopped', { restarts: state.restarts })
    return result
  }
  const crashes: Crash[] = []
  log('supervisor.started', { pid: process.pid })
  try {
    while (!asked.signal.aborted) {
      const startedAt = clock.now()
      child = given.start(state.port)
      const { identity } = child
      change({ status: 'starting', runner: identity, runner_started_at: startedAt.toISOString(), next_try_at: null })
      const over = new AbortController()
      const watching = watchPort(given, identity.pid, over.signal, (port) => change({ status: 'running', port }))
      const exit = await child.ended
      child = null
      over.abort()
      await watching
      if (asked.signal.aborted) break

      const uptimeMs = clock.now().getTime() - startedAt.getTime()
      crashes.push({ code: exit.code, signal: exit.signal, at: clock.now(), uptimeMs })
      crashes.splice(0, crashes.length - CRASHES_KEPT)
      const decision = decideRestart(crashes, exit)
      if (decision.kind === 'end') break
      const told = { exit_code: exit.code, signal: exit.signal, uptime_seconds: Math.round(uptimeMs / 1000) }
      log('runner.crashed', { pid: identity.pid, ...told })
      change({ last_crash: { at: clock.now().toISOString(), ...told, last_words: exit.lastWords } })
      if (decision.kind === 'give-up') {
        const { reason } = decision
        log('supervisor.gave_up', { reason, crashes: decision.crashes })
        return end({ kind: 'gave-up', reason, lastWords: exit.lastWords }, { status: 'gave_up', reason })
      }
      const next = new Date(clock.now().getTime() + decision.delayMs)
      log('supervisor.restarting', { delay_ms: decision.delayMs, restarts: state.restarts + 1 })
      change({ status: 'waiting', next_try_at: next.toISOString() })
      await clock.sleep(decision.delayMs, asked.signal)
      if (!asked.signal.aborted) change({ restarts: state.restarts + 1 })
    }
    return end({ kind: 'stopped' }, { status: 'stopped' })
  } finally {
    release()
  }
}

/** Tells once where the runner listens. */
async function watchPort(
  { clock, portOf }: SuperviseOptions,
  pid: number,
  over: AbortSignal,
  tell: (port: number) => void,
): Promise<void> {
  while (!over.aborted) {
    const port = portOf(pid)
    if (port !== null) return tell(port)
    await clock.sleep(LOOK_MS, over)
  }
}

function firstState({ clock, options }: SuperviseOptions): SupervisorState {
  return {
    status: 'starting',
    pid: process.pid,
    options,
    started_at: clock.now().toISOString(),
    runner: null,
    runner_started_at: null,
    port: null,
    restarts: 0,
    last_crash: null,
    next_try_at: null,
    reason: null,
  }
}
