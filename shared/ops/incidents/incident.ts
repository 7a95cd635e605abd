import type { Layer, Severity } from '../../platform/problems.ts'
import type { Facts, FaultTarget, Text } from './fault.ts'
import type { RepairOutcome, Verdict } from './repair.ts'

export const INCIDENT_STATUSES = ['detected', 'diagnosed', 'repairing', 'verified', 'escalated'] as const
/**
 * Found; explained; its repair is under way, or is to be verified; well again; a person is needed. Only `verified` is
 * over: what was escalated is looked at on and on.
 */
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number]

/** A fault of one target, from the check that found it until it is verified to be gone. */
export interface Incident {
  readonly id: number
  readonly fault: string
  readonly target: string
  readonly kind: string
  readonly severity: Severity
  readonly layer: Layer
  readonly status: IncidentStatus
  readonly facts: Facts
  /** The rule of the diagnosis; null before there is one. */
  readonly rule: string | null
  readonly explanation: Text | null
  readonly repair: string | null
  /** Repairs that did not help. */
  readonly attempts: number
  readonly unknowns: number
  readonly claim: number
  readonly occurredAt: Date | null
  readonly detectedAt: Date
  readonly repairedAt: Date | null
  readonly verifiedAt: Date | null
  readonly escalatedAt: Date | null
  readonly seenAt: Date
  readonly nextTryAt: Date | null
  readonly outcome: RepairOutcome | null
  readonly verdict: Verdict | null
  readonly askedBy: string | null
}

export const INCIDENT_COLUMNS = `id, fault, target, kind, severity, layer, status, details, diagnosis, explanation, repair, attempts, unknowns,
         claim, occurred_at, detected_at, repaired_at, verified_at, escalated_at, seen_at, next_try_at, outcome, verdict, asked_by`

export interface IncidentRow {
  readonly id: string | number
  readonly fault: string
  readonly target: string
  readonly kind: string
  readonly severity: Severity
  readonly layer: Layer
  readonly status: IncidentStatus
  readonly details: Facts
  readonly diagnosis: string | null
  readonly explanation: Text | null
  readonly repair: string | null
  readonly attempts: number
  readonly unknowns: number
  readonly claim: number
  readonly occurred_at: Date | null
  readonly detected_at: Date
  readonly repaired_at: Date | null
  readonly verified_at: Date | null
  readonly escalated_at: Date | null
  readonly seen_at: Date
  readonly next_try_at: Date | null
  readonly outcome: RepairOutcome | null
  readonly verdict: Verdict | null
  readonly asked_by: string | null
}

export function incidentOf(row: IncidentRow): Incident {
  return {
    id: Number(row.id),
    fault: row.fault,
    target: row.target,
    kind: row.kind,
    severity: row.severity,
    layer: row.layer,
    status: row.status,
    facts: row.details,
    rule: row.diagnosis,
    explanation: row.explanation,
    repair: row.repair,
    attempts: row.attempts,
    unknowns: row.unknowns,
    claim: row.claim,
    occurredAt: row.occurred_at,
    detectedAt: row.detected_at,
    repairedAt: row.repaired_at,
    verifiedAt: row.verified_at,
    escalatedAt: row.escalated_at,
    seenAt: row.seen_at,
    nextTryAt: row.next_try_at,
    outcome: row.outcome,
    verdict: row.verdict,
    askedBy: row.asked_by,
  }
}

/** What its fault and its repair are given. */
export function targetOf({ target, facts, occurredAt }: Incident): FaultTarget {
  return { id: target, facts, occurredAt }
}
