import { decodeCursor, encodeCursor } from '../platform/cursor.ts'
import type { Queryable } from '../platform/store.ts'
import { TASK_COLUMNS, type Task, type TaskRow, taskOf } from './task.ts'
import type { TaskStatus } from './transitions.ts'

export interface TaskFilter {
  readonly status?: TaskStatus | undefined
  readonly taskType?: string | undefined
  readonly dbName?: string | undefined
  readonly createdBy?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  /** Found in the id, the business context or the source's name. */
  readonly q?: string | undefined
}

export interface TaskPage {
  readonly tasks: readonly Task[]
  readonly cursor: string | null
}

// Pages by the index on (created_at desc, id desc); created_at goes through text, since a Date would lose microseconds.
const LIST_TASKS = `
  select ${TASK_COLUMNS}, created_at::text as created_text
    from data_pipeline_tasks
   where ($1::text is null or status = $1)
     and ($2::text is null or task_type = $2)
     and ($3::text is null or db_name = $3)
     and ($4::text is null or created_by = $4)
     and ($5::timestamptz is null or created_at >= $5)
     and ($6::timestamptz is null or created_at < $6)
     and ($7::text is null or position(lower($7) in lower(concat_ws(' ', id, db_name, business_context))) > 0)
     and ($8::text is null or (created_at, id) < ($8::timestamptz, $9))
   order by created_at desc, id desc
   limit $10`

// The newest task under way, else the newest that has completed, each by an index of its own.
const FIND_ACTIVE_TASK = `
  select *
    from (
      (select ${TASK_COLUMNS}
         from data_pipeline_tasks
        where status = 'in_progress'
        order by started_at desc nulls last, id desc
        limit 1)
      union all
      (select ${TASK_COLUMNS}
         from data_pipeline_tasks
        where status = 'completed'
        order by completed_at desc, id desc
        limit 1)
    ) latest
   order by (status = 'in_progress') desc
   limit 1`

/** Newest first. @throws {Problem} `invalid_request` for a cursor that is not one of ours */
export async function listTasks(
  store: Queryable,
  filter: TaskFilter,
  limit: number,
  cursor: string | null,
): Promise<TaskPage> {
  const [after, afterId] = cursor === null ? [null, null] : decodeCursor(cursor, 2)
  const { rows } = await store.query<TaskRow & { created_text: string }>(LIST_TASKS, [
    filter.status ?? null,
    filter.taskType ?? null,
    filter.dbName ?? null,
    filter.createdBy ?? null,
    filter.from ?? null,
    filter.to ?? null,
    filter.q ?? null,
    after,
    afterId,
    limit + 1,
  ])
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const more = rows.length > limit && last !== undefined
  return { tasks: page.map(taskOf), cursor: more ? encodeCursor([last.created_text, last.id]) : null }
}

/** The task that the specification calls active: the latest under way, else the latest completed, else none. */
export async function findActiveTask(store: Queryable): Promise<Task | null> {
  const { rows } = await store.query<TaskRow>(FIND_ACTIVE_TASK)
  return rows[0] === undefined ? null : taskOf(rows[0])
}
