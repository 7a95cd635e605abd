import type { Queryable } from '../platform/store.ts'

export interface TaskEvent {
  readonly seq: number
  readonly type: string
  readonly data: Record<string, unknown>
  readonly at: Date
}

const READ_EVENTS = `
  select seq, type, data, created_at
    from task_events
   where task_id = $1 and seq > $2
   order by seq
   limit $3`

/** What happened to a task after `seq`, in order of commit. */
export async function readEvents(store: Queryable, taskId: string, seq: number, limit: number): Promise<TaskEvent[]> {
  const { rows } = await store.query<{ seq: number; type: string; data: Record<string, unknown>; created_at: Date }>(
    READ_EVENTS,
    [taskId, seq, limit],
  )
  return rows.map((row) => ({ seq: Number(row.seq), type: row.type, data: row.data, at: row.created_at }))
}
