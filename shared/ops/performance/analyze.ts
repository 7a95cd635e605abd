import type { Platform } from '../../platform/platform.ts'
import { quantile, requestSpan } from '../metrics/request-samples.ts'
import type { PerformanceFinding, Text } from './finding.ts'
import { type StatementFigures, statementReport } from './statements.ts'
import {
  type QueueWaits,
  queueWaits,
  type SourceFigures,
  type StepFigures,
  sourceFigures,
  stepFigures,
} from './steps.ts'
import { type EndpointFigures, endpointFindings, machineFindings, statementFindings } from './system-findings.ts'
import { sourceFindings, stepFindings, waitFindings } from './work-findings.ts'

export interface PerformanceReport {
  readonly from: Date
  readonly to: Date
  readonly steps: readonly StepFigures[]
  readonly endpoints: readonly EndpointFigures[]
  readonly statements: readonly StatementFigures[]
  readonly waits: QueueWaits
  readonly sources: readonly SourceFigures[]
  /** What costs the most time first. */
  readonly findings: readonly PerformanceFinding[]
  /** What could not be measured, and why. */
  readonly notSeen: readonly { readonly what: string; readonly reason: Text }[]
}

const LISTED_MAX = 20
const FINDINGS_MAX = 30
// Answers that last as long as somebody listens are not slow.
const STREAMS = /\/(events|archive|logs\/export)$/

const NOT_MEASURED: Text = {
  zh: '这段时间内没有记录到请求（每分钟由 check-health 写入）',
  en: 'No request was noted in that time (check-health writes them down each minute)',
}
const NOT_COUNTED: Text = {
  zh: '服务器没有启用 pg_stat_statements：只看到正在执行的语句，以及每分钟抽样时仍在执行的语句',
  en: 'The server has no pg_stat_statements: seen are statements that run now, and those that ran while they were sampled, once a minute',
}
const EMBEDDED: Text = {
  zh: '内嵌数据库只有一个连接，不统计语句',
  en: 'The embedded database has one connection and counts no statements',
}
const NO_WORK: Text = { zh: '这段时间内没有执行任何步骤', en: 'No step was executed in that time' }

/** Where the time of the last minutes went, why, and what to do about it. Reads alone. @param minutes 1 to a week's */
export async function analyzePerformance(platform: Platform, minutes: number): Promise<PerformanceReport> {
  const { store, clock, machine, config } = platform
  const to = clock.now()
  const from = new Date(to.getTime() - minutes * 60_000)
  const steps = await stepFigures(store, from, to)
  const sources = await sourceFigures(store, from, to)
  const waits = await queueWaits(store, from, to)
  const endpoints = await endpointFigures(platform, from, to)
  const { statements, counted } = await statementReport(store, from, to)
  const findings = [
    ...stepFindings(steps),
    ...waitFindings(waits, config),
    ...sourceFindings(sources),
    ...endpointFindings(endpoints),
    ...statementFindings(statements),
    ...machineFindings(await machine.read(), store.kind),
  ].toSorted((one, other) => other.seconds - one.seconds)
  const notSeen = [
    ...(endpoints.length === 0 ? [{ what: 'endpoints', reason: NOT_MEASURED }] : []),
    ...(counted ? [] : [{ what: 'statements', reason: store.kind === 'embedded' ? EMBEDDED : NOT_COUNTED }]),
    ...(steps.length === 0 ? [{ what: 'slowest_steps', reason: NO_WORK }] : []),
  ]
  return { from, to, steps, endpoints, statements, waits, sources, findings: findings.slice(0, FINDINGS_MAX), notSeen }
}

async function endpointFigures({ store }: Platform, from: Date, to: Date): Promise<EndpointFigures[]> {
  const spans = (await requestSpan(store, from, to)).filter(({ route, count }) => count > 0 && !STREAMS.test(route))
  const figures = spans.map((span) => ({
    method: span.method,
    route: span.route,
    requests: span.count,
    errors: span.errors,
    meanSeconds: span.seconds / span.count,
    p95Seconds: quantile(0.95, span) ?? 0,
    p99Seconds: quantile(0.99, span) ?? 0,
    totalSeconds: span.seconds,
  }))
  return figures.toSorted((one, other) => other.p95Seconds - one.p95Seconds).slice(0, LISTED_MAX)
}
