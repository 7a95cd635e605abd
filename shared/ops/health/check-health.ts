import { asLeader } from '../../engine/leader.ts'
import { flushRequests } from '../../platform/flush-requests.ts'
import { storeHealth } from '../../platform/http/health.ts'
import type { Platform } from '../../platform/platform.ts'
import { judgeRules } from '../alerts/check-alerts.ts'
import { deliverAlerts } from '../alerts/deliver.ts'
import { ALERT_METRICS, type AlertMetric, type Figure, HEALTH_METRIC } from '../alerts/figures.ts'
import { closeOutage, tellOutage } from '../alerts/outage.ts'
import { listRules } from '../alerts/rules.ts'
import { sampleMachine } from '../metrics/machine-samples.ts'
import { saveReadings } from './component-state.ts'
import { type HealthStatus, readComponents } from './components.ts'
import { sendHeartbeat } from './heartbeat.ts'
import { overallOf } from './system-health.ts'

export interface HealthCounts {
  readonly status: HealthStatus
  /** Figures of this instance that were written. */
  readonly samples: number
  readonly requests: number
  readonly heartbeat: boolean | null
  /** Messages to people that left. */
  readonly sent: number
  /** What became of faults; null where it failed, or another runner leads this tick. */
  readonly incidents: unknown
}

const PROBES = 3 // in a row, before the store counts as gone: one lost connection is no outage
const PROBE_PAUSE_MS = 2_000

/**
 * One look at everything, each minute in every process: its own figures are written by each, the rest is looked at by one.
 * Where the store does not answer, people are told without it.
 * @param checkIncidents looks for faults; what it finds may be what people are to be told, so it comes first
 */
export async function checkHealth(
  platform: Platform,
  checkIncidents: () => Promise<unknown> = async () => null,
): Promise<HealthCounts> {
  if (await isStoreGone(platform)) {
    const sent = await tellOutage(platform)
    return { status: 'unhealthy', samples: 0, requests: 0, heartbeat: null, sent, incidents: null }
  }
  const samples = await sampleMachine(platform)
  const requests = await flushRequests(platform)
  const looked = await asLeader(platform, 'check-health', () => lookAround(platform, checkIncidents))
  return { samples, requests, ...(looked ?? { status: 'healthy', heartbeat: null, sent: 0, incidents: null }) }
}

async function lookAround(
  platform: Platform,
  checkIncidents: () => Promise<unknown>,
): Promise<Pick<HealthCounts, 'status' | 'heartbeat' | 'sent' | 'incidents'>> {
  const { store, clock } = platform
  await closeOutage(platform)
  const readings = await readComponents(platform)
  const status = overallOf(Object.fromEntries(readings.map((reading) => [reading.component, reading.status])))
  if (await saveReadings(store, readings, clock.now())) await judgeHealth(platform, status)
  const incidents = await survived(platform, checkIncidents)
  const { sent } = await deliverAlerts(platform, ['P0'])
  return { status, sent, incidents, heartbeat: await sendHeartbeat(platform) }
}

/** Whatever breaks in the search for faults, people are still told what is known. */
async function survived(platform: Platform, checkIncidents: () => Promise<unknown>): Promise<unknown> {
  try {
    return await checkIncidents()
  } catch (cause) {
    platform.log('background.failed', { what: 'check incidents', message: String(cause) })
    return null
  }
}

/** The rules about the health itself: each minute, since their alert must leave within minutes. */
async function judgeHealth(platform: Platform, status: HealthStatus): Promise<void> {
  const rules = (await listRules(platform.store)).filter(({ metric }) => metric === HEALTH_METRIC)
  const nothing = ALERT_METRICS.map((metric) => [metric, { value: null, of: null }])
  const figures = Object.fromEntries(nothing) as Record<AlertMetric, Figure>
  const failures = { value: status === 'unhealthy' ? 1 : 0, of: null }
  await judgeRules(platform, rules, { ...figures, [HEALTH_METRIC]: failures })
}

async function isStoreGone(platform: Platform): Promise<boolean> {
  for (let probe = 1; probe <= PROBES; probe++) {
    if ((await storeHealth(platform)) === 'healthy') return false
    if (probe < PROBES) await platform.clock.sleep(PROBE_PAUSE_MS, platform.stopping)
  }
  return true
}
