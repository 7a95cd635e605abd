import * as z from 'zod'
import { COMPONENTS } from '../../shared/ops/health/components.ts'
import { systemHealth } from '../../shared/ops/health/system-health.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { HealthStatus } from '../../shared/platform/http/health.ts'
import { AlertView, alertView } from '../alerts/alert-view.ts'

const System = z.object({
  overall_status: HealthStatus,
  alerts: z.array(AlertView).meta({ description: 'What is open, the most severe first' }),
  components: z
    .partialRecord(z.enum(COMPONENTS), HealthStatus)
    .meta({ description: 'Without a store only those that can be seen without it' }),
})

export default createFunction().get(
  '/api/v1/health/system',
  describe({
    summary: 'How all components do, and which alerts are open',
    tag: 'health',
    answers: { 200: System, 503: System },
  }),
  async (c) => {
    const { platform } = c.env
    const { overall, alerts, components } = await systemHealth(platform)
    const body: z.infer<typeof System> = {
      overall_status: overall,
      alerts: alerts.map((alert) => alertView(alert, platform.clock.timeZone, c.var.language)),
      components,
    }
    return c.json(body, overall === 'unhealthy' ? 503 : 200)
  },
)
