import type { Severity } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import type { RateName } from '../metrics/node-metrics.ts'
import { type Figure, HEALTH_METRIC } from './figures.ts'

/** When somebody is to be told. */
export interface AlertRule {
  readonly name: string
  readonly metric: string
  readonly comparison: Comparison
  readonly threshold: number
  readonly severity: Severity
  /** Checks in a row that must find it. */
  readonly forSamples: number
  /** Within how many minutes somebody should see to it; that of its severity when null. */
  readonly responseMinutes: number | null
  readonly enabled: boolean
}

export const COMPARISONS = ['>', '>=', '<', '<=', '='] as const
export type Comparison = (typeof COMPARISONS)[number]

/** Warning and critical thresholds of the runbook of dynamic nodes. */
const THRESHOLDS: Readonly<Record<RateName, readonly [warning: number, critical: number]>> = {
  sandbox_failure_rate: [0.05, 0.2],
  node_creation_failure_rate: [0.02, 0.1],
  workflow_execution_time_avg: [5, 30],
  workflow_failure_rate: [0.01, 0.05],
}

const OF_NODES: readonly AlertRule[] = Object.entries(THRESHOLDS).flatMap(([metric, [warning, critical]]) => [
  rule(`${metric}_warning`, metric, warning, 'P2'),
  rule(`${metric}_critical`, metric, critical, 'P1'),
])

/** The table of priorities of the process handbook, and the capacities of the runbook. */
const OF_THE_SYSTEM: readonly AlertRule[] = [
  { ...rule('health_failing', HEALTH_METRIC, 0, 'P0', 5), forSamples: 3 },
  rule('http_p99_high', 'http_p99_seconds', 1, 'P1', 15),
  rule('cpu_high', 'cpu_share', 0.8, 'P2', 30),
  rule('task_failures_high', 'task_failure_rate', 0.05, 'P1', 10),
  rule('schema_validation_failed', 'schema_validation_failures', 0, 'P2', 60),
  rule('snapshot_storage_high', 'snapshot_bytes', 10_000_000_000, 'P2'),
  rule('metric_samples_many', 'metric_sample_rows', 1_000_000, 'P2'),
  rule('active_workflows_many', 'active_workflows', 1_000, 'P2'),
]

/** What is in force until somebody sets a rule of the same name. */
export const DEFAULT_RULES: readonly AlertRule[] = [...OF_NODES, ...OF_THE_SYSTEM]

const LIST_RULES = `
  select name, metric, comparison, threshold, severity, for_samples, enabled, response_minutes
    from alert_rules
   order by name`

const SAVE_RULE = `
  insert into alert_rules (name, metric, comparison, threshold, severity, for_samples, enabled, updated_at, updated_by, response_minutes)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      on conflict (name) do update
     set metric = excluded.metric, comparison = excluded.comparison, threshold = excluded.threshold,
         severity = excluded.severity, for_samples = excluded.for_samples, enabled = excluded.enabled,
         response_minutes = excluded.response_minutes, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

interface RuleRow {
  name: string
  metric: string
  comparison: Comparison
  threshold: number
  severity: Severity
  for_samples: number
  enabled: boolean
  response_minutes: number | null
}

/** The rules in force, by name. */
export async function listRules(store: Queryable): Promise<AlertRule[]> {
  const { rows } = await store.query<RuleRow>(LIST_RULES)
  const set = rows.map(({ for_samples: forSamples, response_minutes: responseMinutes, ...rest }) => {
    return { ...rest, forSamples, responseMinutes }
  })
  const names = new Set(set.map(({ name }) => name))
  return [...set, ...DEFAULT_RULES.filter(({ name }) => !names.has(name))].toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  )
}

export async function saveRule(store: Queryable, rule: AlertRule, at: Date, by: string): Promise<void> {
  const { name, metric, comparison, threshold, severity, forSamples, enabled, responseMinutes } = rule
  const values = [name, metric, comparison, threshold, severity, forSamples, enabled, at, by, responseMinutes]
  await store.query(SAVE_RULE, values)
}

const CASES_MIN = 5 // one failure of one run says nothing about a share

/** Whether a figure is what a rule warns of; never one that was taken over a handful of cases. */
export function breaks(rule: AlertRule, { value, of }: Figure): boolean {
  return value !== null && (of === null || of >= CASES_MIN) && isPast(rule, value)
}

function rule(
  name: string,
  metric: string,
  threshold: number,
  severity: Severity,
  responseMinutes: number | null = null,
): AlertRule {
  return { name, metric, comparison: '>', threshold, severity, forSamples: 1, responseMinutes, enabled: true }
}

function isPast({ comparison, threshold }: AlertRule, value: number): boolean {
  switch (comparison) {
    case '>':
      return value > threshold
    case '>=':
      return value >= threshold
    case '<':
      return value < threshold
    case '<=':
      return value <= threshold
    case '=':
      return value === threshold
  }
}
