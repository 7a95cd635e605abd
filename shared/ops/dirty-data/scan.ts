import { timestampId } from '../../platform/clock.ts'
import type { Platform } from '../../platform/platform.ts'
import { Problem } from '../../platform/problems.ts'
import { randomId } from '../../platform/random.ts'
import type { Finding } from './finding.ts'
import { countByType } from './finding.ts'
import { HashBudget } from './folder.ts'
import { lookTwice } from './look.ts'
import { lostFolders } from './lost-folders.ts'
import {
  type LeftOut,
  lastPosition,
  listOrphaned,
  listSuspects,
  listTaskIds,
  type Scan,
  saveScan,
  taskExists,
} from './scan-store.ts'

export const PAGE_TASKS = 100 // their rows and file names fit easily into the memory of any platform
const TASKS_MAX = 5_000 // in one scan; the next one goes on behind them
const SUSPECTS_MAX = 1_000
const HASH_BYTES_MAX = 256 * 1024 * 1024 // read within seconds; bigger stores are read over several scans
const SCAN_MS_MAX = 20_000 // well inside the limit of the strictest platform
const FINDINGS_MAX = 1_000 // kept and answered; the counts are of all

export interface ScanRequest {
  readonly by: string
  /** One task only; all of them when absent. */
  readonly taskId?: string | undefined
}

/** Looks for dirty data and keeps what it finds. Changes nothing else. @throws {Problem} `task_not_found` */
export async function scan(platform: Platform, { by, taskId }: ScanRequest): Promise<Scan> {
  const startedAt = platform.clock.now()
  const id = `scan_${timestampId(startedAt, platform.clock.timeZone)}_${randomId(platform.random, 6)}`
  const found = taskId === undefined ? await scanAll(platform, startedAt) : await scanOne(platform, taskId)
  const { findings, looked, leftOut, resumeAfter } = found
  const kept = findings.slice(0, FINDINGS_MAX)
  const unnamed = findings.length - kept.length
  const scanned: Scan = {
    id,
    startedAt,
    completedAt: platform.clock.now(),
    startedBy: by,
    findings: kept,
    counts: countByType(findings),
    looked,
    leftOut: unnamed > 0 ? [...leftOut, { what: 'findings', count: unnamed }] : leftOut,
  }
  await saveScan(platform.store, scanned, resumeAfter)
  platform.log('scan.completed', { scanId: id, findings: findings.length, tasks: looked.tasks })
  return scanned
}

interface Scanned extends Pick<Scan, 'findings' | 'looked' | 'leftOut'> {
  /** Undefined where the order of scans is not touched. */
  readonly resumeAfter: string | null | undefined
}

async function scanOne(platform: Platform, taskId: string): Promise<Scanned> {
  const budget = new HashBudget(HASH_BYTES_MAX)
  const isKnown = (await taskExists(platform.store, taskId)) || (await hasFolder(platform, taskId))
  if (!isKnown)
    throw new Problem('task_not_found', `Cannot scan the task "${taskId}"`, { hint: 'List tasks with `helix tasks`' })
  const findings = await lookTwice(platform, [taskId], { files: true, budget })
  return { findings, looked: { tasks: 1, bytes: budget.spent }, leftOut: leftOutOf(budget), resumeAfter: undefined }
}

export async function hasFolder({ files }: Pick<Platform, 'files'>, taskId: string): Promise<boolean> {
  return (await files.list(`${taskId}/`, { limit: 1 })).files.length > 0
}

/** First what the store alone finds suspicious, wherever it is; then page by page from where the last scan stopped. */
async function scanAll(platform: Platform, startedAt: Date): Promise<Scanned> {
  const { store, clock } = platform
  const budget = new HashBudget(HASH_BYTES_MAX)
  const isTimeLeft = () => clock.now().getTime() - startedAt.getTime() < SCAN_MS_MAX
  const suspects = [...(await listSuspects(store, SUSPECTS_MAX)), ...(await listOrphaned(store, SUSPECTS_MAX))]
  const findings: Finding[] = []
  const looked = new Set<string>()
  const lookAt = async (ids: readonly string[]) => {
    const fresh = ids.filter((id) => !looked.has(id))
    for (const id of fresh) looked.add(id)
    findings.push(...(await lookTwice(platform, fresh, { files: true, budget })))
  }
  for (let at = 0; at < suspects.length; at += PAGE_TASKS) await lookAt(suspects.slice(at, at + PAGE_TASKS))
  const start = await lastPosition(store)
  const walked = await walkTasks(platform, start, () => isTimeLeft() && looked.size < TASKS_MAX, lookAt)
  const lost = await lostFolders(platform, isTimeLeft)
  await lookAt(lost.taskIds)
  const leftOut = leftOutOf(budget)
  if (walked !== null) leftOut.push({ what: 'tasks', count: null })
  if (lost.isCut) leftOut.push({ what: 'folders', count: null })
  return { findings, looked: { tasks: looked.size, bytes: budget.spent }, leftOut, resumeAfter: walked }
}

/** Walks all tasks once, beginning behind `start` and going round. @returns where it had to stop; null when it came round */
async function walkTasks(
  { store }: Platform,
  start: string | null,
  mayGoOn: () => boolean,
  lookAt: (ids: readonly string[]) => Promise<void>,
): Promise<string | null> {
  let after = start
  let isRound = start === null
  for (;;) {
    if (!mayGoOn()) return after
    const ids = await listTaskIds(store, after, PAGE_TASKS)
    const last = ids.at(-1)
    if (last === undefined) {
      if (isRound) return null
      isRound = true
      after = null
      continue
    }
    await lookAt(ids)
    if (isRound && start !== null && last >= start) return null
    after = last
  }
}

function leftOutOf(budget: HashBudget): LeftOut[] {
  return budget.leftOut > 0 ? [{ what: 'hashes', count: budget.leftOut }] : []
}
