import { LIMITS } from './limits.ts'
import { MEASURED } from './measured.ts'
import type { Scenario, Stage, Station } from './simulate.ts'
import { type PlatformName, type TaskUsage, usageOfTask, type Workload } from './workload.ts'

const STEPS = 4
const PARTS = 3 // in which a step computes and then asks its databases
const TASKS_MAX = 30_000 // of one simulation: a few seconds

/** The stations of a platform: what takes as many at once as its limit says. */
const CONSUMERS: Readonly<Record<PlatformName, number>> = {
  cloudflare: LIMITS.queuesConsumers.value,
  aws: Math.min(LIMITS.sqsConsumers.value, LIMITS.lambdaConcurrency.value),
  container: LIMITS.runningTasks.value,
}
const CONNECTIONS: Readonly<Record<PlatformName, number>> = {
  cloudflare: LIMITS.hyperdriveConnections.value,
  aws: LIMITS.lambdaConcurrency.value, // each execution has its own
  container: LIMITS.storeConnections.value,
}

/**
 * A workload as a scenario: let in under the schedule's lock, a consumer for all four steps (each hands off to the next
 * in the same process), in each step computing, statements on a connection, the processor of the store,
 * calls to the model; and the lock again at the end.
 * @param minutes how long tasks arrive; less where that would be too many tasks
 */
export function scenarioOf(workload: Workload, platform: PlatformName, minutes: number, seed: number): Scenario {
  const task = usageOfTask(workload, platform)
  const stations: Station[] = [
    { name: 'schedule_lock', servers: 1 },
    { name: 'queue_consumers', servers: CONSUMERS[platform] },
    { name: 'store_connections', servers: CONNECTIONS[platform] },
    { name: 'store_cpu', servers: MEASURED.cores },
  ]
  return {
    tasksPerMinute: workload.tasksPerMinute,
    minutes: Math.min(minutes, TASKS_MAX / workload.tasksPerMinute),
    stations,
    stages: stagesOf(workload, task),
    llmRequestsPerMinute: workload.llm?.requestsPerMinuteMax ?? null,
    seed,
  }
}

function stagesOf(workload: Workload, task: TaskUsage): Stage[] {
  const lockMs = task.underScheduleLock * MEASURED.scheduleLockMs
  const lock: Stage = { kind: 'use', station: 'schedule_lock', meanMs: lockMs / 2 }
  const parts = STEPS * PARTS
  const connectionMs = (task.storeStatements * (workload.roundTripMs + MEASURED.storeStatementMs)) / parts
  const storeMs = task.storeCpuMs / parts
  const modelMs = llmSeconds(workload) * 1_000
  const elsewhereMs = Math.max(0, task.seconds * 1_000 - connectionMs * parts - modelMs) / parts
  const calls = Math.round(task.llmRequests / parts)
  const part: Stage[] = [
    { kind: 'work', meanMs: elsewhereMs },
    ...Array.from({ length: calls }, (): Stage => ({ kind: 'llm', meanMs: modelMs / parts / calls })),
    { kind: 'use', station: 'store_connections', meanMs: connectionMs },
    { kind: 'use', station: 'store_cpu', meanMs: storeMs },
  ]
  return [
    lock,
    { kind: 'hold', station: 'queue_consumers' },
    ...Array.from({ length: parts }, () => part).flat(),
    { kind: 'release', station: 'queue_consumers' },
    lock,
  ]
}

/** Of one task, four calls at a time. */
function llmSeconds({ llm }: Workload): number {
  return llm === null ? 0 : (llm.requestsPerTask * llm.secondsPerRequest) / 4
}
