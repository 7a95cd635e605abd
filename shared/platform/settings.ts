import { writeAudit } from './audit.ts'
import { Problem } from './problems.ts'
import type { Queryable, Store } from './store.ts'

/** Switches that people turn while everything runs, with what holds until somebody does. */
export const SETTINGS = {
  /** Off: no node is created, by nobody. What exists goes on. */
  dynamic_node_creation_enabled: true,
} as const satisfies Record<string, boolean>

export type SettingName = keyof typeof SETTINGS
export type Settings = { readonly [Name in SettingName]: boolean }

const READ_SETTINGS = `
  select name, value
    from settings`

// Locked, so that two changes at once each log what was there before them.
const READ_FOR_CHANGE = `${READ_SETTINGS}\n    for update`

const WRITE_SETTING = `
  insert into settings (name, value, updated_at, updated_by)
  values ($1, $2, $3, $4)
  on conflict (name) do update
     set value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

export async function readSettings(store: Queryable): Promise<Settings> {
  return settingsOf((await store.query<SettingRow>(READ_SETTINGS)).rows)
}

export interface SettingsChange {
  readonly values: Readonly<Partial<Record<SettingName, boolean>>>
  readonly reason?: string
  readonly by: string
  readonly at: Date
  readonly requestId: string
}

/** Changes settings and writes each change, with what was before, to the audit log. */
export async function changeSettings(store: Store, change: SettingsChange): Promise<Settings> {
  return await store.transaction(async (tx) => {
    const before = settingsOf((await tx.query<SettingRow>(READ_FOR_CHANGE)).rows)
    for (const [name, value] of Object.entries(change.values)) {
      if (value === undefined || before[name as SettingName] === value) continue
      await tx.query(WRITE_SETTING, [name, JSON.stringify(value), change.at, change.by])
      await writeAudit(tx, {
        at: change.at,
        actor: change.by,
        action: 'settings.changed',
        target: name,
        ...(change.reason === undefined ? {} : { reason: change.reason }),
        before: before[name as SettingName],
        after: value,
        requestId: change.requestId,
      })
    }
    return { ...before, ...change.values }
  })
}

/** @throws {Problem} `dynamic_nodes_disabled` while the creation of nodes is switched off */
export async function assertNodesMayBeCreated(store: Queryable): Promise<void> {
  if ((await readSettings(store)).dynamic_node_creation_enabled) return
  throw new Problem('dynamic_nodes_disabled', 'The setting dynamic_node_creation_enabled is off', {
    hint: 'An admin switches it on with PATCH /api/v1/ops/settings',
  })
}

interface SettingRow {
  name: string
  value: unknown
}

function settingsOf(rows: readonly SettingRow[]): Settings {
  const stored = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  return { ...SETTINGS, ...pick(stored) }
}

/** What an older or newer Helix has stored under names that are none here stays unseen. */
function pick(stored: Readonly<Record<string, unknown>>): Partial<Record<SettingName, boolean>> {
  const names = Object.keys(SETTINGS) as SettingName[]
  return Object.fromEntries(
    names.filter((name) => typeof stored[name] === 'boolean').map((name) => [name, stored[name]]),
  )
}
