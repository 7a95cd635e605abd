import { describe, expect, test } from 'vitest'
import { acknowledgeAlert, clearAlerts, listAlerts, silenceAlert } from '../../../shared/ops/alerts/alerts.ts'
import { checkAlerts } from '../../../shared/ops/alerts/check-alerts.ts'
import { DEFAULT_RULES, listRules, saveRule } from '../../../shared/ops/alerts/rules.ts'
import { expositionText } from '../../../shared/ops/metrics/exposition.ts'
import { nodeFamilies } from '../../../shared/ops/metrics/node-families.ts'
import { nodeMetrics } from '../../../shared/ops/metrics/node-metrics.ts'
import { reportName, weeklyReport } from '../../../shared/ops/metrics/weekly-report.ts'
import { engineKit } from '../../support/engine-kit.ts'
import type { TestPlatform } from '../../support/test-platform.ts'

const kit = engineKit()
const DAY_MS = 24 * 60 * 60_000

/** Runs of node code, so many that succeeded and so many that failed. */
async function ran(platform: TestPlatform, good: number, bad: number): Promise<void> {
  await platform.store.query(
    `insert into sandbox_runs (node_name, origin, success, exit_code, duration_ms, created_at)
     select 'growth_rate', 'trial', n <= $1::int, case when n <= $1::int then 0 else 1 end, 1, $3::timestamptz
       from generate_series(1, $1::int + $2::int) n`,
    [good, bad, platform.clock.now()],
  )
}

async function open(platform: TestPlatform): Promise<string[]> {
  const { alerts } = await listAlerts(platform.store, undefined, 50, null)
  return alerts.filter(({ status }) => status !== 'resolved').map(({ rule, severity }) => `${rule} ${severity}`)
}

describe('the thresholds of the runbook', () => {
  test('a share above the warning raises one alert, above the critical one two, and both end when it falls', async () => {
    const platform = await kit.open()
    await ran(platform, 90, 10)
    expect(await checkAlerts(platform)).toMatchObject({ raised: 1, resolved: 0 })
    expect(await open(platform)).toEqual(['sandbox_failure_rate_warning P2'])
    await ran(platform, 0, 50)
    expect(await checkAlerts(platform)).toMatchObject({ raised: 1, resolved: 0 })
    expect((await open(platform)).toSorted()).toEqual([
      'sandbox_failure_rate_critical P1',
      'sandbox_failure_rate_warning P2',
    ])
    await platform.clock.advance(DAY_MS + 1)
    await ran(platform, 100, 0)
    expect(await checkAlerts(platform)).toMatchObject({ raised: 0, resolved: 2 })
    expect(await open(platform)).toEqual([])
  })

  test('a check that finds what is known already adds no alert', async () => {
    const platform = await kit.open()
    await ran(platform, 0, 10)
    await Promise.all([checkAlerts(platform), checkAlerts(platform)])
    await checkAlerts(platform)
    expect(await open(platform)).toHaveLength(2)
  })

  test('one failure of a handful of runs says nothing yet', async () => {
    const platform = await kit.open()
    await ran(platform, 0, 4)
    expect(await checkAlerts(platform)).toMatchObject({ raised: 0 })
  })

  test('a rule that somebody has set takes the place of the default of its name', async () => {
    const platform = await kit.open()
    const [rule] = DEFAULT_RULES.filter(({ name }) => name === 'sandbox_failure_rate_warning')
    if (rule === undefined) throw new Error('There is no such rule')
    await saveRule(platform.store, { ...rule, threshold: 0.9 }, platform.clock.now(), 'anna')
    await ran(platform, 90, 10)
    expect(await checkAlerts(platform)).toMatchObject({ raised: 0 })
    const rules = await listRules(platform.store)
    expect(rules.map(({ name }) => name)).toEqual(DEFAULT_RULES.map(({ name }) => name).toSorted())
  })

  test('an alert can be acknowledged, silenced until a time, and forgotten', async () => {
    const platform = await kit.open()
    await ran(platform, 93, 7)
    await checkAlerts(platform)
    const [alert] = (await listAlerts(platform.store, 'firing', 50, null)).alerts
    const id = alert?.id ?? 0
    expect(await acknowledgeAlert(platform.store, id, 'anna', platform.clock.now())).toMatchObject({
      acknowledgedBy: 'anna',
    })
    await silenceAlert(platform.store, id, new Date(platform.clock.now().getTime() + 60_000))
    await checkAlerts(platform)
    expect((await listAlerts(platform.store, 'silenced', 50, null)).alerts).toHaveLength(1)
    await platform.clock.advance(61_000)
    await checkAlerts(platform)
    expect((await listAlerts(platform.store, 'firing', 50, null)).alerts).toHaveLength(1)
    expect(await clearAlerts(platform.store)).toBe(1)
    await expect(acknowledgeAlert(platform.store, id, 'anna', platform.clock.now())).rejects.toMatchObject({
      code: 'alert_not_found',
    })
  })
})

describe('the metrics of dynamic nodes', () => {
  test('are counted from the store, shares of the last day, totals of all time', async () => {
    const platform = await kit.open()
    await ran(platform, 3, 1)
    await platform.clock.advance(2 * DAY_MS)
    await ran(platform, 1, 1)
    await platform.store.query(
      `insert into node_creations (name, status, created_at) values ('a', 'success', $1::timestamptz), ('b', 'failure', $1::timestamptz)`,
      [platform.clock.now()],
    )
    const metrics = await nodeMetrics(platform.store, new Date(platform.clock.now().getTime() - DAY_MS))
    expect(metrics.sandboxRuns).toEqual({ success: 4, failure: 2 })
    expect(metrics.rates.sandbox_failure_rate).toEqual({ value: 0.5, of: 2 })
    const text = expositionText(nodeFamilies(metrics))
    expect(text).toContain('dynamic_node_creations_total{status="success"} 1\n')
    expect(text).toContain('sandbox_failure_rate 0.5\n')
    expect(text).toContain('workflow_execution_seconds_bucket{le="+Inf"} 0\n')
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"\})? -?[\d.]+)$/)
    }
  })

  test('a week is summed up in a report that is named after its last day', async () => {
    const platform = await kit.open()
    await ran(platform, 9, 1)
    const report = await weeklyReport(platform)
    expect(report).toMatchObject({
      from: '2025-06-20T14:30:52',
      to: '2025-06-27T14:30:52',
      rates: { sandbox_failure_rate: { value: 0.1, of: 10 }, workflow_failure_rate: { value: null, of: 0 } },
      totals: { sandbox_executions: { success: 9, failure: 1 } },
    })
    expect(reportName(report)).toBe('reports/weekly_2025-06-27.json')
  })
})

test('a text with quotes, backslashes and line ends stays one line of the exposition', () => {
  const samples = [{ labels: { name: 'a"b\\c\nd' }, value: 1 }]
  expect(expositionText([{ name: 'x_total', help: 'one\ntwo', type: 'counter', samples }])).toBe(
    '# HELP x_total one\\ntwo\n# TYPE x_total counter\nx_total{name="a\\"b\\\\c\\nd"} 1\n',
  )
})
