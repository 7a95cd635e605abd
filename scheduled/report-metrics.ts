import { asLeader } from '../shared/engine/leader.ts'
import { reportName, weeklyReport } from '../shared/ops/metrics/weekly-report.ts'
import { createFunction } from '../shared/platform/http/create-function.ts'

export const cron = '0 4 * * MON'

/** Writes down what dynamic nodes and workflows did in the past week: `reports/weekly_YYYY-MM-DD.json`. */
export default createFunction().post('/scheduled/report-metrics', async (c) => {
  const { platform } = c.env
  const answer = await asLeader(platform, 'report-metrics', async () => {
    const report = await weeklyReport(platform)
    const name = reportName(report)
    await platform.files.put(name, `${JSON.stringify(report, null, 2)}\n`)
    return { report: name }
  })
  return c.json(answer ?? { skipped: 'another runner leads this tick' })
})
