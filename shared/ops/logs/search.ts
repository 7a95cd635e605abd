import type { TaskLogLevel } from '../../engine/log-lines.ts'
import { type LogRow, logOf, type StoredLog } from '../../engine/read-logs.ts'
import type { Store } from '../../platform/store.ts'
import { gramsOfText, tagGram } from './grams.ts'

export interface LogSearch {
  /** Found anywhere in the message, in any language; or the id of a task, an execution or a trace, or a part of it. */
  readonly q?: string | undefined
  readonly level?: TaskLogLevel | undefined
  readonly taskId?: string | undefined
  readonly step?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

export interface FoundLog extends StoredLog {
  readonly taskId: string
}

export interface FoundLogs {
  readonly lines: readonly FoundLog[]
  /** The line before which the search goes on; null when all have been looked at. */
  readonly before: number | null
}

const PORTIONS = [8, 32, 128, 256] as const // blocks looked into at once: a few find the newest lines of a common word
const BLOCKS_MAX = 400 // a request: a hundred thousand lines, a quarter of a second; the cursor then leads on
const CANDIDATES_MAX = 2_000

const COLUMNS = `l.id, l.timestamp, l.log_level, l.step_name, l.execution_id, l.module_name, l.message, l.extra_data, l.task_id`

// An id is looked for in the ids as well.
const MATCHES = `
      ($2::text is null or l.log_level = $2)
  and ($3::text is null or l.step_name = $3)
  and ($4::text is null or l.task_id = $4)
  and ($5::timestamptz is null or l.timestamp >= $5)
  and ($6::timestamptz is null or l.timestamp < $6)
  and ($7::text is null
       or position(lower($7) in lower(l.message)) > 0
       or ($8::boolean and position(lower($7) in lower(concat_ws(' ', l.task_id, l.execution_id, l.extra_data ->> 'trace_id'))) > 0))`

const READ_FOLDED_TO = `
  select folded_to
    from log_folding
   where name = 'task_logs'`

// Lines that are in no block yet: those of the last two minutes, or fewer than fill one.
const SEARCH_TAIL = `
  select ${COLUMNS}
    from data_pipeline_task_logs l
   where l.id > $1
     and l.id < $9
     and ${MATCHES}
   order by l.id desc
   limit $10`

// Found by the index of the grams; materialized, since by the order alone every block would be unpacked.
const FIND_BLOCKS = `
  with hits as materialized (
    select from_id, to_id
      from log_blocks
     where ($1::integer[] = '{}' or grams @> $1)
       and from_id < $2
       and ($3::timestamptz is null or last_at >= $3)
       and ($4::timestamptz is null or first_at < $4)
  )
  select from_id, to_id
    from hits
   order by to_id desc
   limit $5`

const FIND_BLOCKS_BY_GRAMS = FIND_BLOCKS.replace(`($1::integer[] = '{}' or grams @> $1)`, 'grams @> $1::integer[]')

// "offset 0" keeps each block's lines a look of its own by the primary key: joined, the whole table might be walked by
// its order instead.
const SEARCH_BLOCKS = `
  select l.*
    from jsonb_to_recordset($1::jsonb) as b (from_id bigint, to_id bigint)
   cross join lateral (
     select ${COLUMNS}
       from data_pipeline_task_logs l
      where l.id between b.from_id and b.to_id
        and l.id < $9
        and ${MATCHES}
     offset 0
   ) l
   order by l.id desc
   limit $10`

interface Block {
  readonly from_id: number
  readonly to_id: number
}

const NEWEST = Number.MAX_SAFE_INTEGER

/**
 * Lines of all tasks, newest first. Reads blocks of lines that can contain what is looked for, and of these only as many
 * as fill the page; a page may be short, or empty, and yet lead on.
 * @param before the line before which to begin, as the page before has answered it
 */
export async function searchLogs(
  store: Store,
  search: LogSearch,
  { before, limit }: { before: number | null; limit: number },
): Promise<FoundLogs> {
  const filter = filterOf(search)
  const from = before ?? NEWEST
  const foldedTo = (await store.query<{ folded_to: number }>(READ_FOLDED_TO)).rows[0]?.folded_to ?? 0
  const found: FoundLog[] = []
  if (from > foldedTo) {
    const { rows } = await store.query<FoundRow>(SEARCH_TAIL, [foldedTo, ...filter, from, limit + 1])
    found.push(...rows.map(foundOf))
  }
  const blocks = found.length > limit ? [] : await findBlocks(store, search, from)
  let looked = 0
  for (let portion = 0; looked < Math.min(blocks.length, BLOCKS_MAX) && found.length <= limit; portion++) {
    const some = blocks.slice(looked, Math.min(looked + (PORTIONS[portion] ?? BLOCKS_MAX), BLOCKS_MAX))
    looked += some.length
    const values = [JSON.stringify(some), ...filter, from, limit + 1 - found.length]
    const { rows } = await store.query<FoundRow>(SEARCH_BLOCKS, values)
    found.push(...rows.map(foundOf))
  }
  const lines = found.slice(0, limit)
  if (found.length > limit) return { lines, before: lines.at(-1)?.id ?? null }
  const unread = blocks[looked]
  return { lines, before: unread === undefined ? null : unread.to_id + 1 }
}

async function findBlocks(store: Store, search: LogSearch, before: number): Promise<Block[]> {
  const grams = gramsOf(search)
  const statement = grams.length === 0 ? FIND_BLOCKS : FIND_BLOCKS_BY_GRAMS
  const values = [grams, before, search.from ?? null, search.to ?? null, CANDIDATES_MAX]
  return (await store.query<Block>(statement, values)).rows
}

function gramsOf({ q, level, taskId, step }: LogSearch): number[] {
  return [
    ...(q === undefined ? [] : gramsOfText(q)),
    ...(level === undefined ? [] : [tagGram('level', level)]),
    ...(taskId === undefined ? [] : [tagGram('task', taskId)]),
    ...(step === undefined ? [] : [tagGram('step', step)]),
  ]
}

/** `$2` to `$8`. */
function filterOf({ q, level, taskId, step, from, to }: LogSearch): unknown[] {
  const isId = q !== undefined && /^[\w-]*\d[\w-]*$/.test(q)
  return [level ?? null, step ?? null, taskId ?? null, from ?? null, to ?? null, q ?? null, isId]
}

interface FoundRow extends LogRow {
  task_id: string
}

function foundOf(row: FoundRow): FoundLog {
  return { ...logOf(row), taskId: row.task_id }
}
