import * as z from 'zod'
import { ALERT_STATUSES, type Alert } from '../../shared/ops/alerts/alerts.ts'
import { type AlertRule, COMPARISONS } from '../../shared/ops/alerts/rules.ts'
import { localTime } from '../../shared/platform/clock.ts'

export const SeverityView = z.enum(['P0', 'P1', 'P2'])

export const AlertView = z.object({
  id: z.int(),
  rule: z.string(),
  severity: SeverityView,
  status: z.enum(ALERT_STATUSES),
  message: z.string(),
  value: z.number().nullable(),
  first_seen_at: z.string(),
  last_seen_at: z.string(),
  acknowledged_by: z.string().nullable(),
  silenced_until: z.string().nullable(),
  resolved_at: z.string().nullable(),
})

export const RuleView = z.object({
  name: z.string(),
  metric: z.string(),
  comparison: z.enum(COMPARISONS),
  threshold: z.number(),
  severity: SeverityView,
  for_samples: z.int(),
  enabled: z.boolean(),
})

export function alertView(alert: Alert, timeZone: string): z.infer<typeof AlertView> {
  const time = (at: Date | null) => (at === null ? null : localTime(at, timeZone))
  return {
    id: alert.id,
    rule: alert.rule,
    severity: alert.severity,
    status: alert.status,
    message: alert.message,
    value: alert.value,
    first_seen_at: localTime(alert.firstSeenAt, timeZone),
    last_seen_at: localTime(alert.lastSeenAt, timeZone),
    acknowledged_by: alert.acknowledgedBy,
    silenced_until: time(alert.silencedUntil),
    resolved_at: time(alert.resolvedAt),
  }
}

export function ruleView({ forSamples, ...rule }: AlertRule): z.infer<typeof RuleView> {
  return { ...rule, for_samples: forSamples }
}
