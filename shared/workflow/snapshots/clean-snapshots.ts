import type { Platform } from '../../platform/platform.ts'

const AGE_DAYS = 7
const DAY_MS = 24 * 3_600_000
const BATCH_MAX = 1_000 // a short statement; the tick repeats it
const BATCHES_MAX = 20

// Always kept of each workflow: the newest snapshot, the newest of a version that did not fail, and the newest that differs
// from what the workflow is now, so that there is always something good to go back to.
const DELETE_OLD_SNAPSHOTS = `
  delete from workflow_snapshots
   where id in (
     select s.id
       from workflow_snapshots s
       join workflows w on w.id = s.workflow_id
       join workflow_versions now on now.workflow_id = w.id and now.version = w.current_version
      where s.created_at < $1
        and s.id <> (select max(newest.id) from workflow_snapshots newest where newest.workflow_id = s.workflow_id)
        and s.id is distinct from (
          select max(good.id)
            from workflow_snapshots good
           where good.workflow_id = s.workflow_id
             and not exists (
               select
                 from workflow_rollbacks r
                where r.workflow_id = good.workflow_id and r.from_version = good.version
                  and r.cause in ('trial_failed', 'run_failed')))
        and s.id is distinct from (
          select max(other.id)
            from workflow_snapshots other
           where other.workflow_id = s.workflow_id
             and other.state ->> 'contentHash' <> now.content_hash
             and not exists (
               select
                 from workflow_rollbacks r
                where r.workflow_id = other.workflow_id and r.from_version = other.version
                  and r.cause in ('trial_failed', 'run_failed')))
      order by s.id
      limit $2)`

// Nothing speaks of them any more: nobody brought them back within the week, and the last of their tasks is gone.
const DELETE_FORGOTTEN = `
  delete from workflows
   where id in (
     select w.id
       from workflows w
      where not w.enabled and w.updated_at < $1
        and not exists (select from data_pipeline_tasks t where t.workflow_id = w.id)
      limit $2)`

/**
 * Deletes snapshots older than a week, never the last good one of a workflow; and workflows that were
 * deleted as long ago, once no task of theirs is left. May run twice at once.
 */
export async function cleanSnapshots({
  store,
  clock,
}: Pick<Platform, 'store' | 'clock'>): Promise<{ deleted: number; workflows: number }> {
  const before = new Date(clock.now().getTime() - AGE_DAYS * DAY_MS)
  let deleted = 0
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const { rowCount } = await store.query(DELETE_OLD_SNAPSHOTS, [before, BATCH_MAX])
    deleted += rowCount
    if (rowCount < BATCH_MAX) break
  }
  const { rowCount: workflows } = await store.query(DELETE_FORGOTTEN, [before, BATCH_MAX])
  return { deleted, workflows }
}
