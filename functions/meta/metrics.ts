import { WINDOW_MS } from '../../shared/ops/alerts/figures.ts'
import { EXPOSITION_TYPE, expositionText } from '../../shared/ops/metrics/exposition.ts'
import { nodeFamilies } from '../../shared/ops/metrics/node-families.ts'
import { nodeMetrics } from '../../shared/ops/metrics/node-metrics.ts'
import { systemFamilies } from '../../shared/ops/metrics/system-families.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'

export default createFunction().get(
  '/metrics',
  describe({
    summary: 'What Helix counts, for Prometheus',
    tag: 'meta',
    answers: { 200: { type: 'text/plain', description: 'The text format of Prometheus, 0.0.4' } },
  }),
  async (c) => {
    const { store, clock } = c.env.platform
    const now = clock.now()
    const since = new Date(now.getTime() - WINDOW_MS)
    const families = [...nodeFamilies(await nodeMetrics(store, since)), ...(await systemFamilies(store, now, since))]
    return c.body(expositionText(families), 200, { 'content-type': EXPOSITION_TYPE })
  },
)
