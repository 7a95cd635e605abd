import { WeeklyReport, weeklyReport } from '../../shared/ops/metrics/weekly-report.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'

export default createFunction().get(
  '/api/v1/metrics/weekly-report',
  describe({
    summary: 'What dynamic nodes and workflows did in the past seven days',
    tag: 'meta',
    answers: { 200: envelopeOf(WeeklyReport) },
  }),
  async (c) => c.json(succeeded(c, 'ok', await weeklyReport(c.env.platform))),
)
