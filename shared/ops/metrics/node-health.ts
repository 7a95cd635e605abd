import { HEALTH_STATUSES } from '../../platform/http/health.ts'
import type { Platform } from '../../platform/platform.ts'
import { type SandboxHealth, sandboxHealth } from '../../sandbox/sandbox-health.ts'
import { WINDOW_MS } from '../alerts/figures.ts'
import { type AlertRule, breaks, listRules } from '../alerts/rules.ts'
import { type NodeMetrics, nodeMetrics, RATE_NAMES, type RateName } from './node-metrics.ts'

export type HealthStatus = (typeof HEALTH_STATUSES)[number]

export interface NodeHealth {
  readonly status: HealthStatus
  readonly components: Readonly<Record<'sandbox' | 'nodes' | 'workflows' | 'store', HealthStatus>>
  readonly sandbox: SandboxHealth
  /** Of the last day; null where nothing has happened, or the store does not answer. */
  readonly rates: Readonly<Record<RateName, number | null>>
}

const COMPONENT_OF: Readonly<Record<RateName, 'sandbox' | 'nodes' | 'workflows'>> = {
  sandbox_failure_rate: 'sandbox',
  node_creation_failure_rate: 'nodes',
  workflow_failure_rate: 'workflows',
  workflow_execution_time_avg: 'workflows',
}

/**
 * How dynamic nodes do: unhealthy where the sandbox or the store fails, degraded where a threshold of the runbook is passed.
 * Nodes that fail by their own fault make nothing unhealthy: whoever asks is still served.
 */
export async function nodeHealth(platform: Platform): Promise<NodeHealth> {
  const [sandbox, found] = await Promise.all([sandboxHealth(platform), counted(platform)])
  const degraded = new Set(
    found === null ? [] : RATE_NAMES.filter((name) => isBroken(found, name)).map((name) => COMPONENT_OF[name]),
  )
  const told = (component: 'nodes' | 'workflows' | 'sandbox') => (degraded.has(component) ? 'degraded' : 'healthy')
  const works = Object.values(sandbox).every(Boolean)
  const components = {
    sandbox: works ? told('sandbox') : 'unhealthy',
    nodes: told('nodes'),
    workflows: told('workflows'),
    store: found === null ? 'unhealthy' : 'healthy',
  } as const
  return {
    status: worst(Object.values(components)),
    components,
    sandbox,
    rates: Object.fromEntries(RATE_NAMES.map((name) => [name, found?.metrics.rates[name].value ?? null])) as Record<
      RateName,
      number | null
    >,
  }
}

interface Found {
  readonly metrics: NodeMetrics
  readonly rules: readonly AlertRule[]
}

async function counted({ store, clock, log }: Platform): Promise<Found | null> {
  try {
    const since = new Date(clock.now().getTime() - WINDOW_MS)
    return { metrics: await nodeMetrics(store, since), rules: await listRules(store) }
  } catch (cause) {
    log('background.failed', { what: 'node health', message: String(cause) })
    return null
  }
}

function isBroken({ metrics, rules }: Found, name: RateName): boolean {
  return rules.some((rule) => rule.metric === name && rule.enabled && breaks(rule, metrics.rates[name]))
}

function worst(statuses: readonly HealthStatus[]): HealthStatus {
  return HEALTH_STATUSES.findLast((status) => statuses.includes(status)) ?? 'healthy'
}
