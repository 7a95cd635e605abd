import type { Severity } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Rate, RateName } from '../metrics/node-metrics.ts'

/** When somebody is to be told. */
export interface AlertRule {
  readonly name: string
  readonly metric: string
  readonly comparison: Comparison
  readonly threshold: number
  readonly severity: Severity
  /** Checks in a row that must find it. */
  readonly forSamples: number
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

/** What is in force until somebody sets a rule of the same name. */
export const DEFAULT_RULES: readonly AlertRule[] = Object.entries(THRESHOLDS).flatMap(
  ([metric, [warning, critical]]) => {
    const rule = { metric, comparison: '>' as const, forSamples: 1, enabled: true }
    return [
      { ...rule, name: `${metric}_warning`, threshold: warning, severity: 'P2' as const },
      { ...rule, name: `${metric}_critical`, threshold: critical, severity: 'P1' as const },
    ]
  },
)

const LIST_RULES = `
  select name, metric, comparison, threshold, severity, for_samples, enabled
    from alert_rules
   order by name`

const SAVE_RULE = `
  insert into alert_rules (name, metric, comparison, threshold, severity, for_samples, enabled, updated_at, updated_by)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      on conflict (name) do update
     set metric = excluded.metric, comparison = excluded.comparison, threshold = excluded.threshold,
         severity = excluded.severity, for_samples = excluded.for_samples, enabled = excluded.enabled,
         updated_at = excluded.updated_at, updated_by = excluded.updated_by`

interface RuleRow {
  name: string
  metric: string
  comparison: Comparison
  threshold: number
  severity: Severity
  for_samples: number
  enabled: boolean
}

/** The rules in force, by name. */
export async function listRules(store: Queryable): Promise<AlertRule[]> {
  const { rows } = await store.query<RuleRow>(LIST_RULES)
  const set = rows.map(({ for_samples: forSamples, ...rule }) => ({ ...rule, forSamples }))
  const names = new Set(set.map(({ name }) => name))
  return [...set, ...DEFAULT_RULES.filter(({ name }) => !names.has(name))].toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  )
}

export async function saveRule(store: Queryable, rule: AlertRule, at: Date, by: string): Promise<void> {
  const { name, metric, comparison, threshold, severity, forSamples, enabled } = rule
  await store.query(SAVE_RULE, [name, metric, comparison, threshold, severity, forSamples, enabled, at, by])
}

const SAMPLES_MIN = 5 // one failure of one run says nothing about a share

/** Whether a figure is what a rule warns of; never one that was taken over a handful of cases. */
export function breaks(rule: AlertRule, { value, of }: Rate): boolean {
  return value !== null && of >= SAMPLES_MIN && isPast(rule, value)
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
