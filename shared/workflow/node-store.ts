import { Problem } from '../platform/problems.ts'
import type { Queryable, Store } from '../platform/store.ts'
import { contentHash } from './definition/content-hash.ts'
import type { ExecutorType, Json, NodeDefinition } from './definition/definition.ts'
import { nearestName } from './definition/near-miss.ts'

/** A definition as it is kept. */
export interface StoredNode {
  readonly definition: NodeDefinition
  /** Equal contents have equal ones. */
  readonly contentHash: string
  readonly createdAt: Date
  readonly createdBy: string | null
  /** A node that was deleted stays for the tasks and workflows that hold its version. */
  readonly enabled: boolean
}

// Semantic versions in order: by their numbers, then a release before what led to it.
const NEWEST_FIRST = `
  string_to_array(split_part(version, '-', 1), '.')::int[] desc, (position('-' in version) = 0) desc, version desc`

const INSERT_NODE = `
  insert into node_definitions (name, version, executor_type, definition, content_hash, enabled, created_at, created_by)
  values ($1, $2, $3, $4, $5, true, $6, $7)
  on conflict (name, version) do nothing
  returning name`

const ENABLE_SAME = `
  update node_definitions
     set enabled = true
   where name = $1 and version = $2 and content_hash = $3
  returning name`

const COLUMNS = 'definition, content_hash, created_at, created_by, enabled'

const READ_VERSION = `
  select ${COLUMNS}
    from node_definitions
   where name = $1 and version = $2`

const READ_VERSIONS = `
  select ${COLUMNS}
    from node_definitions
   where name = $1 and enabled
   order by ${NEWEST_FIRST}`

const READ_NAMES = `
  select distinct name
    from node_definitions
   where enabled
   order by name
   limit 1000`

const READ_TAKEN = `
  select distinct name
    from node_definitions
   where name = $1 or name like $2`

const LIST_NODES = `
  select ${COLUMNS}
    from (select distinct on (name) *
            from node_definitions
           where enabled
           order by name, ${NEWEST_FIRST}) newest
   where ($1::text is null or name > $1)
     and ($2::text is null or executor_type = $2)
     and ($3::text is null or name ilike $3 or definition ->> 'description' ilike $3)
   order by name
   limit $4`

const DISABLE_NODE = `
  update node_definitions
     set enabled = false
   where name = $1 and enabled and ($2::text is null or version = $2)
  returning version`

const WORKFLOWS_USING = `
  select w.id
    from workflows w
    join workflow_versions v on v.workflow_id = w.id and v.version = w.current_version
   where w.enabled and jsonb_path_exists(v.definition, '$.nodes[*] ? (@.node == $name && ($any == true || @.version == $version))', $1)
   order by w.id
   limit 20`

/**
 * A node's definition: of a version, whether or not it has been deleted since, or else the newest that has not.
 * @throws {Problem} `node_not_found`
 */
export async function loadNode(store: Queryable, name: string, version?: string): Promise<NodeDefinition> {
  return (await readNode(store, name, version)).definition
}

/** The same, with what is known of it. @throws {Problem} `node_not_found` */
export async function readNode(store: Queryable, name: string, version?: string): Promise<StoredNode> {
  const { rows } = await store.query<NodeRow>(
    version === undefined ? `${READ_VERSIONS}\n   limit 1` : READ_VERSION,
    version === undefined ? [name] : [name, version],
  )
  const [row] = rows
  if (row === undefined) throw await notFound(store, name, version)
  return storedNode(row)
}

export type StoredVersion = Pick<StoredNode, 'contentHash' | 'enabled'>

/** What is known of a version, deleted or not; null when there never was one. */
export async function storedVersion(store: Queryable, name: string, version: string): Promise<StoredVersion | null> {
  const { rows } = await store.query<NodeRow>(READ_VERSION, [name, version])
  return rows[0] === undefined ? null : storedNode(rows[0])
}

/** Every version of a node, newest first. @throws {Problem} `node_not_found` */
export async function readVersions(store: Queryable, name: string): Promise<readonly StoredNode[]> {
  const { rows } = await store.query<NodeRow>(READ_VERSIONS, [name])
  if (rows.length === 0) throw await notFound(store, name)
  return rows.map(storedNode)
}

/**
 * Keeps a version for good. The same content again changes nothing; that of a deleted node brings it back.
 * @returns whether it is new
 * @throws {Problem} `node_version_taken` for other content under the same version
 */
export async function saveNode(
  store: Store,
  definition: NodeDefinition,
  { at, by }: { at: Date; by: string },
): Promise<{ readonly created: boolean; readonly contentHash: string }> {
  const { name, version, executor_type } = definition
  const hash = contentHash(definition as unknown as Json)
  const values = [name, version, executor_type, JSON.stringify(definition), hash, at, by]
  const { rowCount } = await store.query(INSERT_NODE, values)
  if (rowCount === 1) return { created: true, contentHash: hash }
  const same = await store.query(ENABLE_SAME, [name, version, hash])
  if (same.rowCount === 1) return { created: false, contentHash: hash }
  throw new Problem('node_version_taken', `Version ${version} of node "${name}" exists with another content`, {
    hint: `Versions never change: raise the version, for example to ${nextPatch(version)}`,
  })
}

export interface NodeFilter {
  readonly executorType?: ExecutorType
  /** In the name or the description. */
  readonly text?: string
}

/** The newest version of each node, by name. */
export async function listNodes(
  store: Queryable,
  { executorType, text }: NodeFilter,
  { limit, after }: { limit: number; after?: string },
): Promise<readonly StoredNode[]> {
  const pattern = text === undefined ? null : `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
  const { rows } = await store.query<NodeRow>(LIST_NODES, [after ?? null, executorType ?? null, pattern, limit])
  return rows.map(storedNode)
}

/** The workflows whose current version has the node: at most 20. */
export async function workflowsUsing(store: Queryable, name: string, version?: string): Promise<readonly string[]> {
  const variables = JSON.stringify({ name, version: version ?? '', any: version === undefined })
  const { rows } = await store.query<{ id: string }>(WORKFLOWS_USING, [variables])
  return rows.map(({ id }) => id)
}

/** The name itself or the first numbered one that nothing has had, deleted nodes included: their versions stay theirs. */
export async function freeName(store: Queryable, name: string): Promise<string> {
  const stem = name.slice(0, 45)
  const { rows } = await store.query<{ name: string }>(READ_TAKEN, [name, `${stem.replaceAll('_', '\\_')}\\_%`])
  const taken = new Set(rows.map((row) => row.name))
  if (!taken.has(name)) return name
  let number = 2
  while (taken.has(`${stem}_${number}`)) number++
  return `${stem}_${number}`
}

/** Takes a node, or one version of it, out of use. @returns the versions @throws {Problem} `node_not_found` */
export async function deleteNode(store: Queryable, name: string, version?: string): Promise<readonly string[]> {
  const { rows } = await store.query<{ version: string }>(DISABLE_NODE, [name, version ?? null])
  if (rows.length === 0) throw await notFound(store, name, version)
  return rows.map((row) => row.version)
}

async function notFound(store: Queryable, name: string, version?: string): Promise<Problem> {
  const { rows } = await store.query<{ name: string }>(READ_NAMES)
  const nearest = nearestName(
    name,
    rows.map((row) => row.name),
  )
  const what = version === undefined ? `the node "${name}"` : `version ${version} of the node "${name}"`
  return new Problem('node_not_found', `Cannot find ${what}`, {
    ...(nearest === undefined ? {} : { hint: `Did you mean "${nearest}"?` }),
  })
}

function nextPatch(version: string): string {
  const [major = '0', minor = '0', patch = '0'] = version.split('-')[0]?.split('.') ?? []
  return `${major}.${minor}.${Number(patch) + 1}`
}

interface NodeRow {
  definition: NodeDefinition
  content_hash: string
  created_at: Date
  created_by: string | null
  enabled: boolean
}

function storedNode(row: NodeRow): StoredNode {
  return {
    definition: row.definition,
    contentHash: row.content_hash,
    createdAt: row.created_at,
    createdBy: row.created_by,
    enabled: row.enabled,
  }
}
