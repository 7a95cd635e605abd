import type { FilePage } from '../../platform/files.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import type { allowance } from './allowance.ts'

export interface DeletedFiles {
  /** Files that were looked at. */
  readonly seen: number
  readonly orphans: number
  readonly left: boolean
}

const DAY_MS = 24 * 60 * 60_000
const AGE_MS = 2 * DAY_MS // past any time zone: an id tells its second in the zone of whoever made it
const PAGES_MAX = 200 // of a thousand files each night; the next one goes on where this one ends
const REPORTS = 'reports/'

const TASK_FOLDER = /^([a-z]+_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)(?:_\d+)?)\//
const DATED_REPORT = /_(\d{4}-\d\d-\d\d)\.json$/

const LIST_KNOWN = `
  select id
    from data_pipeline_tasks
   where id = any ($1)`

const READ_CURSOR = `
  select cursor
    from retention_progress
   where name = $1`

const WRITE_CURSOR = `
  insert into retention_progress (name, cursor, updated_at)
  values ($1, $2, $3)
      on conflict (name) do update
     set cursor = excluded.cursor, updated_at = excluded.updated_at`

const WALK = 'orphan_files'

/**
 * Deletes files in the folders of tasks that the store does not know: what a crash or a deletion by hand has left. The
 * walk over all files goes on where the last one ended. Folders that are not named like a task are somebody else's.
 */
export async function deleteOrphanFiles(
  platform: Platform,
  allowed: ReturnType<typeof allowance>,
): Promise<DeletedFiles> {
  const { store, files, clock } = platform
  let cursor = await readCursor(store)
  let [seen, orphans] = [0, 0]
  for (let pages = 0; pages < PAGES_MAX && !allowed.isOver(); pages++) {
    const page = await listFrom(platform, cursor)
    const keys = await orphansOf(platform, page)
    if (keys.length > 0) await files.delete(keys)
    seen += page.files.length
    orphans += keys.length
    cursor = page.cursor
    await store.query(WRITE_CURSOR, [WALK, cursor, clock.now()])
    if (cursor === null) return { seen, orphans, left: false }
  }
  return { seen, orphans, left: true }
}

/** Deletes reports of weeks that are older than the audit log. @returns how many */
export async function deleteOldReports({ files, clock, config }: Platform): Promise<number> {
  const before = new Date(clock.now().getTime() - config.HELIX_AUDIT_KEEP_DAYS * DAY_MS).toISOString()
  const page = await files.list(REPORTS)
  const old = page.files
    .map(({ key }) => ({ key, day: DATED_REPORT.exec(key)?.[1] }))
    .filter(({ day }) => day !== undefined && day < before)
  if (old.length > 0) await files.delete(old.map(({ key }) => key))
  return old.length
}

async function readCursor(store: Queryable): Promise<string | null> {
  return (await store.query<{ cursor: string | null }>(READ_CURSOR, [WALK])).rows[0]?.cursor ?? null
}

/** A cursor may have lapsed overnight: the walk then begins anew. */
async function listFrom({ files, log }: Platform, cursor: string | null): Promise<FilePage> {
  if (cursor === null) return await files.list('')
  try {
    return await files.list('', { cursor })
  } catch (cause) {
    log('background.failed', { what: 'go on with the walk over files', message: String(cause) })
    return await files.list('')
  }
}

async function orphansOf({ store, clock }: Platform, page: FilePage): Promise<string[]> {
  const before = clock.now().getTime() - AGE_MS
  const owned = page.files.flatMap(({ key }) => {
    const [, taskId, ...parts] = TASK_FOLDER.exec(key) ?? []
    if (taskId === undefined) return []
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number)
    return Date.UTC(year, month - 1, day, hour, minute, second) < before ? [{ key, taskId }] : []
  })
  if (owned.length === 0) return []
  const ids = [...new Set(owned.map(({ taskId }) => taskId))]
  const { rows } = await store.query<{ id: string }>(LIST_KNOWN, [ids])
  const known = new Set(rows.map(({ id }) => id))
  return owned.filter(({ taskId }) => !known.has(taskId)).map(({ key }) => key)
}
