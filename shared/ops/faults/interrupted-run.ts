import type { Platform } from '../../platform/platform.ts'
import { sourceRefOf } from '../../platform/source-ref.ts'
import { listDegraded } from '../errors/budget-store.ts'
import { sourceAnswers, works } from '../errors/works.ts'
import type { FaultClass } from '../incidents/fault.ts'
import { type InterruptedRun, listInterruptedRuns } from '../incidents/interrupted-runs.ts'

const OPERATIONS_MAX = 20 // of one check: each is called for real
const NAMED_MAX = 200 // runs of one incident

/** Runs that failed since something was away that is back now. While it is away, that is the fault, and another one's. */
export const interruptedRun: FaultClass = {
  name: 'interrupted_run',
  severity: 'P2',
  layer: 'application',
  kind: 'operation',
  isCommon: true,
  meaning: {
    zh: '任务因外部服务中断而失败，服务现已恢复',
    en: 'Runs failed because something was away that is back by now',
  },
  async detect(platform) {
    const runs = await listInterruptedRuns(platform.store, platform.clock.now())
    const operations = [...new Set(runs.map(({ operation }) => operation))]
    const looked = operations.slice(0, OPERATIONS_MAX).map(async (operation) => {
      const own = runs.filter((run) => run.operation === operation)
      return (await isBack(platform, own)) ? targetOf(operation, own) : null
    })
    const ill = (await Promise.all(looked)).filter((target) => target !== null)
    return { ill, of: operations.length }
  },
  diagnose: async (_, { id, facts }) => ({
    rule: 'outage-over',
    explanation: {
      zh: `${id} 曾不可用，${facts.count} 个任务因此失败；现已恢复，任务将自动从断点继续执行`,
      en: `${id} was away, and ${facts.count} runs failed for it; it is back, so they go on from where they were`,
    },
    repair: 'resume-runs',
  }),
}

function targetOf(operation: string, runs: readonly InterruptedRun[]) {
  const named = runs.slice(0, NAMED_MAX).map(({ taskId, executionId }) => ({ taskId, executionId }))
  const signs = named.map(({ executionId }) => executionId)
  return { id: operation, facts: { count: named.length, runs: named, signs }, occurredAt: runs[0]?.failedAt ?? null }
}

async function isBack(platform: Platform, [run]: readonly InterruptedRun[]): Promise<boolean> {
  if (run === undefined) return false
  const { operation, source } = run
  if (/^(source|connection):/.test(operation)) {
    const ref = await sourceRefOf(platform, source).catch(() => null) // sealed by another key
    return ref !== null && (await sourceAnswers(platform, ref))
  }
  const degraded = await listDegraded(platform.store)
  return !degraded.some((one) => one.operation === operation) && (await works(platform, operation))
}
