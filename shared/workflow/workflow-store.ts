import { decodeCursor, encodeCursor } from '../platform/cursor.ts'
import { Problem } from '../platform/problems.ts'
import type { Queryable } from '../platform/store.ts'
import { contentHash } from './definition/content-hash.ts'
import type { Json } from './definition/definition.ts'
import type { WorkflowDefinition } from './definition/workflow-definition.ts'
import { DATA_PIPELINE, DATA_PIPELINE_ID } from './graph/built-in.ts'

/** What a version of a workflow is: its definition, and what the nodes that it names were when it was saved. */
export interface WorkflowState {
  readonly definition: WorkflowDefinition
  /** Content hash of each node definition, by `name@version`. */
  readonly frozen: Readonly<Record<string, string>>
}

/** A workflow as of one of its versions. */
export interface Workflow extends WorkflowState {
  readonly id: string
  readonly version: number
  /** Equal for equal states. */
  readonly contentHash: string
  /** The version whose state this one repeats, made by a rollback; null for a change of its own. */
  readonly restores: number | null
  readonly builtIn: boolean
  /** It was taken out of use: only who names one of its versions still finds it. */
  readonly deleted: boolean
  readonly createdAt: Date
  /** When this version was made. */
  readonly updatedAt: Date
  readonly createdBy: string | null
}

const COLUMNS = `
  w.id, w.created_at, w.created_by, w.current_version, not w.enabled as deleted, v.version, v.definition, v.frozen, v.content_hash, v.restores,
  v.created_at as updated_at`

// Both by primary keys. Tasks keep the version that they name, also after the workflow was deleted.
const READ_WORKFLOW = `
  select ${COLUMNS}
    from workflows w
    join workflow_versions v on v.workflow_id = w.id and v.version = coalesce($2::integer, w.current_version)
   where w.id = $1 and ($2::integer is not null or w.enabled or $3)`

// Whoever changes a workflow holds its row, so that of two changes the second sees the first.
const LOCK_WORKFLOW = `
  select id
    from workflows
   where id = $1
     for update`

// Pages by the index on (created_at desc, id desc); created_at goes through text, since a Date would lose microseconds.
const LIST_WORKFLOWS = `
  select ${COLUMNS}, w.created_at::text as created_text
    from workflows w
    join workflow_versions v on v.workflow_id = w.id and v.version = w.current_version
   where w.enabled and ($1::text is null or position(lower($1) in lower(concat_ws(' ', w.id, w.name, w.description))) > 0)
     and ($2::text is null or (w.created_at, w.id) < ($2::timestamptz, $3))
   order by w.created_at desc, w.id desc
   limit $4`

const INSERT_WORKFLOW = `
  insert into workflows (id, name, description, current_version, enabled, created_at, updated_at, created_by)
  values ($1, $2, $3, 1, true, $4, $4, $5)
  on conflict (id) do nothing
  returning id`

const INSERT_VERSION = `
  insert into workflow_versions (workflow_id, version, definition, frozen, content_hash, restores, created_at, created_by)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`

const MOVE_TO_VERSION = `
  update workflows
     set current_version = $2, name = $3, description = $4, updated_at = $5, enabled = true
   where id = $1`

const TAKE_OUT = `
  update workflows
     set enabled = false, updated_at = $2
   where id = $1`

/**
 * A workflow as it is, or as it was in one of its versions; a built-in one too. What a runner starts from.
 * @throws {Problem} `workflow_not_found`
 */
export async function loadWorkflow(store: Queryable, id: string, version?: number): Promise<Workflow> {
  const found = await findWorkflow(store, id, version)
  if (found !== null) return found
  const named = version === undefined ? `"${id}"` : `version ${version} of "${id}"`
  throw new Problem('workflow_not_found', `Cannot find the workflow ${named}`)
}

/** The same, null where there is none. */
export async function findWorkflow(store: Queryable, id: string, version?: number): Promise<Workflow | null> {
  return await findAny(store, id, version, false)
}

async function findAny(
  store: Queryable,
  id: string,
  version: number | undefined,
  evenDeleted: boolean,
): Promise<Workflow | null> {
  if (id === DATA_PIPELINE_ID) return version === undefined || version === 1 ? builtInWorkflow() : null
  const { rows } = await store.query<WorkflowRow>(READ_WORKFLOW, [id, version ?? null, evenDeleted])
  return rows[0] === undefined ? null : workflowOf(rows[0])
}

/**
 * The present version, held until the transaction ends.
 * @throws {Problem} `workflow_not_found`, `workflow_read_only` for a built-in one
 */
export async function lockWorkflow(tx: Queryable, id: string, { evenDeleted = false } = {}): Promise<Workflow> {
  if (id === DATA_PIPELINE_ID) {
    throw new Problem('workflow_read_only', `The workflow "${id}" is built in and can not be changed`, {
      hint: `Copy it: POST /api/v1/workflows with {"id": "…", "copy_of": "${id}"}`,
    })
  }
  return (await holdWorkflow(tx, id, { evenDeleted })) ?? (await loadWorkflow(tx, id))
}

/** The same, null where there is none. */
export async function holdWorkflow(tx: Queryable, id: string, { evenDeleted = false } = {}): Promise<Workflow | null> {
  const { rowCount } = await tx.query(LOCK_WORKFLOW, [id])
  return rowCount === 0 ? null : await findAny(tx, id, undefined, evenDeleted)
}

export interface WorkflowPage {
  readonly workflows: readonly Workflow[]
  readonly cursor: string | null
}

/** Newest first; the built-in one begins the first page. @throws {Problem} `invalid_request` for a strange cursor */
export async function listWorkflows(
  store: Queryable,
  { q, limit, cursor }: { q?: string | undefined; limit: number; cursor: string | null },
): Promise<WorkflowPage> {
  const [after, afterId] = cursor === null ? [null, null] : decodeCursor(cursor, 2)
  const pipeline = builtInWorkflow()
  const told = `${pipeline.id} ${pipeline.definition.description}`.toLowerCase()
  const first = cursor === null && told.includes((q ?? '').toLowerCase()) ? [pipeline] : []
  const room = limit - first.length
  const values = [q ?? null, after, afterId, room + 1]
  const { rows } = await store.query<WorkflowRow & { created_text: string }>(LIST_WORKFLOWS, values)
  const page = rows.slice(0, room)
  const last = page.at(-1)
  const next = rows.length <= room ? null : last === undefined ? BEFORE_ALL : encodeCursor([last.created_text, last.id])
  return { workflows: [...first, ...page.map(workflowOf)], cursor: next }
}

// A page that had room for the built-in one only: the next begins with the newest.
const BEFORE_ALL = encodeCursor(['infinity', ''])

export interface NewVersion extends WorkflowState {
  readonly id: string
  readonly at: Date
  readonly by: string
  readonly restores?: number | null
}

/** Adds a workflow with its first version; null where the id is taken. */
export async function insertWorkflow(tx: Queryable, given: NewVersion): Promise<Workflow | null> {
  const { id, definition, at, by } = given
  const values = [id, definition.name ?? id, definition.description ?? null, at, by]
  const { rowCount } = await tx.query(INSERT_WORKFLOW, values)
  if (rowCount === 0) return null
  await insertVersion(tx, given, 1)
  return await loadWorkflow(tx, id)
}

/** Takes a workflow that is held out of use. Its versions stay, for the tasks that ran them and to go back to. */
export async function takeOut(tx: Queryable, id: string, at: Date): Promise<void> {
  await tx.query(TAKE_OUT, [id, at])
}

/** Adds the next version to a workflow that is held, and makes it the present one; a deleted one is back with it. */
export async function addVersion(tx: Queryable, current: Workflow, given: Omit<NewVersion, 'id'>): Promise<Workflow> {
  const { id, version } = current
  await insertVersion(tx, { ...given, id }, version + 1)
  const { name, description } = given.definition
  await tx.query(MOVE_TO_VERSION, [id, version + 1, name ?? id, description ?? null, given.at])
  return await loadWorkflow(tx, id)
}

async function insertVersion(tx: Queryable, { id, definition, frozen, restores, at, by }: NewVersion, version: number) {
  const hash = stateHash({ definition, frozen })
  const values = [id, version, JSON.stringify(definition), JSON.stringify(frozen), hash, restores ?? null, at, by]
  await tx.query(INSERT_VERSION, values)
}

/** Equal for states that say the same, in whatever order of keys. */
export function stateHash({ definition, frozen }: WorkflowState): string {
  return contentHash({ definition, frozen } as unknown as Json)
}

/** What `If-Match` compares: another one for each version. */
export function etagOf({ version, contentHash: hash }: Pick<Workflow, 'version' | 'contentHash'>): string {
  return `"${version}-${hash.slice(0, 12)}"`
}

interface WorkflowRow {
  readonly id: string
  readonly created_at: Date
  readonly created_by: string | null
  readonly deleted: boolean
  readonly version: number
  readonly definition: WorkflowDefinition
  readonly frozen: Readonly<Record<string, string>>
  readonly content_hash: string
  readonly restores: number | null
  readonly updated_at: Date
}

function workflowOf(row: WorkflowRow): Workflow {
  return {
    id: row.id,
    version: row.version,
    definition: inOrder(row.definition),
    frozen: row.frozen,
    contentHash: row.content_hash,
    restores: row.restores,
    builtIn: false,
    deleted: row.deleted,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    createdBy: row.created_by,
  }
}

const ORDER = ['name', 'description', 'inputs', 'nodes', 'edges', 'outputs'] as const
const NODE_ORDER = [
  'name',
  'node',
  'version',
  'for_each',
  'when',
  'inputs',
  'needs',
  'retry',
  'timeout_seconds',
] as const

/** With its keys as people write them: the store keeps them by their length. */
function inOrder(definition: WorkflowDefinition): WorkflowDefinition {
  return { ...picked(definition, ORDER), nodes: definition.nodes.map((node) => picked(node, NODE_ORDER)) }
}

function picked<Value extends object>(value: Value, order: readonly (keyof Value)[]): Value {
  const known = order.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]]))
  return { ...(Object.fromEntries(known) as Value), ...value }
}

const SINCE_EVER = new Date(0) // a built-in workflow is there since there is Helix

function builtInWorkflow(): Workflow {
  const state: WorkflowState = { definition: DATA_PIPELINE, frozen: {} }
  const hash = stateHash(state)
  const told = { id: DATA_PIPELINE_ID, version: 1, contentHash: hash, restores: null, createdBy: null }
  return { ...state, ...told, builtIn: true, deleted: false, createdAt: SINCE_EVER, updatedAt: SINCE_EVER }
}
