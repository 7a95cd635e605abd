import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { HealthStatus } from '../../shared/platform/http/health.ts'
import { sandboxHealth } from '../../shared/sandbox/sandbox-health.ts'

const DynamicNodesHealth = z.object({
  status: HealthStatus,
  sandbox: z.object({
    engine: z.literal('quickjs'),
    evaluates: z.boolean(),
    stops_loops: z.boolean(),
    bounds_memory: z.boolean(),
    bounds_stack: z.boolean(),
  }),
})

export default createFunction().get(
  '/health/dynamic-nodes',
  describe({
    summary: 'Whether the sandbox of dynamic nodes works on this platform: it computes, and its limits hold',
    tag: 'health',
    answers: { 200: DynamicNodesHealth, 503: DynamicNodesHealth },
  }),
  async (c) => {
    const sandbox = await sandboxHealth(c.env.platform)
    const status = Object.values(sandbox).every(Boolean) ? 'healthy' : 'unhealthy'
    const body: z.infer<typeof DynamicNodesHealth> = { status, sandbox }
    return c.json(body, status === 'healthy' ? 200 : 503)
  },
)
