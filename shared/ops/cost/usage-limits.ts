import { LIMITS, type Limit } from './limits.ts'
import { MEASURED } from './measured.ts'
import type { PlatformName, TaskUsage, Workload } from './workload.ts'

/** How close a workload comes to one limit. */
export interface LimitUse {
  readonly name: string
  readonly used: number
  readonly limit: Limit
  /** 1 where the limit is reached. */
  readonly utilisation: number
  /** The rate at which this limit alone would hold the workload up; null where the rate doesn't matter. */
  readonly tasksPerMinuteMax: number | null
}

interface Demand {
  readonly name: string
  readonly used: number
  readonly limit: Limit
  /** False for what one task alone runs into. */
  readonly growsWithRate: boolean
}

/** Every limit that matters on a platform, the fullest first. */
export function limitUses(workload: Workload, task: TaskUsage, platform: PlatformName): LimitUse[] {
  const demands = [
    ...demandsOfHelix(workload, task),
    ...DEMANDS_OF[platform](workload, task),
    ...demandsOfLlm(workload, task),
  ]
  return demands
    .map(({ name, used, limit, growsWithRate }) => {
      const utilisation = used / limit.value
      const tasksPerMinuteMax = growsWithRate && utilisation > 0 ? workload.tasksPerMinute / utilisation : null
      return { name, used, limit, utilisation, tasksPerMinuteMax }
    })
    .toSorted((a, b) => b.utilisation - a.utilisation)
}

const rising = (name: string, used: number, limit: Limit): Demand => ({ name, used, limit, growsWithRate: true })
const perSecond = ({ tasksPerMinute }: Workload, amount: number): number => (tasksPerMinute / 60) * amount

/** Little's law: what is under way is what arrives times how long it stays. */
export function runningTasks(workload: Workload, { seconds }: TaskUsage): number {
  return perSecond(workload, seconds)
}

/** The share of time in which somebody holds the lock under which runs are let in: one at a time in an installation. */
function scheduleShare(workload: Workload, { underScheduleLock }: TaskUsage): number {
  return perSecond(workload, (underScheduleLock * MEASURED.scheduleLockMs) / 1_000)
}

function demandsOfHelix(workload: Workload, task: TaskUsage): Demand[] {
  const measured = (value: number, unit: string): Limit => ({
    value,
    unit,
    source: MEASURED.source,
    read: MEASURED.month,
    adjustable: true,
  })
  return [
    rising(
      'store_cpu',
      perSecond(workload, task.storeCpuMs / 1_000),
      measured(MEASURED.cores, 'cores of one Postgres'),
    ),
    rising('schedule_lock', scheduleShare(workload, task), {
      ...measured(1, 'share of time that the schedule is locked'),
      adjustable: false,
    }),
    rising('running_tasks', runningTasks(workload, task), LIMITS.runningTasks),
  ]
}

const DEMANDS_OF: Readonly<Record<PlatformName, (workload: Workload, task: TaskUsage) => Demand[]>> = {
  cloudflare: (workload, task) => [
    rising('queue_throughput', perSecond(workload, task.queueMessages), LIMITS.queuesThroughput),
    rising('queue_consumers', runningTasks(workload, task), LIMITS.queuesConsumers),
    // A connection of Hyperdrive is held while a statement or a transaction runs, not while a task does.
    rising(
      'hyperdrive_connections',
      perSecond(workload, connectionSeconds(workload, task)),
      LIMITS.hyperdriveConnections,
    ),
    { name: 'invocation_cpu', used: task.cpuMs / 1_000, limit: LIMITS.workersCpu, growsWithRate: false },
    { name: 'invocation_subrequests', used: subrequests(task), limit: LIMITS.workersSubrequests, growsWithRate: false },
  ],
  aws: (workload, task) => [
    rising('queue_consumers', runningTasks(workload, task), LIMITS.sqsConsumers),
    rising('lambda_concurrency', runningTasks(workload, task), LIMITS.lambdaConcurrency),
    rising('queue_in_flight', runningTasks(workload, task), LIMITS.sqsInFlight),
    // Each execution keeps a connection of its own for as long as it lives.
    rising('store_connections', runningTasks(workload, task), LIMITS.storeConnections),
    rising('file_puts', perSecond(workload, task.filePuts + task.fileAppends), LIMITS.s3Puts),
    rising('file_gets', perSecond(workload, task.fileReads), LIMITS.s3Gets),
  ],
  container: (workload, task) => [
    rising('store_connections', perSecond(workload, connectionSeconds(workload, task)), LIMITS.storeConnections),
  ],
}

function connectionSeconds({ roundTripMs }: Workload, { storeStatements }: TaskUsage): number {
  return (storeStatements * (roundTripMs + MEASURED.storeStatementMs)) / 1_000
}

/** Calls that leave a Worker: files, messages, the model, the embedder. Statements share the connection that was opened. */
function subrequests({
  filePuts,
  fileAppends,
  fileReads,
  fileLists,
  queueMessages,
  embedderRequests,
  llmRequests,
}: TaskUsage): number {
  return filePuts + fileAppends * 2 + fileReads + fileLists + queueMessages + embedderRequests + llmRequests
}

function demandsOfLlm(workload: Workload, { llmRequests, llmTokens }: TaskUsage): Demand[] {
  const { tasksPerMinute, llm } = workload
  const asked = (value: number, unit: string): Limit => ({
    value,
    unit,
    source: 'as given',
    read: '',
    adjustable: true,
  })
  const demands: Demand[] = []
  if (llm?.requestsPerMinuteMax != null) {
    demands.push(rising('llm_requests', tasksPerMinute * llmRequests, asked(llm.requestsPerMinuteMax, 'requests/min')))
  }
  if (llm?.tokensPerMinuteMax != null) {
    demands.push(rising('llm_tokens', tasksPerMinute * llmTokens, asked(llm.tokensPerMinuteMax, 'tokens/min')))
  }
  return demands
}
