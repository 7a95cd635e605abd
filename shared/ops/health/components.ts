import { type HEALTH_STATUSES, storeHealth } from '../../platform/http/health.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Language } from '../../platform/problems.ts'
import { sandboxHealth } from '../../sandbox/sandbox-health.ts'
import { requestSpan, summed } from '../metrics/request-samples.ts'

export type HealthStatus = (typeof HEALTH_STATUSES)[number]

export const COMPONENTS = ['database', 'api', 'queue', 'files', 'sandbox', 'sources', 'llm', 'scheduler'] as const
export type Component = (typeof COMPONENTS)[number]

/** How a component does at one look. */
export interface Reading {
  readonly component: Component
  readonly status: HealthStatus
  /** Why it is not healthy. */
  readonly reason: Readonly<Record<Language, string>> | null
}

const RECENT_MS = 5 * 60_000
const REQUESTS_MIN = 5 // a share of less says nothing
const MINUTE_MS = 60_000

// The oldest execution that was let in and that nobody takes; the errors of what Helix calls; when schedules last ran.
const LOOK = `
  select (select extract(epoch from $1::timestamptz - min(greatest(available_at, admitted_at)))::float8
            from data_pipeline_task_executions
           where status = 'queued' and admitted_at is not null and available_at <= $1 and cancel_requested_at is null) as waiting_seconds,
         (select coalesce(jsonb_object_agg(operation, state), '{}') from error_budgets where state <> 'closed') as failing,
         (select coalesce(jsonb_object_agg(name, extract(epoch from $1::timestamptz - least(expires_at, $1))), '{}')
            from leases
           where name in ('sweep-zombies', 'check-alerts')) as last_runs,
         (select reading from component_health where component = 'sandbox') as sandbox`

interface Looked {
  waiting_seconds: number | null
  failing: Record<string, string>
  last_runs: Record<string, number>
  sandbox: HealthStatus | null
}

/** Looks at every component once. The store must answer. */
export async function readComponents(platform: Platform): Promise<Reading[]> {
  const { store, clock } = platform
  const now = clock.now()
  const [looked] = (await store.query<Looked>(LOOK, [now])).rows
  if (looked === undefined) throw new Error('The store told nothing')
  const requests = summed(await requestSpan(store, new Date(now.getTime() - RECENT_MS), now))
  return [
    await readDatabase(platform),
    readApi(requests),
    readQueue(looked.waiting_seconds),
    await readFiles(platform),
    looked.sandbox === 'healthy' && !isSandboxDue(now) ? well('sandbox') : await readSandbox(platform),
    readSources(looked.failing, platform.sources.list().length),
    readLlm(looked.failing),
    readScheduler(looked.last_runs),
  ]
}

const SLOW_MS = 1_000 // of a statement that asks nothing

async function readDatabase(platform: Platform): Promise<Reading> {
  const before = platform.clock.now().getTime()
  const status = await storeHealth(platform)
  const tookMs = platform.clock.now().getTime() - before
  if (status === 'unhealthy') return ill('database', 'unhealthy', '数据库没有响应', 'The store does not answer')
  if (tookMs < SLOW_MS) return well('database')
  return ill('database', 'degraded', `数据库响应耗时 ${tookMs} 毫秒`, `The store took ${tookMs} ms to answer`)
}

const ERRORS_MANY = 0.05
const ERRORS_MOST = 0.5

function readApi({ count, errors }: { count: number; errors: number }): Reading {
  const share = count < REQUESTS_MIN ? 0 : errors / count
  if (share <= ERRORS_MANY) return well('api')
  const shown = `${(share * 100).toFixed(1)} %`
  const status = share > ERRORS_MOST ? 'unhealthy' : 'degraded'
  return ill('api', status, `最近 5 分钟 ${shown} 的请求出错`, `${shown} of the requests of 5 minutes failed`)
}

const WAITING_SECONDS_LONG = 5 * 60
const WAITING_SECONDS_TOO_LONG = 30 * 60

/** @param seconds the oldest that was let in and that nobody takes; null when none waits */
function readQueue(seconds: number | null): Reading {
  if (seconds === null || seconds <= WAITING_SECONDS_LONG) return well('queue')
  const minutes = Math.round(seconds / 60)
  const status = seconds > WAITING_SECONDS_TOO_LONG ? 'unhealthy' : 'degraded'
  return ill(
    'queue',
    status,
    `有执行已等待 ${minutes} 分钟无人领取`,
    `An execution has waited for ${minutes} minutes and nobody takes it`,
  )
}

const PROBE = 'health/probe.txt'

/** Writes a small file: a full disk can still be read. */
export async function readFiles({ files, clock, log }: Platform): Promise<Reading> {
  try {
    await files.put(PROBE, clock.now().toISOString(), { derived: true })
    return well('files')
  } catch (cause) {
    log('background.failed', { what: 'files health', message: String(cause) })
    return ill('files', 'unhealthy', '文件存储无法写入', 'The file store can not be written')
  }
}

const SANDBOX_MINUTES = 10 // its check runs loops and fills memory: each minute only while it is not well

function isSandboxDue(now: Date): boolean {
  return Math.floor(now.getTime() / MINUTE_MS) % SANDBOX_MINUTES === 0
}

async function readSandbox(platform: Platform): Promise<Reading> {
  const { engine: _, ...holds } = await sandboxHealth(platform)
  const broken = Object.entries(holds).filter(([, held]) => !held)
  if (broken.length === 0) return well('sandbox')
  const names = broken.map(([name]) => name).join(', ')
  return ill('sandbox', 'unhealthy', `沙箱自检未通过：${names}`, `The sandbox fails its own check: ${names}`)
}

/** Ill when all of several are: one that is down is its own tasks' trouble. */
function readSources(failing: Looked['failing'], configured: number): Reading {
  const names = Object.keys(failing).filter((operation) => operation.startsWith('source:'))
  if (names.length === 0) return well('sources')
  const shown = names.map((name) => name.slice('source:'.length)).join(', ')
  const status = names.length >= Math.max(1, configured) ? 'unhealthy' : 'degraded'
  return ill('sources', status, `数据源无法连接：${shown}`, `Sources do not answer: ${shown}`)
}

function readLlm(failing: Looked['failing']): Reading {
  const names = Object.keys(failing).filter((operation) => operation === 'llm' || operation === 'embedding')
  if (names.length === 0) return well('llm')
  return ill(
    'llm',
    'degraded',
    `模型调用连续失败：${names.join(', ')}`,
    `Calls of models keep failing: ${names.join(', ')}`,
  )
}

const PERIOD_MS: Readonly<Record<string, number>> = { 'sweep-zombies': MINUTE_MS, 'check-alerts': 5 * MINUTE_MS }
const MISSED_MAX = 3 // ticks may be missed; so many in a row are no accident
const MISSED_MOST = 10

/** One that has never run yet says nothing: an installation is young once. */
function readScheduler(secondsSince: Looked['last_runs']): Reading {
  const missed = Object.entries(secondsSince).map(([name, seconds]) => {
    return { name, ticks: Math.floor((seconds * 1000) / (PERIOD_MS[name] ?? MINUTE_MS)) }
  })
  const [worst] = missed.toSorted((one, other) => other.ticks - one.ticks)
  if (worst === undefined || worst.ticks <= MISSED_MAX) return well('scheduler')
  const status = worst.ticks > MISSED_MOST ? 'unhealthy' : 'degraded'
  return ill(
    'scheduler',
    status,
    `${worst.name} 已错过 ${worst.ticks} 次`,
    `${worst.name} has missed ${worst.ticks} ticks`,
  )
}

function well(component: Component): Reading {
  return { component, status: 'healthy', reason: null }
}

function ill(component: Component, status: HealthStatus, zh: string, en: string): Reading {
  return { component, status, reason: { zh, en } }
}
