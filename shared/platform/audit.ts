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
