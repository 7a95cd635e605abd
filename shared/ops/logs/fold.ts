import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import { gramsOfLine, type SearchableLine } from './grams.ts'

export const BLOCK_LINES = 256 // a search that finds one line reads so many: a fifth of a millisecond
const BATCH_LINES = 16 * BLOCK_LINES // of a transaction: the embedded store does nothing else meanwhile
const RUN_LINES_MAX = 10 * BATCH_LINES // of a tick, some seconds under load: 680 lines a second, for a minute
const CHECKED_MAX = 500 // blocks a tick that are looked at for lines that are gone

export interface FoldCounts {
  readonly lines: number
  readonly blocks: number
  readonly emptied: number
}

// One folder at a time; another one finds the row changed when it gets it.
const LOCK = `
  select folded_to, horizon_id, horizon_writers, checked_to,
         coalesce((select max(id) from data_pipeline_task_logs), 0) as last_id
    from log_folding
   where name = 'task_logs'
     for update`

// Whoever inserts a line locks the table before it takes the line's number, and until its transaction ends. Also prepared
// transactions are listed, and nothing of other databases. A statement of its own: it must look after the last line is read.
const LIST_WRITERS = `
  select distinct virtualtransaction as writer
    from pg_locks
   where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
     and relation = 'data_pipeline_task_logs'::regclass
     and database = (select oid from pg_database where datname = current_database())`

const SET_HORIZON = `
  update log_folding
     set horizon_id = $1, horizon_writers = $2, horizon_at = $3
   where name = 'task_logs'`

const SET_FOLDED = `
  update log_folding
     set folded_to = $1
   where name = 'task_logs'`

const SET_CHECKED = `
  update log_folding
     set checked_to = $1
   where name = 'task_logs'`

const READ_LINES = `
  select id, timestamp, task_id, execution_id, log_level, step_name, message, extra_data ->> 'trace_id' as trace_id
    from data_pipeline_task_logs
   where id > $1
     and id <= $2
   order by id
   limit $3`

const INSERT_BLOCKS = `
  insert into log_blocks (to_id, from_id, first_at, last_at, grams)
  select b.to_id, b.from_id, b.first_at, b.last_at,
         (select array_agg(gram::integer) from jsonb_array_elements_text(b.grams) gram)
    from jsonb_to_recordset($1::jsonb) as b
         (to_id bigint, from_id bigint, first_at timestamptz, last_at timestamptz, grams jsonb)
      on conflict (to_id) do nothing`

// The lines of old tasks are deleted by whoever deletes the task; a block is of no use once they are all gone.
const DELETE_EMPTIED = `
  with looked as (
    select to_id, from_id
      from log_blocks
     where to_id > $1
     order by to_id
     limit $2
  ), gone as (
    delete from log_blocks b
     using looked l
     where b.to_id = l.to_id
       and not exists (select from data_pipeline_task_logs t where t.id between l.from_id and l.to_id)
    returning b.to_id
  )
  select (select count(*) from gone) as emptied, (select count(*) from looked) as looked,
         (select max(to_id) from looked) as checked_to`

/** Folds new lines into blocks that a search finds, and forgets blocks whose lines are gone. Safe to run twice at once. */
export async function foldLogs(platform: Platform): Promise<FoldCounts> {
  const { store, clock } = platform
  let [lines, blocks] = [0, 0]
  while (lines < RUN_LINES_MAX) {
    const folded = await store.transaction(foldBatch)
    lines += folded.lines
    blocks += folded.blocks
    if (folded.lines < BATCH_LINES) break
  }
  await store.transaction((tx) => moveHorizon(tx, clock.now()))
  const emptied = await store.transaction(forgetEmptied)
  return { lines, blocks, emptied }
}

/**
 * Numbers are handed out before transactions commit: a line with a smaller number than one that is seen may come yet.
 * So lines are folded up to a number that was the last one at a moment from which no transaction is left that wrote any.
 */
async function moveHorizon(tx: Queryable, now: Date): Promise<void> {
  const state = await lock(tx)
  const writers = await listWriters(tx)
  if (isSettled(state, writers)) await tx.query(SET_HORIZON, [Math.max(state.last_id, state.folded_to), writers, now])
}

/** Whether all who may have held a number below the horizon are done. */
function isSettled({ horizon_writers: before }: StateRow, writers: readonly string[]): boolean {
  return !before.some((writer) => writers.includes(writer))
}

async function listWriters(tx: Queryable): Promise<string[]> {
  return (await tx.query<{ writer: string }>(LIST_WRITERS)).rows.map(({ writer }) => writer)
}

async function foldBatch(tx: Queryable): Promise<{ lines: number; blocks: number }> {
  const state = await lock(tx)
  if (!isSettled(state, await listWriters(tx))) return { lines: 0, blocks: 0 }
  const { rows } = await tx.query<LineRow>(READ_LINES, [state.folded_to, state.horizon_id, BATCH_LINES])
  const blocks = blocksOf(rows, state.folded_to)
  const last = blocks.at(-1)
  if (last === undefined) return { lines: 0, blocks: 0 }
  await tx.query(INSERT_BLOCKS, [JSON.stringify(blocks)])
  await tx.query(SET_FOLDED, [last.to_id])
  return { lines: blocks.length * BLOCK_LINES, blocks: blocks.length }
}

/** Full blocks: what is left over is fewer lines than one block, and is read line by line until then. */
function blocksOf(rows: readonly LineRow[], foldedTo: number) {
  const blocks = []
  let from = foldedTo + 1
  for (let at = 0; at + BLOCK_LINES <= rows.length; at += BLOCK_LINES) {
    const lines = rows.slice(at, at + BLOCK_LINES)
    const [first, last] = [lines[0], lines.at(-1)]
    if (first === undefined || last === undefined) break
    const grams = new Set<number>()
    for (const line of lines) gramsOfLine(searchable(line), grams)
    const times = lines.map(({ timestamp }) => timestamp.getTime())
    blocks.push({
      from_id: from,
      to_id: last.id,
      first_at: new Date(Math.min(...times)),
      last_at: new Date(Math.max(...times)),
      grams: [...grams],
    })
    from = last.id + 1
  }
  return blocks
}

async function forgetEmptied(tx: Queryable): Promise<number> {
  const { checked_to: checkedTo } = await lock(tx)
  const { rows } = await tx.query<{ emptied: number; looked: number; checked_to: number | null }>(DELETE_EMPTIED, [
    checkedTo,
    CHECKED_MAX,
  ])
  const { emptied = 0, looked = 0, checked_to: next = null } = rows[0] ?? {}
  const after = looked < CHECKED_MAX ? 0 : (next ?? 0)
  if (after !== checkedTo) await tx.query(SET_CHECKED, [after])
  return emptied
}

async function lock(tx: Queryable): Promise<StateRow> {
  const { rows } = await tx.query<StateRow>(LOCK)
  const [state] = rows
  if (state === undefined) throw new Error('The row of log_folding is missing; run `helix migrate`')
  return state
}

interface StateRow {
  folded_to: number
  horizon_id: number
  horizon_writers: readonly string[]
  checked_to: number
  last_id: number
}

interface LineRow {
  id: number
  timestamp: Date
  task_id: string
  execution_id: string | null
  log_level: string
  step_name: string | null
  message: string
  trace_id: string | null
}

function searchable(row: LineRow): SearchableLine {
  return {
    message: row.message,
    level: row.log_level,
    step: row.step_name,
    taskId: row.task_id,
    executionId: row.execution_id,
    traceId: row.trace_id,
  }
}
