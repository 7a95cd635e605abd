import type { Platform } from '../../platform/platform.ts'
import { raiseAlert, resolveAlert } from './alerts.ts'
import { type DeliveryCounts, deliverAlerts } from './deliver.ts'
import { ALERT_METRICS, type AlertMetric, alertFigures, COMPONENT_OF, type Figure, HEALTH_METRIC } from './figures.ts'
import { brokenText } from './rule-words.ts'
import { type AlertRule, breaks, listRules } from './rules.ts'
import { countStreaks } from './streaks.ts'

export interface AlertCounts {
  readonly checked: number
  readonly raised: number
  readonly resolved: number
}

/** Looks at every rule once, then tells who is to be told. Safe to run twice at once: an alert that is open stays the one it is. */
export async function checkAlerts(platform: Platform): Promise<AlertCounts & DeliveryCounts> {
  const figures = await alertFigures(platform)
  const rules = (await listRules(platform.store)).filter(({ metric }) => metric !== HEALTH_METRIC)
  const counts = await judgeRules(platform, rules, figures)
  return { ...counts, ...(await deliverAlerts(platform)) }
}

/** Raises what has been broken for as many checks in a row as its rule says, and ends what holds again or is watched no more. */
export async function judgeRules(
  { store, clock, log }: Platform,
  rules: readonly AlertRule[],
  figures: Readonly<Record<AlertMetric, Figure>>,
): Promise<AlertCounts> {
  const now = clock.now()
  const judged = rules.flatMap((rule) => {
    const metric = ALERT_METRICS.find((name) => name === rule.metric)
    return metric === undefined ? [] : [{ rule, metric, broken: rule.enabled && breaks(rule, figures[metric]) }]
  })
  const checks = judged.map(({ rule, broken }) => ({ rule: rule.name, broken }))
  const streaks = await countStreaks(store, checks, now)
  let [raised, resolved] = [0, 0]
  for (const { rule, metric, broken } of judged) {
    const { value } = figures[metric]
    if (!broken || value === null) {
      if (!(await resolveAlert(store, rule.name, now))) continue
      resolved += 1
      log('alert.resolved', { rule: rule.name })
    } else if ((streaks.get(rule.name) ?? 0) >= rule.forSamples) {
      const { name, severity, responseMinutes } = rule
      const message = brokenText(rule, metric, value)
      const alert = { rule: name, severity, component: COMPONENT_OF[metric], message, value, responseMinutes }
      if (!(await raiseAlert(store, alert, now))) continue
      raised += 1
      log('alert.raised', { rule: name, severity, value })
    }
  }
  return { checked: judged.filter(({ rule }) => rule.enabled).length, raised, resolved }
}
