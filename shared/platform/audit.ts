import { jsonbText } from './jsonb-text.ts'
import type { Queryable } from './store.ts'

/** A change that somebody made, with what was before and after. */
export interface AuditEntry {
  readonly at: Date
  readonly actor: string
  /** `node.created`, `settings.changed` … */
  readonly action: string
  readonly target: string
  readonly reason?: string | null
  readonly before?: unknown
  readonly after?: unknown
  readonly requestId?: string | null
}

const WRITE_ENTRY = `
  insert into audit_log (at, actor, action, target, reason, before, after, request_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`

/** Writes an entry, in the transaction of the change where there is one. */
export async function writeAudit(store: Queryable, entry: AuditEntry): Promise<void> {
  const { at, actor, action, target, reason, before, after, requestId } = entry
  const json = (value: unknown) => (value === undefined ? null : jsonbText(value))
  const values = [at, actor.slice(0, 100), action, target.slice(0, 300), reason ?? null]
  await store.query(WRITE_ENTRY, [...values, json(before), json(after), requestId ?? null])
}

/** An entry as it was written. */
export interface StoredAuditEntry extends Omit<Required<AuditEntry>, 'reason' | 'requestId'> {
  readonly id: number
  readonly reason: string | null
  readonly requestId: string | null
}

// Newest first by the primary key: order of numbers is order of writing.
const LIST_ENTRIES = `
  select id, at, actor, action, target, reason, before, after, request_id
    from audit_log
   where ($1::bigint is null or id < $1)
     and ($2::text is null or actor = $2) and ($3::text is null or action = $3) and ($4::text is null or target = $4)
   order by id desc
   limit $5`

/** Entries, newest first, behind that one. */
export async function listAudit(
  store: Queryable,
  filter: { actor?: string | undefined; action?: string | undefined; target?: string | undefined },
  limit: number,
  before: number | null,
): Promise<{ entries: StoredAuditEntry[]; next: number | null }> {
  const values = [before, filter.actor ?? null, filter.action ?? null, filter.target ?? null, limit + 1]
  const { rows } = await store.query<Omit<StoredAuditEntry, 'requestId'> & { request_id: string | null }>(
    LIST_ENTRIES,
    values,
  )
  const entries = rows.slice(0, limit).map(({ request_id: requestId, ...row }) => ({ ...row, requestId }))
  return { entries, next: rows.length > limit ? (entries.at(-1)?.id ?? null) : null }
}
