import type { Platform } from '../../platform/platform.ts'
import type { Severity } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import { type RaisedAlert, raiseAlert, resolveAlert } from '../alerts/alerts.ts'
import { escalationText, stormText, type Told } from './escalation-words.ts'
import type { Storm } from './storm.ts'

export const STORM_ALERT = 'storm_brake'
const PREFIX = 'incident_'
const ALERTS_MAX = 5 // open at once, of one kind of fault: what escalates then is counted in the latest of them

/*
 * Incidents of a kind share an alert until it is told; what escalates later has one of its own, so that it is told, too. The
 * same fault of the same target has the same name again: within 24 hours it is not told twice.
 */
const ASSIGN = `
  with named as (
    select id, fault,
           first_value('${PREFIX}' || fault || ':' || md5(target || coalesce(details ->> 'signs', ''))) over (partition by fault order by id) as own
      from incidents
     where status = 'escalated' and alert is null
  ), told as (
    select fault, count(distinct alert) as alerts, (array_agg(alert order by id desc))[1] as latest
      from incidents
     where status = 'escalated' and alert is not null
     group by fault
  )
  update incidents i
     set alert = case when told.alerts >= ${ALERTS_MAX} or told.latest in (
                            select a.fingerprint
                              from alerts a
                             where a.status = 'firing'
                               and not exists (select from alert_windows w where w.fingerprint = a.fingerprint and w.ends_at > $1))
                      then told.latest else named.own end
    from named
    left join told using (fault)
   where i.id = named.id and i.status = 'escalated' and i.alert is null`

const LIST_ESCALATED = `
  select distinct on (alert)
         alert, id::integer as id, fault, target, repair, attempts, explanation, outcome,
         count(*) over (partition by alert)::integer as count, min(severity) over (partition by alert) as severity
    from incidents
   where status = 'escalated' and alert is not null
   order by alert, incidents.id`

const OPEN_ALERTS = `
  select fingerprint
    from alerts
   where status <> 'resolved' and (starts_with(rule, '${PREFIX}') or rule = '${STORM_ALERT}')`

type Escalated = Told & { readonly alert: string; readonly severity: Severity }

/** Raises alerts for what needs a person, and ends those of what no longer does. May be repeated. */
export async function settleEscalations(platform: Platform): Promise<void> {
  const { store, clock } = platform
  await store.query(ASSIGN, [clock.now()])
  const { rows } = await store.query<Escalated>(LIST_ESCALATED)
  for (const row of rows) {
    const { alert: fingerprint, fault, count } = row
    const severity = severityOf(row)
    await raise(platform, {
      rule: `${PREFIX}${fault}`,
      fingerprint,
      severity,
      message: escalationText(row),
      value: count,
    })
  }
  const due = new Set([STORM_ALERT, ...rows.map(({ alert }) => alert)])
  for (const fingerprint of await openAlerts(store)) if (!due.has(fingerprint)) await resolve(platform, fingerprint)
}

/** The same, and the one alert of a storm. */
export async function settleIncidentAlerts(platform: Platform, storms: readonly Storm[]): Promise<void> {
  await settleEscalations(platform)
  const [worst] = storms.toSorted((one, other) => other.ill / other.of - one.ill / one.of)
  if (worst !== undefined) {
    const value = worst.ill / worst.of
    await raise(platform, { rule: STORM_ALERT, severity: 'P0', message: stormText(worst), value })
  } else if ((await openAlerts(platform.store)).includes(STORM_ALERT)) await resolve(platform, STORM_ALERT)
}

async function openAlerts(store: Queryable): Promise<string[]> {
  return (await store.query<{ fingerprint: string }>(OPEN_ALERTS)).rows.map(({ fingerprint }) => fingerprint)
}

async function raise({ store, clock, log }: Platform, alert: RaisedAlert & { readonly value: number }): Promise<void> {
  const { rule, severity, value } = alert
  if (await raiseAlert(store, alert, clock.now())) log('alert.raised', { rule, severity, value })
}

async function resolve({ store, clock, log }: Platform, fingerprint: string): Promise<void> {
  if (await resolveAlert(store, fingerprint, clock.now())) log('alert.resolved', { rule: fingerprint.split(':')[0] })
}

/** What repairs do not help against is at least P1: somebody has to come. */
function severityOf({ severity }: Escalated): Severity {
  return severity === 'P0' ? 'P0' : 'P1'
}
