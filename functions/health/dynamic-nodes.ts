import * as z from 'zod'
import { nodeHealth } from '../../shared/ops/metrics/node-health.ts'
import { RATE_NAMES } from '../../shared/ops/metrics/node-metrics.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { HealthStatus } from '../../shared/platform/http/health.ts'

const DynamicNodesHealth = z.object({
  status: HealthStatus,
  components: z.object({ sandbox: HealthStatus, nodes: HealthStatus, workflows: HealthStatus, store: HealthStatus }),
  sandbox: z.object({
    engine: z.literal('quickjs'),
    evaluates: z.boolean(),
    stops_loops: z.boolean(),
    bounds_memory: z.boolean(),
    bounds_stack: z.boolean(),
  }),
  rates: z
    .record(z.enum(RATE_NAMES), z.number().nullable())
    .meta({ description: 'Of the last 24 hours; null where nothing has happened' }),
})

export default createFunction().get(
  '/health/dynamic-nodes',
  describe({
    summary: 'How dynamic nodes do: the sandbox works and its limits hold, and what fails stays below the thresholds',
    tag: 'health',
    answers: { 200: DynamicNodesHealth, 503: DynamicNodesHealth },
  }),
  async (c) => {
    const health = await nodeHealth(c.env.platform)
    return c.json(health satisfies z.infer<typeof DynamicNodesHealth>, health.status === 'unhealthy' ? 503 : 200)
  },
)
