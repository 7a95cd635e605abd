import type { Language } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import { COMPONENTS, type Component, type HealthStatus, type Reading } from './components.ts'

/** How a component does, as it is told: not by one look, but by several that agree. */
export interface ComponentState {
  readonly component: Component
  readonly status: HealthStatus
  readonly reason: Readonly<Record<Language, string>> | null
  readonly checkedAt: Date
  readonly changedAt: Date
}

const READINGS_MIN = 2 // equal ones in a row, before a component changes its status
const CHECK_MS_MIN = 20_000 // two runners may look in one tick; what comes so soon after another look is no look of its own

// The first look of all is believed, since there is nothing to stay at.
const SAVE = `
  insert into component_health as h (component, status, reading, reason, reason_zh, checked_at, changed_at)
  select component, status, status, reason, reason_zh, $2, $2
    from jsonb_to_recordset($1::jsonb) as r (component text, status text, reason text, reason_zh text)
   order by component
      on conflict (component) do update
     set reading = excluded.reading, checked_at = excluded.checked_at,
         readings = case when h.reading = excluded.reading then h.readings + 1 else 1 end,
         reason = excluded.reason, reason_zh = excluded.reason_zh,
         status = case when h.reading = excluded.reading and h.readings + 1 >= ${READINGS_MIN} then excluded.reading else h.status end,
         changed_at = case when h.status <> excluded.reading and h.reading = excluded.reading and h.readings + 1 >= ${READINGS_MIN}
                           then excluded.checked_at else h.changed_at end
   where h.checked_at <= $3
  returning component`

const LIST = `
  select component, status, reading, reason, reason_zh, checked_at, changed_at
    from component_health
   order by component`

/** Adds one look at each component. @returns whether it was one of its own: another runner may have looked just now */
export async function saveReadings(store: Queryable, readings: readonly Reading[], at: Date): Promise<boolean> {
  const rows = readings.map(({ component, status, reason }) => {
    return { component, status, reason: reason?.en ?? null, reason_zh: reason?.zh ?? null }
  })
  const values = [JSON.stringify(rows), at, new Date(at.getTime() - CHECK_MS_MIN)]
  return (await store.query(SAVE, values)).rowCount > 0
}

interface StateRow {
  component: string
  status: HealthStatus
  reading: HealthStatus
  reason: string | null
  reason_zh: string | null
  checked_at: Date
  changed_at: Date
}

/** Every component that was looked at, in the order of their list. */
export async function componentStates(store: Queryable): Promise<ComponentState[]> {
  const { rows } = await store.query<StateRow>(LIST)
  return COMPONENTS.flatMap((component) => rows.filter((row) => row.component === component).map(stateOf(component)))
}

function stateOf(component: Component): (row: StateRow) => ComponentState {
  return ({ status, reading, reason, reason_zh: zh, checked_at: checkedAt, changed_at: changedAt }) => {
    const told =
      status === 'healthy' || reason === null || reading === 'healthy' ? null : { en: reason, zh: zh ?? reason }
    return { component, status, reason: told, checkedAt, changedAt }
  }
}
