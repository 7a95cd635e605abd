/** A limit of a provider, of Helix, or of what was measured. */
export interface Limit {
  readonly value: number
  readonly unit: string
  readonly source: string
  /** When it was read or measured, as a month. */
  readonly read: string
  /** Whether its owner raises it when asked. */
  readonly adjustable: boolean
}

const published = (value: number, unit: string, source: string, adjustable = false): Limit => ({
  value,
  unit,
  source,
  read: '2026-11',
  adjustable,
})

/** Published limits that a rate of tasks runs into; what one message or one file may be is the portable envelope's. */
export const LIMITS = {
  queuesThroughput: published(5_000, 'messages/s of a queue', 'Cloudflare Queues: Limits'),
  queuesConsumers: published(250, 'consumer invocations at once', 'Cloudflare Queues: Limits'),
  hyperdriveConnections: published(100, 'origin connections', 'Cloudflare Hyperdrive: Limits', true),
  workersCpu: published(300, 'CPU seconds of an invocation', 'Cloudflare Workers: Limits'),
  workersSubrequests: published(10_000, 'subrequests of an invocation', 'Cloudflare Workers: Limits', true),
  lambdaConcurrency: published(1_000, 'executions at once', 'AWS Lambda quotas', true),
  sqsConsumers: published(1_000, 'batches at once of an event source', 'AWS Lambda: Scaling of SQS event sources'),
  sqsInFlight: published(120_000, 'messages in flight', 'Amazon SQS: Standard queue quotas', true),
  s3Puts: published(3_500, 'PUT/s of a prefix', 'Amazon S3: Optimizing performance'),
  s3Gets: published(5_500, 'GET/s of a prefix', 'Amazon S3: Optimizing performance'),
  /** LEAST(memory / 9531392, 5000): 3,600 on 32 GB, 5,000 at most. */
  storeConnections: published(5_000, 'connections', 'Amazon RDS: Quotas, max_connections', true),
  runningTasks: published(1_000, 'tasks under way', 'Helix: HELIX_MAX_RUNNING_TASKS'),
} as const satisfies Record<string, Limit>
