import type { Queryable } from '../../platform/store.ts'

/** The tables that a clean-up changes, with what names one of a task's rows and the columns that it may change. */
const TABLES = {
  tasks: {
    name: 'data_pipeline_tasks',
    task: 't.id',
    key: 't.id',
    columns: 'status, step_status, progress, started_at, completed_at, error_message, error_code, result, event_seq',
  },
  executions: {
    name: 'data_pipeline_task_executions',
    task: 't.task_id',
    key: 't.execution_id',
    columns:
      'status, completed_at, error_message, error_code, attempt, claim, available_at, admitted_at, lease_owner, lease_expires_at, heartbeat_at, deadline_at',
  },
  outputs: {
    name: 'data_pipeline_task_outputs',
    task: 't.task_id',
    key: 't.file_name',
    columns: 'file_size, content_hash, modified_at',
  },
  checkpoints: {
    name: 'task_checkpoints',
    task: 't.task_id',
    key: "t.step || ':' || t.item",
    columns: 'value',
  },
  events: { name: 'task_events', task: 't.task_id', key: 't.seq::text', columns: 'data' },
} as const

export type TableName = keyof typeof TABLES
export type RowAction = 'delete' | 'update' | 'insert'

/** One row of a task, as it was when it was looked at. */
export interface RowRef {
  readonly table: TableName
  readonly key: string
  /** MD5 of the row as Postgres writes it: only a row that is still the same is touched. */
  readonly hash: string
}

const statements = (make: (table: (typeof TABLES)[TableName], short: TableName) => string) =>
  Object.fromEntries(
    Object.entries(TABLES).map(([short, table]) => [short, make(table, short as TableName)]),
  ) as Readonly<Record<TableName, string>>

const FIND = statements(
  ({ name, task, key }) => `
  select ${key} as key, md5(t::text) as hash
    from ${name} t
   where ${task} = $1 and ${key} = any($2)
   order by 1`,
)

// By the primary key; the keys are not known beforehand.
const FIND_CHECKPOINTS = `
  select ${TABLES.checkpoints.key} as key, md5(t::text) as hash
    from task_checkpoints t
   where t.task_id = $1 and t.step = any($2)
   order by 1`

// The guard is the hash: a row that is no longer as it was planned stays. What goes is kept by the same statement.
const DELETE = statements(
  ({ name, task, key }, short) => `
  with gone as (
    delete from ${name} t
     using unnest($4::text[], $5::text[]) as planned (key, hash)
     where ${task} = $1 and ${key} = planned.key and md5(t::text) = planned.hash
    returning ${key} as key, t::text as image
  )
  insert into cleanup_rows (cleanup_id, no, table_name, row_key, action, before_image)
  select $2, $3 + row_number() over (order by key), '${short}', key, 'delete', image
    from gone
  returning row_key as key`,
)

const UPDATE = statements(
  ({ name, task, key, columns }, short) => `
  with old as (
    select ${key} as key, t::text as image
      from ${name} t
     where ${task} = $1 and ${key} = $4 and md5(t::text) = $5
  ), changed as (
    update ${name} t
       set (${columns}) = (select ${columns} from jsonb_populate_record(t, $6::jsonb))
      from old
     where ${task} = $1 and ${key} = old.key
    returning ${key} as key, t::text as image
  )
  insert into cleanup_rows (cleanup_id, no, table_name, row_key, action, before_image, after_image)
  select $2, $3 + 1, '${short}', old.key, 'update', old.image, changed.image
    from old join changed on changed.key = old.key
  returning row_key as key`,
)

const IMAGE = statements(
  ({ name, task, key }) => `
  select t::text as image
    from ${name} t
   where ${task} = $1 and ${key} = $2`,
)

// A row that was removed must not have come back; one that was changed or added must still be as it was left.
const CONFLICTS = statements(
  ({ name, task, key }, short) => `
  select c.row_key as key, c.action
    from cleanup_rows c
   where c.cleanup_id = $2 and c.table_name = '${short}'
     and case c.action
           when 'delete' then exists (select from ${name} t where ${task} = $1 and ${key} = c.row_key)
           else not exists (select from ${name} t where ${task} = $1 and ${key} = c.row_key and t::text = c.after_image)
         end
   order by c.no`,
)

const PUT_BACK = statements(
  ({ name }, short) => `
  insert into ${name}
  select (c.before_image::${name}).*
    from cleanup_rows c
   where c.cleanup_id = $2 and c.table_name = '${short}' and c.action = 'delete' and $1::text is not null
   order by c.no`,
)

const CHANGE_BACK = statements(
  ({ name, task, key, columns }, short) => `
  update ${name} t
     set (${columns}) = (select ${columns} from (select (c.before_image::${name}).*) before)
    from cleanup_rows c
   where c.cleanup_id = $2 and c.table_name = '${short}' and c.action = 'update' and ${task} = $1 and ${key} = c.row_key`,
)

const TAKE_OUT = statements(
  ({ name, task, key }, short) => `
  delete from ${name} t
   using cleanup_rows c
   where c.cleanup_id = $2 and c.table_name = '${short}' and c.action = 'insert' and ${task} = $1 and ${key} = c.row_key`,
)

const KEEP_ROW = `
  insert into cleanup_rows (cleanup_id, no, table_name, row_key, action, before_image, after_image)
  values ($1, $2, $3, $4, $5, $6, $7)`

type Found = { key: string; hash: string }

/** A task's rows of those keys, as they are now. */
export async function findRows(store: Queryable, taskId: string, table: TableName, keys: readonly string[]) {
  if (keys.length === 0) return []
  return (await store.query<Found>(FIND[table], [taskId, keys])).rows.map((row): RowRef => ({ table, ...row }))
}

export async function findCheckpoints(store: Queryable, taskId: string, steps: readonly string[]): Promise<RowRef[]> {
  if (steps.length === 0) return []
  const { rows } = await store.query<Found>(FIND_CHECKPOINTS, [taskId, steps])
  return rows.map((row) => ({ table: 'checkpoints', ...row }))
}

/** Where a clean-up keeps what it changes. */
export interface Keeping {
  readonly taskId: string
  readonly cleanupId: string
  /** Rows that were kept before. */
  readonly kept: number
}

/** Removes rows that are still as planned, and keeps them. @returns the keys of those that were */
export async function deleteRows(tx: Queryable, at: Keeping, table: TableName, rows: readonly RowRef[]) {
  if (rows.length === 0) return []
  const [keys, hashes] = [rows.map(({ key }) => key), rows.map(({ hash }) => hash)]
  const answer = await tx.query<{ key: string }>(DELETE[table], [at.taskId, at.cleanupId, at.kept, keys, hashes])
  return answer.rows.map(({ key }) => key)
}

/** Changes one row that is still as planned, and keeps it. @returns whether it was */
export async function updateRow(tx: Queryable, at: Keeping, row: RowRef, change: object): Promise<boolean> {
  const values = [at.taskId, at.cleanupId, at.kept, row.key, row.hash, JSON.stringify(change)]
  return (await tx.query(UPDATE[row.table], values)).rowCount > 0
}

/** One row as Postgres writes it. */
export async function imageOf(tx: Queryable, taskId: string, table: TableName, key: string): Promise<string | null> {
  return (await tx.query<{ image: string }>(IMAGE[table], [taskId, key])).rows[0]?.image ?? null
}

/** Keeps a row that something else has changed. */
export async function keepRow(
  tx: Queryable,
  at: Keeping,
  row: { table: TableName; key: string; action: RowAction; before: string | null; after: string | null },
): Promise<void> {
  await tx.query(KEEP_ROW, [at.cleanupId, at.kept + 1, row.table, row.key, row.action, row.before, row.after])
}

const NAMES = Object.keys(TABLES) as TableName[]

/** Rows that are not as the clean-up has left them, so that it can't be undone. */
export async function rowConflicts(tx: Queryable, taskId: string, cleanupId: string) {
  const conflicts: { table: TableName; key: string; action: RowAction }[] = []
  for (const table of NAMES) {
    const { rows } = await tx.query<{ key: string; action: RowAction }>(CONFLICTS[table], [taskId, cleanupId])
    conflicts.push(...rows.map((row) => ({ table, ...row })))
  }
  return conflicts
}

/** Gives every row that a clean-up changed its former shape, to the byte. */
export async function restoreRows(tx: Queryable, taskId: string, cleanupId: string): Promise<number> {
  let restored = 0
  for (const table of NAMES) {
    for (const statement of [TAKE_OUT[table], CHANGE_BACK[table], PUT_BACK[table]]) {
      // The task's own row is never removed, so that nothing is ever to be put back there.
      if (table === 'tasks' && statement === PUT_BACK[table]) continue
      restored += (await tx.query(statement, [taskId, cleanupId])).rowCount
    }
  }
  return restored
}
