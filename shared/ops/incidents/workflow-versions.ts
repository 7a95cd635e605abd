import type { Queryable } from '../../platform/store.ts'
import { checkWorkflow } from '../../workflow/change-workflow.ts'
import type { Json } from '../../workflow/definition/definition.ts'
import { stateHash, type WorkflowState } from '../../workflow/workflow-store.ts'

const WORKFLOWS_MAX = 200 // the latest changed: a version that was good stays so unless somebody touches it
const VERSIONS_MAX = 50

const COLUMNS = 'w.id, v.version, v.definition, v.frozen, v.content_hash, v.restores'

// By primary keys.
const LIST_CURRENT = `
  select ${COLUMNS}
    from workflows w
    join workflow_versions v on v.workflow_id = w.id and v.version = w.current_version
   where w.enabled
   order by w.updated_at desc, w.id
   limit ${WORKFLOWS_MAX}`

const LIST_BEFORE = `
  select ${COLUMNS}
    from workflows w
    join workflow_versions v on v.workflow_id = w.id
   where w.id = $1 and v.version < $2
   order by v.version desc
   limit ${VERSIONS_MAX}`

const COUNT = 'select count(*)::integer as count from workflows where enabled'

/** As it lies in the store, whatever somebody has made of it. */
export interface StoredVersion extends WorkflowState {
  readonly id: string
  readonly version: number
  readonly content_hash: string
  readonly restores: number | null
}

export async function listCurrentVersions(store: Queryable): Promise<readonly StoredVersion[]> {
  return (await store.query<StoredVersion>(LIST_CURRENT)).rows
}

export async function countWorkflows(store: Queryable): Promise<number> {
  return (await store.query<{ count: number }>(COUNT)).rows[0]?.count ?? 0
}

/** What is wrong with a version: `content-changed`, or the code of its first finding; null when nothing is. */
export async function faultOf(store: Queryable, version: StoredVersion): Promise<string | null> {
  const { definition, frozen, content_hash: hash } = version
  const { findings } = await checkWorkflow(store, definition as unknown as Json, 'en', { held: frozen })
  const error = findings.find(({ severity }) => severity === 'error')
  if (error !== undefined) return error.code
  return stateHash({ definition, frozen }) === hash ? null : 'content-changed'
}

/** The newest good version before one; null when there is none among the latest. */
export async function lastGoodVersion(store: Queryable, id: string, before: number): Promise<StoredVersion | null> {
  const { rows } = await store.query<StoredVersion>(LIST_BEFORE, [id, before])
  for (const version of rows) if ((await faultOf(store, version)) === null) return version
  return null
}
