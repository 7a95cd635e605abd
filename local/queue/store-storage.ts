import type { Message } from '../../shared/platform/queue.ts'
import type { Store } from '../../shared/platform/store.ts'
import {
  type Change,
  DEAD_MAX,
  type QueueStorage,
  type StoredMessage,
  type TakenMessage,
  type Taking,
} from './storage.ts'

const COLUMNS = 'id::text, message, attempt, deliveries, in_flight, sent_at, visible_at, reason, died_at'

// Many at once: senders share a statement and its commit.
const ADD = `
  with given as (
    select item, place from jsonb_array_elements($1::jsonb) with ordinality as items (item, place)
  ), added as (
    insert into local_queue_messages (message, sent_at, visible_at)
    select (item ->> 'message')::json, (item ->> 'sentAt')::timestamptz, (item ->> 'visibleAt')::timestamptz
      from given
     order by place
    returning id
  )
  select jsonb_agg(id::text order by id) as answers from added`

// By idx_local_queue_living. Materialised: a subquery that locks and is inlined may lock more rows than its limit.
const TAKE = `
  with due as materialized (
    select id, in_flight as lapsed, visible_at as due_at
      from local_queue_messages
     where died_at is null and visible_at <= $1
     order by visible_at, id
     limit $2
       for update skip locked
  ), taken as (
    update local_queue_messages as message
       set in_flight = true, visible_at = $3, deliveries = deliveries + 1,
           attempt = attempt + case when in_flight then 1 else 0 end,
           reason = case when in_flight then $4 else reason end
     where message.id = any (array(select id from due))
    returning message.*
  )
  select ${COLUMNS.replace('id::text', 'taken.id::text')}, due.lapsed
    from taken join due on due.id = taken.id
   order by due.due_at, taken.id`

// Of two answers to one delivery exactly one finds its row: the guard is that it is the latest, and still counts.
const GUARD = 'id = $1 and deliveries = $2 and in_flight and visible_at > $3 and died_at is null'

const DONE = `delete from local_queue_messages where ${GUARD}`

const AGAIN = `
  update local_queue_messages
     set in_flight = false, visible_at = $4, attempt = attempt + case when $5::text is null then 0 else 1 end,
         reason = coalesce($5, reason)
   where ${GUARD}`

const DEAD = `
  update local_queue_messages
     set in_flight = false, visible_at = $3, died_at = $3, reason = $4, attempt = attempt + $5::int
   where ${GUARD}`

// By idx_local_queue_dead.
const PRUNE = `
  delete from local_queue_messages
   where id = any (array(
     select id from local_queue_messages where died_at is not null order by died_at desc, id desc offset $1))`

const NEXT = `
  select visible_at from local_queue_messages where died_at is null order by visible_at, id limit 1`

const COUNTS = `
  select count(*) filter (where died_at is null and visible_at <= $1)::int as ready,
         count(*) filter (where died_at is null and visible_at > $1 and in_flight)::int as in_flight,
         count(*) filter (where died_at is null and visible_at > $1 and not in_flight)::int as later,
         count(*) filter (where died_at is not null)::int as dead
    from local_queue_messages`

const LIST = `
  select ${COLUMNS} from local_queue_messages order by died_at nulls first, visible_at, local_queue_messages.id`

const REVIVE = `
  with revived as (
    update local_queue_messages
       set died_at = null, reason = null, attempt = 0, visible_at = $2
     where died_at is not null and ($1::text is null or id::text = $1)
    returning *
  )
  select ${COLUMNS} from revived order by revived.id`

const CLEAR = 'delete from local_queue_messages'

/**
 * Keeps messages in the store, where they survive the process and runners on one store share them.
 * @param store asked for at each use: it is opened after the queue
 */
export function storeStorage(store: () => Store): QueueStorage {
  return {
    shared: true,
    add: (message, { sentAt, visibleAt }) =>
      store().together<string>(ADD, { message: JSON.stringify(message), sentAt, visibleAt }),
    async take({ now, max, visibleAt, lapse }: Taking): Promise<readonly TakenMessage[]> {
      const { rows } = await store().query<TakenRow>(TAKE, [now, max, visibleAt, lapse])
      return rows.map((row) => ({ ...messageOf(row), lapsed: row.lapsed }))
    },
    async settle({ id, deliveries }, now, change) {
      const [text, values] = statementOf(change)
      const { rowCount } = await store().query(text, [id, deliveries, now, ...values])
      if (rowCount === 1 && change.kind === 'dead') await store().query(PRUNE, [DEAD_MAX])
      return rowCount === 1
    },
    async nextVisibleAt() {
      const { rows } = await store().query<{ visible_at: Date }>(NEXT)
      return rows[0]?.visible_at ?? null
    },
    async counts(now) {
      const { rows } = await store().query<CountsRow>(COUNTS, [now])
      const { ready = 0, in_flight: inFlight = 0, later = 0, dead = 0 } = rows[0] ?? {}
      return { ready, inFlight, later, dead }
    },
    list: async () => (await store().query<Row>(LIST)).rows.map(messageOf),
    revive: async (id, now) => (await store().query<Row>(REVIVE, [id, now])).rows.map(messageOf),
    clear: async () => (await store().query(CLEAR)).rowCount,
  }
}

function statementOf(change: Change): [text: string, values: readonly unknown[]] {
  if (change.kind === 'done') return [DONE, []]
  if (change.kind === 'again') return [AGAIN, [change.visibleAt, change.failed]]
  return [DEAD, [change.reason, change.counts ? 1 : 0]]
}

interface Row {
  readonly id: string
  readonly message: Message
  readonly attempt: number
  readonly deliveries: number
  readonly in_flight: boolean
  readonly sent_at: Date
  readonly visible_at: Date
  readonly reason: string | null
  readonly died_at: Date | null
}

interface TakenRow extends Row {
  readonly lapsed: boolean
}

interface CountsRow {
  readonly ready: number
  readonly in_flight: number
  readonly later: number
  readonly dead: number
}

function messageOf(row: Row): StoredMessage {
  const { id, message, attempt, deliveries, reason } = row
  const times = { sentAt: row.sent_at, visibleAt: row.visible_at, diedAt: row.died_at }
  return { id, message, attempt, deliveries, reason, inFlight: row.in_flight, ...times }
}
