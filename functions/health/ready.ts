import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { HealthStatus, storeHealth } from '../../shared/platform/http/health.ts'

const Ready = z.object({ status: HealthStatus })

export default createFunction().get(
  '/api/v1/health/ready',
  describe({
    summary: 'Whether requests may be sent here: the store answers and the process is not stopping',
    tag: 'health',
    answers: { 200: Ready, 503: Ready },
  }),
  async (c) => {
    const { platform } = c.env
    const status = platform.stopping.aborted ? 'unhealthy' : await storeHealth(platform)
    return c.json({ status }, status === 'healthy' ? 200 : 503)
  },
)
