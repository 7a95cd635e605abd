/** A published price: of `per` units, after what a month includes. In US dollars, without taxes, discounts and support. */
export interface Price {
  readonly dollars: number
  readonly per: number
  readonly unit: string
  /** Units of a month that cost nothing. */
  readonly included: number
  readonly region: string
  /** The provider's page that publishes it. AWS's were compared through summaries of theirs: look before you budget. */
  readonly source: string
  /** When it was last compared, as a month. */
  readonly read: string
}

const WORKERS = { region: 'global', source: 'Cloudflare Workers: Pricing', read: '2026-11' }
const QUEUES = { region: 'global', source: 'Cloudflare Queues: Pricing', read: '2026-11' }
const R2 = { region: 'global', source: 'Cloudflare R2: Pricing', read: '2026-11' }
const aws = (source: string) => ({ region: 'us-east-1', source, read: '2026-11' })
const MILLION = 1_000_000

/** What the clouds charge for what Helix uses. Hyperdrive costs nothing beyond the Workers plan. */
export const PRICES = {
  workersPlan: { dollars: 5, per: 1, unit: 'month', included: 0, ...WORKERS },
  workersRequests: { dollars: 0.3, per: MILLION, unit: 'request', included: 10 * MILLION, ...WORKERS },
  workersCpu: { dollars: 0.02, per: MILLION, unit: 'CPU ms', included: 30 * MILLION, ...WORKERS },
  /** Three operations a message: written, read, deleted. */
  queuesOperations: { dollars: 0.4, per: MILLION, unit: 'operation', included: MILLION, ...QUEUES },
  r2Writes: { dollars: 4.5, per: MILLION, unit: 'class A operation', included: MILLION, ...R2 },
  r2Reads: { dollars: 0.36, per: MILLION, unit: 'class B operation', included: 10 * MILLION, ...R2 },
  r2Storage: { dollars: 0.015, per: 1, unit: 'GB-month', included: 10, ...R2 },
  lambdaRequests: { dollars: 0.2, per: MILLION, unit: 'request', included: MILLION, ...aws('AWS Lambda pricing') },
  lambdaTime: {
    dollars: 0.0000133334,
    per: 1,
    unit: 'GB-second (arm64)',
    included: 400_000,
    ...aws('AWS Lambda pricing'),
  },
  sqsRequests: { dollars: 0.4, per: MILLION, unit: 'request', included: MILLION, ...aws('Amazon SQS pricing') },
  s3Writes: { dollars: 0.005, per: 1_000, unit: 'PUT', included: 0, ...aws('Amazon S3 pricing') },
  s3Reads: { dollars: 0.0004, per: 1_000, unit: 'GET', included: 0, ...aws('Amazon S3 pricing') },
  s3Storage: { dollars: 0.023, per: 1, unit: 'GB-month', included: 0, ...aws('Amazon S3 pricing') },
  scheduledInvocations: {
    dollars: 1,
    per: MILLION,
    unit: 'invocation',
    included: 14 * MILLION,
    ...aws('Amazon EventBridge pricing'),
  },
  containerCpu: { dollars: 0.03238, per: 1, unit: 'vCPU-hour (arm64)', included: 0, ...aws('AWS Fargate pricing') },
  containerMemory: { dollars: 0.00356, per: 1, unit: 'GB-hour (arm64)', included: 0, ...aws('AWS Fargate pricing') },
  containerStorage: { dollars: 0.023, per: 1, unit: 'GB-month', included: 0, ...aws('Amazon S3 pricing') },
  /** db.r8g.xlarge is $0.478 an hour with 4 vCPU and 32 GB; the family's sizes double in both. */
  storeCpu: {
    dollars: 0.1195,
    per: 1,
    unit: 'vCPU-hour',
    included: 0,
    ...aws('Amazon RDS for PostgreSQL pricing (db.r8g)'),
  },
  storeStorage: {
    dollars: 0.115,
    per: 1,
    unit: 'GB-month (gp3)',
    included: 0,
    ...aws('Amazon RDS for PostgreSQL pricing'),
  },
} as const satisfies Record<string, Price>

export type PriceName = keyof typeof PRICES

/** What a month's use of something costs, in dollars. */
export function priceOf(name: PriceName, amount: number): number {
  const { dollars, per, included } = PRICES[name]
  return (Math.max(0, amount - included) / per) * dollars
}
