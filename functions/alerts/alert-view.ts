import * as z from 'zod'
import { ALERT_STATUSES, type Alert, RESPONSE_MINUTES } from '../../shared/ops/alerts/alerts.ts'
import { type AlertRule, COMPARISONS } from '../../shared/ops/alerts/rules.ts'
import { localTime } from '../../shared/platform/clock.ts'
import type { Language } from '../../shared/platform/problems.ts'

export const SeverityView = z.enum(['P0', 'P1', 'P2'])

export const AlertView = z.object({
  id: z.int(),
  rule: z.string(),
  severity: SeverityView,
  status: z.enum(ALERT_STATUSES),
  component: z.string(),
  message: z.string(),
  value: z.number().nullable(),
  response_minutes: z.int().meta({ description: 'Within how many minutes somebody should see to it' }),
  respond_by: z.string(),
  first_seen_at: z.string(),
  last_seen_at: z.string(),
  acknowledged_by: z.string().nullable(),
  acknowledged_at: z.string().nullable(),
  silenced_until: z.string().nullable(),
  resolved_at: z.string().nullable(),
})

export const RuleView = z.object({
  name: z.string(),
  metric: z.string(),
  comparison: z.enum(COMPARISONS),
  threshold: z.number(),
  severity: SeverityView,
  for_samples: z.int().meta({ description: 'Checks in a row that must find it' }),
  response_minutes: z.int(),
  enabled: z.boolean(),
})

const MINUTE_MS = 60_000

export function alertView(alert: Alert, timeZone: string, language: Language): z.infer<typeof AlertView> {
  const time = (at: Date | null) => (at === null ? null : localTime(at, timeZone))
  return {
    id: alert.id,
    rule: alert.rule,
    severity: alert.severity,
    status: alert.status,
    component: alert.component,
    message: alert.message[language],
    value: alert.value,
    response_minutes: alert.responseMinutes,
    respond_by: localTime(new Date(alert.firstSeenAt.getTime() + alert.responseMinutes * MINUTE_MS), timeZone),
    first_seen_at: localTime(alert.firstSeenAt, timeZone),
    last_seen_at: localTime(alert.lastSeenAt, timeZone),
    acknowledged_by: alert.acknowledgedBy,
    acknowledged_at: time(alert.acknowledgedAt),
    silenced_until: time(alert.silencedUntil),
    resolved_at: time(alert.resolvedAt),
  }
}

export function ruleView({ forSamples, responseMinutes, ...rule }: AlertRule): z.infer<typeof RuleView> {
  return { ...rule, for_samples: forSamples, response_minutes: responseMinutes ?? RESPONSE_MINUTES[rule.severity] }
}
