import type { Platform } from '../../platform/platform.ts'
import { raiseAlert, resolveAlert } from '../alerts/alerts.ts'
import { type CheckResult, checkDatabase } from './report.ts'
import { flushStatistics } from './server.ts'
import { careFor, careForTable, listTableStates } from './table-care.ts'

export interface MaintenanceCounts {
  /** Tables that were looked at. */
  readonly tables: number
  readonly vacuumed: readonly string[]
  readonly analyzed: readonly string[]
  /** Needed it, but somebody held a lock. */
  readonly skipped: readonly string[]
  /** Vacuumed in vain: an old transaction may still see the dead rows. */
  readonly held_back: readonly string[]
  /** Needed it too, and are left to the next run. */
  readonly left: number
  /** Of the server's health. */
  readonly checks: number
  readonly findings: number
  readonly alerts_raised: number
  readonly alerts_resolved: number
}

const CARED_MAX = 50 // of one run; a store of Helix has some forty tables
const MEASURED_MAX = 50

// Pages as the last care counted them: asking for a size itself would wait for a table that somebody has locked.
const MEASURE = `
  insert into metric_samples (metric, labels, at, value, instance)
  select 'database_table_bytes', jsonb_build_object('table', name), $1::timestamptz, size, 'store'
    from (select format('%I.%I', n.nspname, c.relname) as name,
                 (c.relpages + coalesce(t.relpages, 0)
                   + coalesce((select sum(i.relpages) from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid), 0)
                 )::float8 * current_setting('block_size')::int as size
            from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_class t on t.oid = c.reltoastrelid
           where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)'
           order by c.relpages + coalesce(t.relpages, 0) desc
           limit $2) largest
   union all
  select 'database_bytes', '{}', $1::timestamptz, pg_database_size(current_database())::float8, 'store'
      on conflict do nothing`

/**
 * The nightly care: vacuums and analyzes the tables that need it, notes their sizes, asks every health check, and alerts
 * on what is worse than P2. Safe to run twice at once: a table that another run is at is skipped.
 */
export async function maintainDatabase(platform: Platform): Promise<MaintenanceCounts> {
  const { store, clock, stopping } = platform
  await flushStatistics(store)
  const tables = await listTableStates(store)
  const due = tables.map((table) => ({ table, care: careFor(table) })).filter(({ care }) => care !== 'none')
  const cared = {
    vacuumed: [] as string[],
    analyzed: [] as string[],
    skipped: [] as string[],
    held_back: [] as string[],
  }
  let tried = 0
  for (const { table, care } of due.slice(0, CARED_MAX)) {
    if (stopping.aborted) break
    tried += 1
    const outcome = await careForTable(store, table, care)
    if (outcome === 'skipped' || outcome === 'held_back') cared[outcome].push(table.name)
    else cared[care === 'vacuum' ? 'vacuumed' : 'analyzed'].push(table.name)
    if (outcome === 'under_way') break
  }
  await store.query(MEASURE, [clock.now(), MEASURED_MAX])
  const { results } = await checkDatabase(platform)
  const findings = results.filter(({ status }) => status === 'found').length
  const alerts = await alertOn(platform, results)
  return { tables: tables.length, ...cared, left: due.length - tried, checks: results.length, findings, ...alerts }
}

/** Of P0 and P1 alone: what a person should do some day is in the report, and wakes nobody. */
async function alertOn(
  { store, clock, log }: Platform,
  results: readonly CheckResult[],
): Promise<Pick<MaintenanceCounts, 'alerts_raised' | 'alerts_resolved'>> {
  let [raised, resolved] = [0, 0]
  const now = clock.now()
  for (const { check, status, severity, subjects, found } of results) {
    const rule = `database_${check.name}`
    if (status === 'found' && severity !== 'P2') {
      const shown = subjects.slice(0, 3).map(({ name, detail }) => `${name} (${detail})`)
      const told = shown.join('; ')
      const message = { zh: `${check.meaning.zh}：${told}`, en: `${check.meaning.en}: ${told}` }
      if (!(await raiseAlert(store, { rule, severity, message, component: 'database', value: found }, now))) continue
      raised += 1
      log('alert.raised', { rule, severity, value: found })
    } else if (status === 'ok' || status === 'found') {
      if (!(await resolveAlert(store, rule, now))) continue
      resolved += 1
      log('alert.resolved', { rule })
    }
  }
  return { alerts_raised: raised, alerts_resolved: resolved }
}
