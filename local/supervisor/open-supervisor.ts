import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../shared/platform/config.ts'
import { jsonLinesLog } from '../../shared/platform/log.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { AlreadyRunning, type HeldProcessFile, holdProcessFile } from '../drivers/process-files.ts'
import { systemClock } from '../drivers/system-clock.ts'
import { openLogFiles } from './log-files.ts'
import { placesOf } from './places.ts'
import { startChild } from './runner-child.ts'
import { standingOf } from './standing.ts'
import { writeState } from './state-file.ts'
import { type SuperviseEnd, supervise } from './supervise.ts'

export interface SupervisorOptions {
  readonly config: Config
  /** What the runner finds in its environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where it listens: there or nowhere. */
  readonly port: number | null
  readonly host: string | null
  /** Where it listens if it can, unless API_PORT says otherwise. */
  readonly preferredPort: number | null
  /** Shows the log as it is written, too. */
  readonly echo: ((lines: Buffer) => void) | null
  readonly onStopSignal: (handler: (signal: 'SIGINT' | 'SIGTERM') => void) => () => void
}

export const HELIX = fileURLToPath(new URL('../cli/helix.js', import.meta.url))
const BYTES_PER_MB = 1_000_000

/**
 * How Node.js is told to run a runner. What a workflow leaves behind is garbage at once, but with the 16 MB that Node.js
 * gives young objects much of it is taken for old by then, and costs more to drop.
 */
export const RUNNER_OPTIONS = ['--max-semi-space-size=32'] // megabytes

/**
 * Supervises a runner of this data directory: restarts it after a crash and keeps its log.
 * @throws {Problem} `data_dir_taken` when another supervisor is alive there
 */
export async function runSupervisor(options: SupervisorOptions): Promise<SuperviseEnd> {
  const { config, port, host, echo } = options
  const places = placesOf(config)
  const clock = systemClock(config.HELIX_TIME_ZONE)
  const held = await hold(places.dataDir, places.supervisorFile)
  const files = openLogFiles({
    dir: places.logs,
    clock,
    fileBytesMax: config.HELIX_LOG_FILE_MB * BYTES_PER_MB,
    keepDays: config.HELIX_LOG_KEEP_DAYS,
    totalBytesMax: config.HELIX_LOG_TOTAL_MB * BYTES_PER_MB,
  })
  const write = (lines: Buffer) => {
    files.write(lines)
    if (lines.length > 0) echo?.(lines)
  }
  // Few lines, and each matters: the level that the runner logs at is its own.
  const log = jsonLinesLog({ now: clock.now, level: 'debug', write: (line) => write(Buffer.from(`${line}\n`)) })
  try {
    return await supervise({
      clock,
      log,
      options: { port, host },
      start: (last) =>
        startChild({
          program: process.execPath,
          args: [...RUNNER_OPTIONS, ...process.execArgv, HELIX, 'start', ...startArguments({ port, host })],
          env: childEnvironment(options, last ?? options.preferredPort),
          onLines: write,
          onError: (line) => log('runner.stderr', { line }),
        }),
      portOf: (pid) => {
        const runner = standingOf(places.runnerFile, 'runner')
        return runner.kind === 'running' && runner.record.pid === pid ? runner.record.port : null
      },
      save: (state) => writeState(places.stateFile, state),
      onStopSignal: options.onStopSignal,
    })
  } finally {
    files.close()
    await held.release()
  }
}

/** The options of `helix start` that say where it listens. */
export function startArguments({ port, host }: { port: number | null; host: string | null }): string[] {
  return [...(port === null ? [] : ['--port', String(port)]), ...(host === null ? [] : ['--host', host])]
}

/** A runner comes back where it was, if it can, so that its clients find it. */
function childEnvironment({ config, env, port }: SupervisorOptions, last: number | null) {
  const keepsPort = last !== null && port === null && config.API_PORT === undefined
  return { ...env, HELIX_SUPERVISED: '1', ...(keepsPort ? { API_PORT: String(last) } : {}) }
}

async function hold(dir: string, file: string): Promise<HeldProcessFile> {
  await mkdir(dir, { recursive: true })
  try {
    return await holdProcessFile(file)
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error
    throw new Problem('data_dir_taken', `A supervisor is alive on this data: process ${error.holder.pid}`, {
      hint: 'Look at it with `helix status`, or stop it with `helix stop`',
      cause: error,
    })
  }
}
