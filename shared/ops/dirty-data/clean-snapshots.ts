import { timestampId } from '../../platform/clock.ts'
import type { Platform } from '../../platform/platform.ts'
import { COPIES } from './copies.ts'
import { listFolder } from './folder.ts'

const DAY_MS = 24 * 3_600_000
const AGE_DAYS = 7
const SCAN_AGE_DAYS = 30
const CLEANUPS_MAX = 200 // of one tick
const FILES_MAX = 5_000
const DELETED_AT_ONCE = 500

const LIST_OLD = `
  select id
    from cleanups
   where executed_at < $1 and snapshot_removed_at is null
   order by executed_at
   limit $2`

// The record stays: what was done, by whom and why. What could undo it goes.
const FORGET_ROWS = `
  delete from cleanup_rows
   where cleanup_id = any($1)`

const FORGET_FILES = `
  delete from cleanup_files
   where cleanup_id = any($1)`

const MARK = `
  update cleanups
     set snapshot_removed_at = $2
   where id = any($1)`

const DELETE_PLANS = `
  delete from cleanups
   where id in (select id from cleanups where not executed and created_at < $1 order by created_at limit $2)`

const DELETE_SCANS = `
  delete from scans
   where id in (select id from scans where started_at < $1 order by started_at limit $2)`

export interface CleanedSnapshots {
  readonly snapshots: number
  readonly copies: number
  readonly plans: number
  readonly scans: number
}

/** Removes what could undo clean-ups that are older than a week, plans that nobody executed, and old scans. May run twice at once. */
export async function cleanCleanupSnapshots(platform: Platform): Promise<CleanedSnapshots> {
  const { store, clock } = platform
  const now = clock.now()
  const before = new Date(now.getTime() - AGE_DAYS * DAY_MS)
  const { rows } = await store.query<{ id: string }>(LIST_OLD, [before, CLEANUPS_MAX])
  const ids = rows.map(({ id }) => id)
  // First the promise, then what it rests on: a rollback that comes in between is refused rather than half done.
  await store.query(MARK, [ids, now])
  await store.query(FORGET_ROWS, [ids])
  await store.query(FORGET_FILES, [ids])
  const copies = await removeCopies(platform, before)
  const plans = await store.query(DELETE_PLANS, [before, CLEANUPS_MAX])
  const scans = await store.query(DELETE_SCANS, [new Date(now.getTime() - SCAN_AGE_DAYS * DAY_MS), CLEANUPS_MAX])
  return { snapshots: ids.length, copies, plans: plans.rowCount, scans: scans.rowCount }
}

/** Copies of clean-ups that began before then, told by their ids: also what a crash has left, of which no row knows. */
async function removeCopies({ files, clock }: Platform, before: Date): Promise<number> {
  const oldest = `cleanup_${timestampId(before, clock.timeZone)}`
  const old: string[] = []
  for await (const { key } of listFolder(files, `${COPIES}/`)) {
    const [, id = ''] = key.split('/')
    if (id.slice(0, oldest.length) < oldest) old.push(key)
    if (old.length >= FILES_MAX) break
  }
  for (let from = 0; from < old.length; from += DELETED_AT_ONCE) {
    await files.delete(old.slice(from, from + DELETED_AT_ONCE))
  }
  return old.length
}
