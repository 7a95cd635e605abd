import type { Language } from './problems.ts'
import { Problem } from './problems.ts'

/** What the strictest platform allows; the local runner enforces it, so that what runs here runs everywhere. */
export interface Limit {
  readonly max: number
  readonly unit: 'bytes' | 'seconds' | 'count'
  readonly what: Readonly<Record<Language, string>>
  /** Those on which it would break. */
  readonly platforms: readonly [string, ...string[]]
  /** The pages of the platforms' documentation that say so. */
  readonly source: string
}

/** Every limit of the portable envelope, by the name that logs and problems use. */
export const ENVELOPE = {
  message_size: {
    max: 120_000, // 128 KB, less the queue's own metadata
    unit: 'bytes',
    what: { zh: '一条消息', en: 'A message' },
    platforms: ['Cloudflare Queues'],
    source: 'Cloudflare Queues: Limits, "Message size"',
  },
  message_delay: {
    max: 900,
    unit: 'seconds',
    what: { zh: '一条消息的延迟', en: 'The delay of a message' },
    platforms: ['Amazon SQS'],
    source: 'Amazon SQS: Message timers, "maximum is 15 minutes"',
  },
  slice: {
    max: 14 * 60, // a minute less than an invocation, to write down what is in flight
    unit: 'seconds',
    what: { zh: '步骤的一个时间片', en: 'A slice of a step' },
    platforms: ['AWS Lambda', 'Cloudflare Queues'],
    source: 'The limit of an invocation, less a minute',
  },
  invocation: {
    max: 15 * 60,
    unit: 'seconds',
    what: { zh: '一次队列或定时调用', en: 'An invocation by queue or schedule' },
    platforms: ['AWS Lambda', 'Cloudflare Queues', 'Cloudflare Cron Triggers'],
    source: 'AWS Lambda: Quotas, "Timeout"; Cloudflare Queues: Limits, "Consumer duration"',
  },
  cpu: {
    max: 30,
    unit: 'seconds',
    what: { zh: '两次 await 之间的 CPU 时间', en: 'CPU time between two awaits' },
    platforms: ['Cloudflare Workers'],
    source: 'Cloudflare Workers: Limits, "CPU time" (the default)',
  },
  memory: {
    max: 128_000_000,
    unit: 'bytes',
    what: { zh: '一次调用占用的内存', en: 'Memory kept by an invocation' },
    platforms: ['Cloudflare Workers'],
    source: 'Cloudflare Workers: Limits, "Memory"',
  },
  connections: {
    max: 6,
    unit: 'count',
    what: { zh: '同时打开的连接', en: 'Connections at once' },
    platforms: ['Cloudflare Workers'],
    source: 'Cloudflare Workers: Limits, "Simultaneous open connections"',
  },
  cron_expressions: {
    max: 5,
    unit: 'count',
    what: { zh: '不同的 cron 表达式', en: 'Distinct cron expressions' },
    platforms: ['Cloudflare Cron Triggers'],
    source: 'Cloudflare Workers: Limits, "Number of Cron Triggers"',
  },
  cron_weekday_numbers: {
    max: 0,
    unit: 'count',
    what: { zh: 'cron 中用数字表示的星期', en: 'Weekdays as numbers in a cron expression' },
    platforms: ['Cloudflare Cron Triggers', 'Amazon EventBridge'],
    source: 'Cloudflare Cron Triggers and Amazon EventBridge: both count weekdays from 1 on Sunday',
  },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof ENVELOPE

/** How the connections of one invocation are shared; a source has fewer where a model is asked beside it. */
export const CONNECTION_SHARES = { store: 1, source: 4, sourceBesideModel: 2, model: 3 } as const

/** How many connections a source may have under this configuration. */
export function sourceConnections(config: { readonly HELIX_LLM_BASE_URL?: string | undefined }): number {
  return config.HELIX_LLM_BASE_URL === undefined ? CONNECTION_SHARES.source : CONNECTION_SHARES.sourceBesideModel
}

/** The sentence that says what was exceeded, by how much, and where it would break. */
export function breachText(name: LimitName, measured: number, max: number = ENVELOPE[name].max): string {
  const { what, unit, platforms } = ENVELOPE[name]
  return `${what.en}: ${amount(measured, unit)} would break on ${platforms.join(' and ')}, ${amount(max, unit)} at most`
}

/** @param max of a smaller envelope than the portable one, in tests */
export function envelopeExceeded(name: LimitName, measured: number, max?: number): Problem {
  return new Problem('envelope_exceeded', breachText(name, measured, max), {
    hint: 'Keep to it, or set HELIX_ENVELOPE=warn to go on where this limit does not hold',
  })
}

function amount(value: number, unit: Limit['unit']): string {
  if (unit === 'count') return String(value)
  if (unit === 'seconds') return `${Math.round(value * 10) / 10} s`
  return value >= 1_000_000 ? `${Math.round(value / 1_000_000)} MB` : `${value} bytes`
}
