import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { HealthStatus, storeHealth } from '../../shared/platform/http/health.ts'

const Health = z.object({
  status: HealthStatus,
  components: z.object({ database: HealthStatus, api: HealthStatus }),
})

export default createFunction().get(
  '/api/v1/health',
  describe({ summary: 'Whether Helix and its store work', tag: 'health', answers: { 200: Health, 503: Health } }),
  async (c) => {
    const database = await storeHealth(c.env.platform)
    const body: z.infer<typeof Health> = { status: database, components: { database, api: 'healthy' } }
    return c.json(body, database === 'healthy' ? 200 : 503)
  },
)
