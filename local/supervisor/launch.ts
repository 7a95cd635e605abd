import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import type { Clock } from '../../shared/platform/clock.ts'
import { maskText } from '../../shared/platform/mask.ts'
import type { ProcessRecord } from '../drivers/process-files.ts'
import { HELIX, startArguments } from './open-supervisor.ts'
import type { Places } from './places.ts'
import type { StartAgain } from './recovery.ts'
import { standingOf } from './standing.ts'
import { readState } from './state-file.ts'

export interface LaunchOptions extends StartAgain {
  readonly places: Places
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

/** How a start in the background went. */
export type Launched =
  | { readonly kind: 'up'; readonly supervisor: number; readonly runner: ProcessRecord }
  /** Not up yet, or crashed at once; the supervisor keeps trying. */
  | { readonly kind: 'slow'; readonly supervisor: number; readonly lastWords: string }
  | { readonly kind: 'ended'; readonly code: number | null; readonly lastWords: string }

const LOOK_MS = 100
const UP_MS_MAX = 90_000 // the first start on a machine makes the embedded databases

/** Starts a supervisor in a session of its own, and waits until its runner listens. */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const { places, env, clock, preferredPort } = options
  mkdirSync(places.logs, { recursive: true, mode: 0o700 })
  const output = openSync(places.supervisorOutput, 'w', 0o600)
  const preferred = preferredPort === null ? [] : ['--preferred-port', String(preferredPort)]
  const args = [HELIX, 'start', '--supervise', '--background', ...startArguments(options), ...preferred]
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    env: { ...env },
    stdio: ['ignore', output, output],
    detached: true,
  })
  closeSync(output)
  const supervisor = child.pid ?? 0
  const ended: (number | null)[] = []
  child.once('error', () => ended.push(null))
  child.once('exit', (code) => ended.push(code))
  child.unref()
  for (let waited = 0; waited < UP_MS_MAX; waited += LOOK_MS) {
    await clock.sleep(LOOK_MS)
    const [code] = ended
    if (code !== undefined) return { kind: 'ended', code, lastWords: wordsOf(places) }
    const runner = standingOf(places.runnerFile, 'runner')
    const isOwn = runner.kind === 'running' && runner.seen.parent === supervisor
    if (isOwn && runner.record.port !== null) return { kind: 'up', supervisor, runner: runner.record }
    const state = readState(places.stateFile)
    const crash = state?.pid === supervisor && state.status === 'waiting' ? state.last_crash : null
    if (crash !== null) return { kind: 'slow', supervisor, lastWords: crash.last_words }
  }
  return { kind: 'slow', supervisor, lastWords: '' }
}

/** What the supervisor said as it ended: its own words hold those of a runner on which it gave up. */
function wordsOf({ supervisorOutput }: Places): string {
  try {
    return maskText(readFileSync(supervisorOutput, 'utf8').trim())
  } catch {
    return ''
  }
}
