import type { Platform } from '../../platform/platform.ts'
import { nodeMetrics, RATE_NAMES, type RateName } from '../metrics/node-metrics.ts'
import { raiseAlert, resolveAlert } from './alerts.ts'
import { type AlertRule, breaks, listRules } from './rules.ts'

export interface AlertCounts {
  readonly checked: number
  readonly raised: number
  readonly resolved: number
}

export const WINDOW_MS = 24 * 60 * 60_000

/** Looks at every rule once. Safe to run twice at once: an alert that is open stays the one it is. */
export async function checkAlerts(platform: Platform): Promise<AlertCounts> {
  const { store, clock, log } = platform
  const now = clock.now()
  const { rates } = await nodeMetrics(store, new Date(now.getTime() - WINDOW_MS))
  const rules = (await listRules(store)).filter(({ enabled }) => enabled)
  let [raised, resolved] = [0, 0]
  for (const rule of rules) {
    const name = RATE_NAMES.find((rate) => rate === rule.metric)
    if (name === undefined) continue
    const { value } = rates[name]
    if (value !== null && breaks(rule, rates[name])) {
      const alert = { rule: rule.name, severity: rule.severity, message: messageOf(rule, name, value), value }
      if (await raiseAlert(store, alert, now)) {
        raised += 1
        log('alert.raised', { rule: rule.name, severity: rule.severity, value })
      }
    } else if (await resolveAlert(store, rule.name, now)) {
      resolved += 1
      log('alert.resolved', { rule: rule.name })
    }
  }
  return { checked: rules.length, raised, resolved }
}

function messageOf({ comparison, threshold }: AlertRule, metric: RateName, value: number): string {
  return `${metric} = ${shown(metric, value)} (${comparison} ${shown(metric, threshold)})`
}

function shown(metric: RateName, value: number): string {
  return metric === 'workflow_execution_time_avg' ? `${value.toFixed(1)} s` : `${(value * 100).toFixed(1)} %`
}
