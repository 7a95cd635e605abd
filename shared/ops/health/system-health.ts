import { HEALTH_STATUSES, storeHealth } from '../../platform/http/health.ts'
import type { Platform } from '../../platform/platform.ts'
import { type Alert, openAlerts } from '../alerts/alerts.ts'
import { componentStates } from './component-state.ts'
import { COMPONENTS, type Component, type HealthStatus, readFiles } from './components.ts'

/** All of Helix at one look. */
export interface SystemHealth {
  readonly overall: HealthStatus
  readonly alerts: readonly Alert[]
  readonly components: Readonly<Partial<Record<Component, HealthStatus>>>
}

const ALERTS_MAX = 50
const UNCHECKED_MS_MAX = 5 * 60_000 // the check of the health runs each minute; whoever checks nothing schedules nothing

// Without these nothing works; without the others something does.
const VITAL: readonly Component[] = ['database', 'api', 'queue', 'files', 'scheduler']

/**
 * How the components do, as the check of the health has found them, and what is open. Where the store does not answer, only
 * what can be seen without it.
 */
export async function systemHealth(platform: Platform): Promise<SystemHealth> {
  if ((await storeHealth(platform)) === 'unhealthy') {
    const files = (await readFiles(platform)).status
    return { overall: 'unhealthy', alerts: [], components: { database: 'unhealthy', api: 'healthy', files } }
  }
  const states = await componentStates(platform.store)
  const alerts = await openAlerts(platform.store, ALERTS_MAX)
  const checkedAt = Math.max(0, ...states.map((state) => state.checkedAt.getTime()))
  const isOld = checkedAt > 0 && platform.clock.now().getTime() - checkedAt > UNCHECKED_MS_MAX
  const known = Object.fromEntries(states.map(({ component, status }) => [component, status]))
  const components: Record<Component, HealthStatus> = {
    ...(Object.fromEntries(COMPONENTS.map((name) => [name, 'healthy'])) as Record<Component, HealthStatus>),
    ...known,
    database: known.database === 'degraded' ? 'degraded' : 'healthy', // it has just answered
    ...(isOld ? { scheduler: 'unhealthy' as const } : {}),
  }
  return { overall: overallOf(components, alerts), alerts, components }
}

/** The worst of all, but what is not vital degrades at most; so does what somebody should see to at once. */
export function overallOf(
  components: Readonly<Partial<Record<Component, HealthStatus>>>,
  alerts: readonly Pick<Alert, 'severity' | 'status'>[] = [],
): HealthStatus {
  const counted = COMPONENTS.map((name) => {
    const status = components[name] ?? 'healthy'
    return status === 'unhealthy' && !VITAL.includes(name) ? 'degraded' : status
  })
  const pressing = alerts.some(({ severity, status }) => severity !== 'P2' && status !== 'silenced')
  return worst([...counted, pressing ? 'degraded' : 'healthy'])
}

function worst(statuses: readonly HealthStatus[]): HealthStatus {
  return HEALTH_STATUSES.findLast((status) => statuses.includes(status)) ?? 'healthy'
}
