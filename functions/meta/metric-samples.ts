import * as z from 'zod'
import { POINTS_MAX, SAMPLES_KEPT_MS, SERIES, sampleSeries } from '../../shared/ops/metrics/sample-series.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { Problem } from '../../shared/platform/problems.ts'

const HOUR_MS = 60 * 60_000
const Time = z.iso.datetime({ offset: true, local: false }).transform((text) => new Date(text))
const Query = z.object({
  metric: z.enum(SERIES as [string, ...string[]]),
  from: Time.optional().meta({ description: 'An hour ago when absent; samples are kept for 7 days' }),
  to: Time.optional().meta({ description: 'Now when absent' }),
  step: z.coerce.number().int().min(60).max(86_400).default(60).meta({ description: 'Seconds between two points' }),
})
const SamplesView = z.object({
  metric: z.string(),
  from: z.string(),
  to: z.string(),
  step: z.int(),
  series: z.array(
    z.object({
      instance: z.string().meta({ description: 'Empty where it is of all instances together' }),
      points: z.array(z.object({ at: z.string(), value: z.number() })),
    }),
  ),
})

export default createFunction().get(
  '/api/v1/metrics/samples',
  describe({
    summary: 'A figure over time, for charts: of machines by instance, of requests of all instances together',
    tag: 'meta',
    answers: { 200: envelopeOf(SamplesView) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { metric, step, ...span } = c.req.valid('query')
    const now = clock.now().getTime()
    const to = span.to ?? new Date(now)
    const from = new Date(Math.max((span.from ?? new Date(to.getTime() - HOUR_MS)).getTime(), now - SAMPLES_KEPT_MS))
    const points = (to.getTime() - from.getTime()) / (step * 1000)
    if (points > POINTS_MAX) {
      throw new Problem(
        'invalid_request',
        `From ${from.toISOString()} to ${to.toISOString()} has ${Math.ceil(points)} points of ${step} s`,
        {
          errors: [{ path: 'step', message: `must leave at most ${POINTS_MAX} points` }],
        },
      )
    }
    const found = await sampleSeries(store, { metric, from, to, stepSeconds: step })
    const series = found.map(({ instance, points: all }) => {
      return { instance, points: all.map(({ at, value }) => ({ at: at.toISOString(), value })) }
    })
    return c.json(succeeded(c, 'ok', { metric, from: from.toISOString(), to: to.toISOString(), step, series }))
  },
)
