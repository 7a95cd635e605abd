import { resolve } from 'node:path'
import { ROLES } from '../../shared/platform/api-keys.ts'
import type { Config } from '../../shared/platform/config.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { runnerPort } from '../runner/data-dir.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure } from './failure.ts'
import { pause } from './pause.ts'

/** The HTTP API, whoever answers it. The command line reaches Helix through this and nothing else. */
export interface HelixClient {
  /** @param path with a leading slash @throws {CliFailure} `runner_unreachable` */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Whether a runner in another process answers, or one in this process, which ends with `stop`. */
  readonly mode: 'runner' | 'in-process'
  /** Where the runner listens; null in this process. */
  readonly url: string | null
  stop(): Promise<void>
}

export interface ConnectOptions {
  /** Sources for this run only; a runner that is alive already can't be given any. */
  readonly sources?: Readonly<Record<string, string>>
  /** Takes up waiting work and fires the schedules while it runs in this process; off for commands that only look. */
  readonly works?: boolean
}

const IN_PROCESS = 'http://helix.invalid'
const TAKEN_MS_MAX = 5_000 // a command that only looks takes less
const LOOK_MS = 200

/**
 * The runner that is alive on the configured data directory, else one in this process, without a port.
 * @throws {CliFailure} `source_needs_configuration` when sources are given and a runner is alive
 * @throws {Problem} as `openRunner`
 */
export async function connect(config: Config, options: ConnectOptions = {}): Promise<HelixClient> {
  const dataDir = resolve(config.HELIX_DATA_DIR)
  const port = await runnerPort(dataDir)
  if (port !== null) return overHttp(config, port, options)
  return await inProcessWhenFree(config, dataDir, options)
}

/** Where a runner on this machine is reached, given where it listens. */
export function runnerUrl(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function overHttp(config: Config, port: number, { sources = {} }: ConnectOptions): HelixClient {
  const url = runnerUrl(config.HELIX_HOST, port)
  const [name] = Object.keys(sources)
  if (name !== undefined) {
    throw new CliFailure(
      EXIT.usage,
      'source_needs_configuration',
      `A runner is alive on this data (${url}), and a source for one run can't be given to it`,
      {
        hint: `Set HELIX_SOURCE_${name.toUpperCase()}_URL, restart the runner and use --source ${name}; or stop the runner; or name another HELIX_DATA_DIR`,
      },
    )
  }
  return {
    mode: 'runner',
    url,
    fetch: async (path, init) => {
      try {
        return await fetch(`${url}${path}`, withKey(config, init))
      } catch (cause) {
        if (init?.signal?.aborted === true) throw cause
        throw new CliFailure(EXIT.unreachable, 'runner_unreachable', `The runner at ${url} does not answer`, {
          hint: 'Look whether it still runs: `helix doctor`',
          cause,
        })
      }
    },
    stop: async () => undefined,
  }
}

/** The request with the most powerful key that is configured here: who reads the runner's settings may do anything. */
function withKey({ HELIX_API_KEYS: keys = [] }: Config, init: RequestInit = {}): RequestInit {
  const [strongest] = keys.toSorted((one, other) => ROLES.indexOf(other.role) - ROLES.indexOf(one.role))
  if (strongest === undefined) return init
  const headers = new Headers(init.headers)
  headers.set('Authorization', `Bearer ${strongest.key}`)
  return { ...init, headers }
}

async function inProcess(config: Config, { sources = {}, works = false }: ConnectOptions): Promise<HelixClient> {
  // Loaded only here: it brings in the whole of Helix, which a runner in another process makes unnecessary.
  const { openRunner } = await import('../runner/open-runner.ts')
  const runner = await openRunner(config, { quiet: true, sources, works })
  return {
    mode: 'in-process',
    url: null,
    fetch: (path, init) => runner.fetch(new Request(`${IN_PROCESS}${path}`, withKey(config, init))),
    stop: () => runner.stop(),
  }
}

/** Another command may hold the data for a moment, and a runner that is just starting will say where it listens. */
async function inProcessWhenFree(config: Config, dataDir: string, options: ConnectOptions): Promise<HelixClient> {
  for (let waited = 0; ; waited += LOOK_MS) {
    try {
      return await inProcess(config, options)
    } catch (error) {
      const isTaken = error instanceof Problem && error.code === 'data_dir_taken'
      if (!isTaken || waited >= TAKEN_MS_MAX) throw error
    }
    await pause(LOOK_MS)
    const port = await runnerPort(dataDir)
    if (port !== null) return overHttp(config, port, options)
  }
}
