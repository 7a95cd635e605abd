import type { Platform } from '../../platform/platform.ts'
import type { Severity } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import { raiseAlert, resolveAlert } from '../alerts/alerts.ts'
import { STORM_SHARE, type Storm } from './storm.ts'

export const STORM_ALERT = 'storm_brake'
const PREFIX = 'incident_'

const COUNT_ESCALATED = `
  select fault, count(*)::integer as escalated, min(severity) as severity, min(target) as target, min(explanation ->> 'zh') as zh,
         min(explanation ->> 'en') as en
    from incidents
   where status = 'escalated'
   group by fault
   order by fault`

const OPEN_ALERTS = `
  select rule
    from alerts
   where status <> 'resolved' and (starts_with(rule, '${PREFIX}') or rule = '${STORM_ALERT}')`

interface Escalated {
  readonly fault: string
  readonly escalated: number
  readonly severity: Severity
  readonly target: string
  readonly zh: string | null
  readonly en: string | null
}

/** Raises one alert for each kind of fault that needs a person, and ends those of kinds that no longer do. May be repeated. */
export async function settleEscalations(platform: Platform): Promise<void> {
  const { store } = platform
  const { rows } = await store.query<Escalated>(COUNT_ESCALATED)
  for (const row of rows) await raise(platform, `${PREFIX}${row.fault}`, severityOf(row), messageOf(row), row.escalated)
  const due = new Set(rows.map(({ fault }) => `${PREFIX}${fault}`))
  for (const rule of await openAlerts(store)) if (rule !== STORM_ALERT && !due.has(rule)) await resolve(platform, rule)
}

/** The same, and the one alert of a storm. */
export async function settleIncidentAlerts(platform: Platform, storms: readonly Storm[]): Promise<void> {
  await settleEscalations(platform)
  if (storms.length > 0) {
    const [worst] = storms.toSorted((one, other) => other.ill / other.of - one.ill / one.of)
    if (worst !== undefined) await raise(platform, STORM_ALERT, 'P0', stormMessage(worst), worst.ill / worst.of)
  } else if ((await openAlerts(platform.store)).includes(STORM_ALERT)) await resolve(platform, STORM_ALERT)
}

async function openAlerts(store: Queryable): Promise<string[]> {
  return (await store.query<{ rule: string }>(OPEN_ALERTS)).rows.map(({ rule }) => rule)
}

async function raise(
  { store, clock, log }: Platform,
  rule: string,
  severity: Severity,
  message: string,
  value: number,
) {
  if (await raiseAlert(store, { rule, severity, message, value }, clock.now()))
    log('alert.raised', { rule, severity, value })
}

async function resolve({ store, clock, log }: Platform, rule: string): Promise<void> {
  if (await resolveAlert(store, rule, clock.now())) log('alert.resolved', { rule })
}

/** What repairs do not help against is at least P1: somebody has to come. */
function severityOf({ severity }: Escalated): Severity {
  return severity === 'P0' ? 'P0' : 'P1'
}

function messageOf({ fault, escalated, target, zh, en }: Escalated): string {
  return `${fault}: ${escalated} 个故障需要人工处理，例如 ${target}：${zh ?? ''} / ${escalated} need a person, for example ${target}: ${en ?? ''}`
}

function stormMessage({ fault, kind, ill, of }: Storm): string {
  const share = Math.round(STORM_SHARE * 100)
  return `${of} 个 ${kind} 中有 ${ill} 个疑似 ${fault}，超过 ${share}%：已停止全部自动修复 / ${ill} of ${of} (${kind}) look like ${fault}, more than ${share} %: all repairs have stopped`
}
