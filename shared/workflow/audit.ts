import { jsonbText } from '../platform/jsonb-text.ts'
import type { Queryable } from '../platform/store.ts'

export interface AuditEntry {
  readonly at: Date
  readonly actor: string
  /** What was done, as `workflow.changed`. */
  readonly action: string
  /** To what, as `workflow/sales`. */
  readonly target: string
  readonly reason?: string | null
  readonly before?: unknown
  readonly after?: unknown
  readonly requestId?: string | null
}

const INSERT_ENTRY = `
  insert into audit_log (at, actor, action, target, reason, before, after, request_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`

/** Notes who changed what, in the transaction of the change. */
export async function audit(tx: Queryable, entry: AuditEntry): Promise<void> {
  const { at, actor, action, target, reason, before, after, requestId } = entry
  const json = (value: unknown) => (value === undefined ? null : jsonbText(value))
  await tx.query(INSERT_ENTRY, [
    at,
    actor,
    action,
    target,
    reason ?? null,
    json(before),
    json(after),
    requestId ?? null,
  ])
}
