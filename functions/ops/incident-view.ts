import * as z from 'zod'
import { INCIDENT_STATUSES, type Incident } from '../../shared/ops/incidents/incident.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { SeverityView } from '../alerts/alert-view.ts'

const Words = z.object({ zh: z.string(), en: z.string() })
const Seconds = z.number().nullable()

export const IncidentView = z.object({
  id: z.int(),
  fault: z.string(),
  target: z.string(),
  kind: z.string(),
  severity: SeverityView,
  layer: z.enum(['application', 'component', 'system', 'infrastructure']),
  status: z.enum(INCIDENT_STATUSES),
  rule: z.string().nullable().meta({ description: 'The rule of the diagnosis' }),
  diagnosis: z.string().nullable().meta({ description: 'Why, in the language that was asked for' }),
  repair: z.string().nullable(),
  attempts: z.int().meta({ description: 'Repairs that did not help' }),
  verdict: z.enum(['fixed', 'not_fixed', 'unknown']).nullable(),
  outcome: z
    .object({ changed: z.boolean(), summary: Words })
    .nullable()
    .meta({ description: 'What the last repair says that it did' }),
  facts: z.record(z.string(), z.unknown()),
  occurred_at: z.string().nullable(),
  detected_at: z.string(),
  repaired_at: z.string().nullable(),
  verified_at: z.string().nullable(),
  escalated_at: z.string().nullable(),
  recovery_time_seconds: Seconds.meta({ description: 'RTO: from when it fell ill until it was verified to be well' }),
  recovery_point_seconds: Seconds.meta({ description: 'RPO: from when it fell ill until somebody knew' }),
  asked_by: z.string().nullable(),
})

export const IncidentParam = z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) })

export function incidentView(
  incident: Incident,
  language: 'zh' | 'en',
  timeZone: string,
): z.infer<typeof IncidentView> {
  const { occurredAt, detectedAt, repairedAt, verifiedAt, escalatedAt } = incident
  const time = (at: Date | null) => (at === null ? null : localTime(at, timeZone))
  const since = occurredAt ?? detectedAt
  return {
    id: incident.id,
    fault: incident.fault,
    target: incident.target,
    kind: incident.kind,
    severity: incident.severity,
    layer: incident.layer,
    status: incident.status,
    rule: incident.rule,
    diagnosis: incident.explanation?.[language] ?? null,
    repair: incident.repair,
    attempts: incident.attempts,
    verdict: incident.verdict,
    outcome: incident.outcome,
    facts: { ...incident.facts },
    occurred_at: time(occurredAt),
    detected_at: localTime(detectedAt, timeZone),
    repaired_at: time(repairedAt),
    verified_at: time(verifiedAt),
    escalated_at: time(escalatedAt),
    recovery_time_seconds: verifiedAt === null ? null : secondsBetween(since, verifiedAt),
    recovery_point_seconds: secondsBetween(since, detectedAt),
    asked_by: incident.askedBy,
  }
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / 1000)
}
