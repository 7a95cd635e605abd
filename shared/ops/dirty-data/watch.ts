import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Finding } from './finding.ts'
import { HashBudget } from './folder.ts'
import { lookTwice } from './look.ts'
import { listSuspects } from './scan-store.ts'

const SUSPECTS_MAX = 200
const PAGE_TASKS = 200 // with their files, at each check; the next check takes the next ones
const HASH_BYTES_MAX = 64 * 1024 * 1024 // a second's reading
const CHECK_MS = 60_000

const COUNT_TASKS = `
  select count(*)::integer as count
    from data_pipeline_tasks`

// By the index on the time of creation: what is new is looked at first.
const LIST_PAGE = `
  select id
    from data_pipeline_tasks
   order by created_at desc, id desc
   limit $1 offset $2`

const LIST_BUSY = `
  select distinct task_id as id
    from data_pipeline_task_executions
   where task_id = any($1) and status in ('queued', 'running')`

export interface Watched {
  readonly findings: readonly Finding[]
  /** How many tasks were looked at. */
  readonly of: number
}

const inFlight = new WeakMap<Platform, Promise<Watched>>()

/**
 * A quick look for dirty data, made at each check of the incidents: what the store alone finds suspicious, the newest tasks,
 * and in turn a page of the others, so that all are seen within some checks. Five kinds of faults share one look.
 */
export async function watchDirtyData(platform: Platform): Promise<Watched> {
  const shared = inFlight.get(platform)
  if (shared !== undefined) return await shared
  const own = watch(platform).finally(() => inFlight.delete(platform))
  inFlight.set(platform, own)
  return await own
}

async function watch(platform: Platform): Promise<Watched> {
  const { store, clock } = platform
  const total = (await store.query<{ count: number }>(COUNT_TASKS)).rows[0]?.count ?? 0
  const pages = Math.max(1, Math.ceil(total / PAGE_TASKS))
  const turn = Math.floor(clock.now().getTime() / CHECK_MS) % pages // needs no memory: any runner may make the next check
  const suspects = await listSuspects(store, SUSPECTS_MAX)
  const newest = await listPage(store, 0)
  const others = turn === 0 ? [] : await listPage(store, turn)
  const ids = [...new Set([...suspects, ...newest, ...others])]
  const budget = new HashBudget(HASH_BYTES_MAX)
  const findings = await lookTwice(platform, ids, { files: true, budget })
  return { findings: await withoutBusy(store, findings), of: ids.length }
}

async function listPage(store: Queryable, page: number): Promise<string[]> {
  const { rows } = await store.query<{ id: string }>(LIST_PAGE, [PAGE_TASKS, page * PAGE_TASKS])
  return rows.map(({ id }) => id)
}

/** Files of a task that works can't be cleaned up yet: they are found again when it has ended. */
async function withoutBusy(store: Queryable, findings: readonly Finding[]): Promise<Finding[]> {
  const ids = [...new Set(findings.map(({ taskId }) => taskId))]
  if (ids.length === 0) return []
  const busy = new Set((await store.query<{ id: string }>(LIST_BUSY, [ids])).rows.map(({ id }) => id))
  return findings.filter(({ taskId, type }) => !busy.has(taskId) || (type !== 'A' && type !== 'B'))
}
