import * as z from 'zod'
import { analyzePerformance } from '../../shared/ops/performance/analyze.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const MINUTES_MAX = 7 * 24 * 60 // samples are kept for a week

const Query = z.strictObject({
  window: z.coerce.number().int().min(1).max(MINUTES_MAX).default(30).meta({ description: 'Minutes up to now' }),
})

const Seconds = z.number()
const Waits = z.object({ p50_seconds: Seconds, p95_seconds: Seconds, max_seconds: Seconds })

const Performance = z.object({
  window_minutes: z.int(),
  from: z.string(),
  to: z.string(),
  slowest_steps: z.array(
    z.object({
      step: z.string(),
      workflow: z.string(),
      executions: z.int(),
      running: z.int(),
      failed: z.int(),
      retried: z.int(),
      p50_seconds: Seconds,
      p95_seconds: Seconds,
      max_seconds: Seconds,
      total_seconds: Seconds,
      slowest_execution_id: z.string(),
      error_code: z.string().nullable(),
    }),
  ),
  endpoints: z.array(
    z.object({
      method: z.string(),
      route: z.string(),
      requests: z.int(),
      errors: z.int(),
      mean_seconds: Seconds,
      p95_seconds: Seconds,
      p99_seconds: Seconds,
      total_seconds: Seconds,
    }),
  ),
  statements: z.array(
    z.object({
      statement: z.string().meta({ description: 'Without its values' }),
      seen: z.enum(['counted', 'running', 'sampled']),
      calls: z.int(),
      total_seconds: Seconds,
      mean_seconds: Seconds,
      max_seconds: Seconds,
      rows: z.number().nullable(),
      cause: z.string(),
    }),
  ),
  queue_waits: z.object({
    executions: z.int(),
    schedule: Waits.meta({ description: 'Until the schedule had room' }),
    delivery: Waits.meta({ description: 'From then on until a worker took it' }),
    waiting_for_room: z.int(),
    waiting_for_worker: z.int(),
    oldest_seconds: Seconds,
  }),
  hot_sources: z.array(
    z.object({
      source: z.string(),
      tasks: z.int(),
      executions: z.int(),
      failed: z.int(),
      waiting: z.int(),
      busy_seconds: Seconds,
      share: z.number(),
    }),
  ),
  findings: z
    .array(
      z.object({ kind: z.string(), subject: z.string(), seconds: Seconds, cause: z.string(), next_step: z.string() }),
    )
    .meta({ description: 'What costs the most time first' }),
  not_seen: z.array(z.object({ what: z.string(), reason: z.string() })),
})

export default createFunction().get(
  '/api/v1/ops/performance',
  describe({
    summary:
      'Where the time of the last minutes went: steps, endpoints, statements, waits, sources; why, and what to do',
    tag: 'ops',
    answers: { 200: envelopeOf(Performance) },
    problems: ['store_unavailable'],
  }),
  validate('query', Query),
  async (c) => {
    const { platform } = c.env
    const { window } = c.req.valid('query')
    const { language } = c.var
    const report = await analyzePerformance(platform, window)
    const waits = (figures: (typeof report.waits)['schedule']) => ({
      p50_seconds: rounded(figures.p50Seconds),
      p95_seconds: rounded(figures.p95Seconds),
      max_seconds: rounded(figures.maxSeconds),
    })
    const { timeZone } = platform.clock
    const data: z.infer<typeof Performance> = {
      window_minutes: window,
      from: localTime(report.from, timeZone),
      to: localTime(report.to, timeZone),
      slowest_steps: report.steps.map((step) => ({
        step: step.step,
        workflow: step.workflow,
        executions: step.executions,
        running: step.running,
        failed: step.failed,
        retried: step.retried,
        p50_seconds: rounded(step.p50Seconds),
        p95_seconds: rounded(step.p95Seconds),
        max_seconds: rounded(step.maxSeconds),
        total_seconds: rounded(step.totalSeconds),
        slowest_execution_id: step.slowestExecution,
        error_code: step.error,
      })),
      endpoints: report.endpoints.map((endpoint) => ({
        method: endpoint.method,
        route: endpoint.route,
        requests: endpoint.requests,
        errors: endpoint.errors,
        mean_seconds: rounded(endpoint.meanSeconds),
        p95_seconds: rounded(endpoint.p95Seconds),
        p99_seconds: rounded(endpoint.p99Seconds),
        total_seconds: rounded(endpoint.totalSeconds),
      })),
      statements: report.statements.map((statement) => ({
        statement: statement.statement,
        seen: statement.seen,
        calls: statement.calls,
        total_seconds: rounded(statement.totalSeconds),
        mean_seconds: rounded(statement.meanSeconds),
        max_seconds: rounded(statement.maxSeconds),
        rows: statement.rows,
        cause: statement.cause.kind,
      })),
      queue_waits: {
        executions: report.waits.executions,
        schedule: waits(report.waits.schedule),
        delivery: waits(report.waits.delivery),
        waiting_for_room: report.waits.waitingForRoom,
        waiting_for_worker: report.waits.waitingForWorker,
        oldest_seconds: rounded(report.waits.oldestSeconds),
      },
      hot_sources: report.sources.map(({ busySeconds, share, ...source }) => ({
        ...source,
        busy_seconds: rounded(busySeconds),
        share: rounded(share),
      })),
      findings: report.findings.map(({ kind, subject, seconds, cause, nextStep }) => ({
        kind,
        subject,
        seconds: rounded(seconds),
        cause: cause[language],
        next_step: nextStep[language],
      })),
      not_seen: report.notSeen.map(({ what, reason }) => ({ what, reason: reason[language] })),
    }
    return c.json(succeeded(c, 'ok', data))
  },
)

/** To the millisecond: more is noise. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
