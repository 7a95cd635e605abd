import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../../shared/platform/config.ts'
import { logFilesIn } from '../../supervisor/log-files.ts'
import type { Places } from '../../supervisor/places.ts'
import type { Situation } from '../../supervisor/situation.ts'
import type { SupervisorState } from '../../supervisor/state-file.ts'
import { runnerUrl } from '../client.ts'

/** What `helix status` answers; `--json` prints it as it is. */
export interface ProcessReport {
  /** `stale`: the files name a process that is gone, or one that is not Helix. */
  readonly status: 'running' | 'stopped' | 'stale'
  readonly pid: number | null
  readonly url: string | null
  readonly port: number | null
  readonly started_at: string | null
  readonly uptime_seconds: number | null
  /** The process that restarts it; null for a runner of its own, or one whose supervisor has been killed. */
  readonly supervisor: { readonly pid: number; readonly status: SupervisorState['status'] | null } | null
  readonly restarts: number
  readonly last_crash: SupervisorState['last_crash']
  readonly next_try_at: string | null
  /** Why the supervisor gave up. */
  readonly gave_up: SupervisorState['reason']
  readonly log: LogReport | null
  readonly health: Health | null
}

export interface LogReport {
  readonly file: string
  readonly bytes: number
  readonly files: number
  readonly total_bytes: number
}

/** What the runner says of itself; `unreachable` where it does not answer. */
export interface Health {
  readonly status: string
  readonly http: number | null
}

const HEALTH_MS_MAX = 3_000

/** @param now of the machine's clock */
export async function reportOf(
  { supervisor, runner, state }: Situation,
  places: Places,
  config: Config,
  now: Date,
): Promise<ProcessReport> {
  const record = runner.kind === 'running' || isOtherWork(runner) ? runner.record : null
  const port = record?.port ?? null
  const url = port === null ? null : runnerUrl(state?.options.host ?? config.HELIX_HOST, port)
  const startedAt = record === null ? null : startOf(places.runnerFile)
  const isSupervised = supervisor.kind === 'running'
  const isStale = [runner, supervisor].some(({ kind }) => kind === 'stale' || kind === 'refused')
  return {
    status: record !== null || isSupervised ? 'running' : isStale ? 'stale' : 'stopped',
    pid: record?.pid ?? null,
    url,
    port,
    started_at: startedAt?.toISOString() ?? null,
    uptime_seconds: startedAt === null ? null : Math.max(0, Math.round((now.getTime() - startedAt.getTime()) / 1000)),
    supervisor: isSupervised ? { pid: supervisor.record.pid, status: state?.status ?? null } : null,
    restarts: state?.restarts ?? 0,
    last_crash: state?.last_crash ?? null,
    next_try_at: isSupervised ? (state?.next_try_at ?? null) : null,
    gave_up: state?.status === 'gave_up' ? state.reason : null,
    log: logReport(places),
    health: url === null ? null : await healthOf(url),
  }
}

export function logReport({ logs }: Places): LogReport | null {
  const files = logFilesIn(logs)
  const last = files.at(-1)
  if (last === undefined) return null
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  return { file: join(logs, last.name), bytes: last.bytes, files: files.length, total_bytes: total }
}

function isOtherWork(standing: Situation['runner']): standing is Extract<Situation['runner'], { kind: 'refused' }> {
  return standing.kind === 'refused' && standing.why === 'other-work'
}

/** The runner writes its file when it begins to listen. */
function startOf(file: string): Date | null {
  return statSync(file, { throwIfNoEntry: false })?.mtime ?? null
}

async function healthOf(url: string): Promise<Health> {
  try {
    const response = await fetch(`${url}/api/v1/health`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) })
    const body: unknown = await response.json()
    const said = typeof body === 'object' && body !== null && 'status' in body ? String(body.status) : 'unreachable'
    return { status: said, http: response.status }
  } catch {
    return { status: 'unreachable', http: null }
  }
}
