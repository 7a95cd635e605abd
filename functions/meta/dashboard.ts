import * as z from 'zod'
import { COMPONENTS } from '../../shared/ops/health/components.ts'
import { readDashboard } from '../../shared/ops/health/dashboard.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { HealthStatus } from '../../shared/platform/http/health.ts'

const Seconds = z.number().nullable()

const DashboardView = z.object({
  generated_at: z.string(),
  overall_status: HealthStatus,
  components: z.partialRecord(z.enum(COMPONENTS), HealthStatus),
  alerts: z.object({ P0: z.int(), P1: z.int(), P2: z.int() }).meta({ description: 'Open, by severity' }),
  tasks: z.object({
    by_status: z.record(z.string(), z.int()).meta({ description: 'All that are kept' }),
    completed: z.int().meta({ description: 'In the last 24 hours' }),
    failed: z.int().meta({ description: 'In the last 24 hours' }),
    success_rate: z.number().nullable(),
    mean_seconds: Seconds,
  }),
  queue: z.object({ running: z.int(), ready: z.int(), waiting_for_room: z.int(), oldest_seconds: z.number() }),
  incidents: z.object({
    open: z.int(),
    escalated: z.int().meta({ description: 'Those that wait for a person' }),
    repaired: z.int().meta({ description: 'In the last 24 hours' }),
    mean_repair_seconds: Seconds,
  }),
  requests: z
    .object({ count: z.int(), errors: z.int(), p50_seconds: Seconds, p99_seconds: Seconds })
    .meta({ description: 'Of the last five minutes' }),
})

export default createFunction().get(
  '/api/v1/dashboard',
  describe({
    summary: 'Health, tasks, queue, incidents and requests at one look',
    tag: 'meta',
    answers: { 200: envelopeOf(DashboardView) },
  }),
  async (c) => {
    const { platform } = c.env
    const { overall, ...rest } = await readDashboard(platform)
    const generatedAt = localTime(platform.clock.now(), platform.clock.timeZone)
    return c.json(succeeded(c, 'ok', { generated_at: generatedAt, overall_status: overall, ...rest }))
  },
)
