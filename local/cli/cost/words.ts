import type { PriceName } from '../../../shared/ops/cost/prices.ts'
import type { PlatformName } from '../../../shared/ops/cost/workload.ts'
import type { Text } from '../language.ts'

export const PLATFORM_TITLES: Readonly<Record<PlatformName, Text>> = {
  cloudflare: { zh: 'Cloudflare', en: 'Cloudflare' },
  aws: { zh: 'AWS Lambda', en: 'AWS Lambda' },
  container: { zh: '容器', en: 'Containers' },
}

/** What the lines of a bill are for. */
export const PRICE_TITLES: Readonly<Record<PriceName, Text>> = {
  workersPlan: { zh: 'Workers 套餐', en: 'Workers plan' },
  workersRequests: { zh: 'Workers 请求', en: 'Workers requests' },
  workersCpu: { zh: 'Workers CPU 时间', en: 'Workers CPU time' },
  queuesOperations: { zh: 'Queues 操作', en: 'Queues operations' },
  r2Writes: { zh: 'R2 写', en: 'R2 writes' },
  r2Reads: { zh: 'R2 读', en: 'R2 reads' },
  r2Storage: { zh: 'R2 存储', en: 'R2 storage' },
  lambdaRequests: { zh: 'Lambda 请求', en: 'Lambda requests' },
  lambdaTime: { zh: 'Lambda 时间（1 GB）', en: 'Lambda time (1 GB)' },
  sqsRequests: { zh: 'SQS 请求', en: 'SQS requests' },
  s3Writes: { zh: 'S3 写', en: 'S3 writes' },
  s3Reads: { zh: 'S3 读', en: 'S3 reads' },
  s3Storage: { zh: 'S3 存储', en: 'S3 storage' },
  scheduledInvocations: { zh: 'EventBridge 定时调用', en: 'EventBridge schedules' },
  containerCpu: { zh: '容器 CPU', en: 'Container CPU' },
  containerMemory: { zh: '容器内存', en: 'Container memory' },
  containerStorage: { zh: '文件存储', en: 'File storage' },
  storeCpu: { zh: 'Postgres 计算', en: 'Postgres compute' },
  storeStorage: { zh: 'Postgres 磁盘', en: 'Postgres disk' },
}

interface LimitWords {
  readonly title: Text
  /** What to do when it is met. */
  readonly next: Text
}

/** What limits are called, and what helps. */
export const LIMIT_WORDS: Readonly<Record<string, LimitWords>> = {
  store_cpu: {
    title: { zh: '存储处理器', en: "Store's processor" },
    next: {
      zh: '换更大的 Postgres，再按数据源分成几套安装，各用一个存储',
      en: 'Take a larger Postgres, then several installations, each with its own sources and store',
    },
  },
  schedule_lock: {
    title: { zh: '调度锁', en: "The schedule's lock" },
    next: {
      zh: '按数据源分成几套安装，各用一个存储：每套安装有自己的调度锁',
      en: 'Split by source into several installations, each with its own store: each has a lock of its own',
    },
  },
  running_tasks: {
    title: { zh: '同时进行的任务', en: 'Tasks under way' },
    next: {
      zh: '调高 HELIX_MAX_RUNNING_TASKS（默认 4，最多 1000），或缩短任务',
      en: 'Raise HELIX_MAX_RUNNING_TASKS (4 by default, 1000 at most), or make tasks shorter',
    },
  },
  queue_throughput: {
    title: { zh: '队列吞吐', en: 'Queue throughput' },
    next: { zh: '使用多个队列', en: 'Use several queues' },
  },
  queue_consumers: {
    title: { zh: '队列并发消费者', en: 'Queue consumers at once' },
    next: { zh: '使用多个队列，各有自己的消费者', en: 'Use several queues, each with consumers of its own' },
  },
  hyperdrive_connections: {
    title: { zh: 'Hyperdrive 连接', en: 'Hyperdrive connections' },
    next: {
      zh: '为每个存储配置一个 Hyperdrive，或申请更多连接',
      en: 'Configure a Hyperdrive per store, or ask for more connections',
    },
  },
  invocation_cpu: {
    title: { zh: '单次调用的 CPU', en: 'CPU of one invocation' },
    next: {
      zh: '减小 HELIX_SLICE_SECONDS，让任务分成更多片',
      en: 'Lower HELIX_SLICE_SECONDS, so that a task takes more slices',
    },
  },
  invocation_subrequests: {
    title: { zh: '单次调用的子请求', en: 'Subrequests of one invocation' },
    next: {
      zh: '减小 HELIX_SLICE_SECONDS，让任务分成更多片',
      en: 'Lower HELIX_SLICE_SECONDS, so that a task takes more slices',
    },
  },
  lambda_concurrency: {
    title: { zh: 'Lambda 并发', en: 'Lambda concurrency' },
    next: { zh: '申请更高的账户并发', en: 'Ask for more concurrency of the account' },
  },
  queue_in_flight: {
    title: { zh: '队列在途消息', en: 'Queue messages in flight' },
    next: { zh: '使用多个队列', en: 'Use several queues' },
  },
  store_connections: {
    title: { zh: '存储连接', en: 'Store connections' },
    next: {
      zh: '在存储前放连接池（PgBouncer、RDS Proxy）',
      en: 'Put a pooler before the store (PgBouncer, RDS Proxy)',
    },
  },
  file_puts: {
    title: { zh: '文件写入', en: 'File writes' },
    next: { zh: '把任务分到多个前缀或桶', en: 'Spread tasks over several prefixes or buckets' },
  },
  file_gets: {
    title: { zh: '文件读取', en: 'File reads' },
    next: { zh: '把任务分到多个前缀或桶', en: 'Spread tasks over several prefixes or buckets' },
  },
  llm_requests: {
    title: { zh: '大模型每分钟次数', en: 'Requests to the model' },
    next: { zh: '申请更高的速率，或关闭部分大模型功能', en: 'Ask for a higher rate, or use the model for less' },
  },
  llm_tokens: {
    title: { zh: '大模型每分钟 token', en: 'Tokens of the model' },
    next: { zh: '申请更高的速率，或关闭部分大模型功能', en: 'Ask for a higher rate, or use the model for less' },
  },
}
