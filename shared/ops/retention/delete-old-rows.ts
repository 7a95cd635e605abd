import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import type { allowance } from './allowance.ts'
import { RETENTION_POLICIES, type RetentionPolicy } from './policies.ts'

const DAY_MS = 24 * 60 * 60_000
const BATCH_MAX = 5_000 // a statement of a fraction of a second
const BATCHES_MAX = 100 // half a million rows of a kind each night

export interface DeletedRows {
  /** How many of each kind, those of which there were any. */
  readonly rows: Readonly<Record<string, number>>
  readonly left: boolean
}

/** Deletes rows that are older than they are kept, in batches that each stand for themselves. */
export async function deleteOldRows(
  platform: Platform,
  allowed: ReturnType<typeof allowance>,
  policies: readonly RetentionPolicy[] = RETENTION_POLICIES,
): Promise<DeletedRows> {
  const { store, clock, config } = platform
  const rows: Record<string, number> = {}
  let left = false
  for (const policy of policies) {
    const before = new Date(clock.now().getTime() - policy.days(config) * DAY_MS)
    for (let batch = 0; ; batch++) {
      if (allowed.isOver() || batch === BATCHES_MAX) {
        left = true
        break
      }
      const deleted = await deleteBatch(store, policy, before)
      if (deleted > 0) rows[policy.name] = (rows[policy.name] ?? 0) + deleted
      if (deleted < BATCH_MAX) break
    }
  }
  return { rows, left }
}

/** Rows that another run is at are left to it. */
async function deleteBatch(
  store: Queryable,
  { table, where, counted }: RetentionPolicy,
  before: Date,
): Promise<number> {
  const statement = `
    delete from ${table}
     where ctid = any (array(select r.ctid from ${table} r where ${where} limit ${BATCH_MAX} for update skip locked))`
  if (counted === undefined) return (await store.query(statement, [before])).rowCount
  // One statement: whoever counts sees each row either in its table or among the totals.
  const { rows } = await store.query<{ deleted: number }>(
    `
    with gone as (${statement}
    returning ${counted.status} as status
    ), kept as (
      insert into metric_totals as t (metric, labels, count, sum, buckets)
      select '${counted.metric}', jsonb_build_object('status', status), count(*), 0, '{}'
        from gone
       group by status
          on conflict (metric, labels) do update
         set count = t.count + excluded.count
    )
    select count(*)::integer as deleted
      from gone`,
    [before],
  )
  return rows[0]?.deleted ?? 0
}
