import { MEASURED } from './measured.ts'
import { PRICES, type PriceName, priceOf } from './prices.ts'
import { type LimitUse, limitUses, runningTasks } from './usage-limits.ts'
import { type PlatformName, type TaskUsage, usageOfTask, type Workload } from './workload.ts'

/** One line of a month's bill. */
export interface CostLine {
  readonly name: PriceName
  readonly amount: number
  readonly unit: string
  readonly dollars: number
}

export interface Estimate {
  readonly platform: PlatformName
  readonly task: TaskUsage
  readonly tasksPerMonth: number
  /** Statements that change something; one call of the engine writes all that belongs together. */
  readonly storeWritesPerSecond: number
  /** Rows of logs and events, which grow with every task and go when it is old. */
  readonly rowsPerDay: number
  readonly gigabytesPerDay: number
  /** What the store holds once the oldest tasks begin to go. */
  readonly storeGigabytes: number
  readonly storeCores: number
  readonly runningTasks: number
  readonly lines: readonly CostLine[]
  readonly dollarsPerMonth: number
  /** The fullest first. */
  readonly limits: readonly LimitUse[]
  /** The limit that a rising rate meets first. */
  readonly binding: LimitUse | null
}

const DAYS = 30 // of a month
const HOURS = 730
const MINUTES = DAYS * 24 * 60
const CRON_CALLS = MINUTES // one expression fires every minute
const GIGABYTE = 1e9
const LAMBDA_GIGABYTES = 1 // memory of an execution
const LAMBDA_RETRIES = 1.02 // deliveries per message, retries included
const SQS_REQUESTS = 3 // of a message: sent, received, deleted
const SQS_POLLS = 5 * 3 * MINUTES // five pollers ask every 20 s, also where nothing comes
const HEADROOM = 0.6 // of a store's cores is what the engine's statements may take: the rest writes, cleans and answers people
const CONTAINER_HEADROOM = 0.6
const CONTAINER_GIGABYTES_PER_CORE = 2
const FREE_DISK = 0.3 // of a store's disk stays free

/** What a workload costs a month on a platform, and how close it comes to each limit. */
export function estimate(workload: Workload, platform: PlatformName): Estimate {
  const task = usageOfTask(workload, platform)
  const tasksPerMonth = workload.tasksPerMinute * MINUTES
  const tasksPerDay = tasksPerMonth / DAYS
  const rowsPerTask = task.logRows + task.eventRows
  const bytesPerTask = (task.logBytes + task.otherBytes) * MEASURED.indexFactor + task.checkpointBytes
  const gigabytesPerDay = (tasksPerDay * bytesPerTask) / GIGABYTE
  const storeGigabytes = (gigabytesPerDay * workload.retentionDays) / (1 - FREE_DISK)
  const storeWritesPerSecond = (workload.tasksPerMinute / 60) * task.storeWrites
  const storeCores = coresFor((workload.tasksPerMinute / 60) * (task.storeCpuMs / 1_000))
  const amounts: Partial<Record<PriceName, number>> = {
    ...AMOUNTS[platform](workload, task, tasksPerMonth),
    storeCpu: storeCores * HOURS,
    storeStorage: Math.max(20, storeGigabytes),
  }
  const lines = Object.entries(amounts).map(([name, amount]) => {
    const price = name as PriceName
    return { name: price, amount, unit: PRICES[price].unit, dollars: priceOf(price, amount) }
  })
  const limits = limitUses(workload, task, platform)
  return {
    platform,
    task,
    tasksPerMonth,
    storeWritesPerSecond,
    rowsPerDay: tasksPerDay * rowsPerTask,
    gigabytesPerDay,
    storeGigabytes,
    storeCores,
    runningTasks: runningTasks(workload, task),
    lines,
    dollarsPerMonth: lines.reduce((sum, { dollars }) => sum + dollars, 0),
    limits,
    binding: limits.find(({ tasksPerMinuteMax }) => tasksPerMinuteMax !== null) ?? null,
  }
}

/** Sizes of databases double. */
function coresFor(busy: number): number {
  return 2 ** Math.max(1, Math.ceil(Math.log2(busy / HEADROOM)))
}

const AMOUNTS: Readonly<
  Record<PlatformName, (workload: Workload, task: TaskUsage, tasks: number) => Partial<Record<PriceName, number>>>
> = {
  cloudflare: (workload, task, tasks) => ({
    workersPlan: 1,
    workersRequests: tasks * (1 + task.queueMessages) + CRON_CALLS,
    workersCpu: tasks * task.cpuMs,
    queuesOperations: tasks * task.queueMessages * 3,
    // An append writes the object again; it is read once. A list is a write's price.
    r2Writes: tasks * (task.filePuts + task.fileAppends + task.fileLists),
    r2Reads: tasks * (task.fileReads + 1),
    r2Storage: fileGigabytes(workload, task),
  }),
  aws: (workload, task, tasks) => ({
    lambdaRequests: tasks * (1 + task.queueMessages * LAMBDA_RETRIES) + CRON_CALLS,
    lambdaTime: tasks * task.seconds * LAMBDA_GIGABYTES,
    sqsRequests: tasks * task.queueMessages * SQS_REQUESTS + SQS_POLLS,
    s3Writes: tasks * (task.filePuts + task.fileAppends + task.fileLists),
    s3Reads: tasks * (task.fileReads + task.fileAppends),
    s3Storage: fileGigabytes(workload, task),
    scheduledInvocations: CRON_CALLS,
  }),
  container: (workload, task) => {
    const cores = Math.max(1, Math.ceil(((workload.tasksPerMinute / 60) * task.cpuMs) / 1_000 / CONTAINER_HEADROOM))
    return {
      containerCpu: cores * HOURS,
      containerMemory: cores * CONTAINER_GIGABYTES_PER_CORE * HOURS,
      containerStorage: fileGigabytes(workload, task),
    }
  },
}

function fileGigabytes({ tasksPerMinute, retentionDays }: Workload, { fileBytes }: TaskUsage): number {
  return (tasksPerMinute * 60 * 24 * retentionDays * fileBytes) / GIGABYTE
}
