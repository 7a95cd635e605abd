import { mayRecurseForever } from '../dataset/validation/recursion.ts'
import { acceptStatement } from '../dataset/validation/statement.ts'
import { volatileFunctions } from '../dataset/validation/store.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Source, SourceRef } from '../platform/source.ts'
import type { Json, JsonObject, NodeDefinition } from './definition/definition.ts'
import { bindQuery, firstStatement, harmless } from './definition/query-text.ts'
import { failedRun, type NodeRun, type RunContext, succeededRun } from './node-run.ts'

const ROWS_DEFAULT = 1000
const BYTES_MAX = 8_000_000 // as much as the sandbox takes in
const COST_MAX = 1e10 // planned; some hours on any machine

/**
 * Runs the one statement of a `sql` node, as a pair is proved: its tree is looked at first, then it is planned, then read in a
 * read-only transaction within limits. Its outputs are `rows`, `row_count`, `columns`, `truncated`, or columns of its first row.
 */
export async function runQuery(
  platform: Platform,
  definition: NodeDefinition,
  inputs: JsonObject,
  context: RunContext,
): Promise<NodeRun> {
  const { clock, sqlParser, sources } = platform
  const bound = bindQuery(definition.query ?? '', inputs)
  await using source = await sources.open(sourceOf(platform, definition, inputs, context))
  const startedAt = clock.now().getTime() // what it takes to reach the source is not the node's time
  const spent = () => ({ duration_ms: clock.now().getTime() - startedAt })
  const denied = await volatileFunctions(source)
  const accepted = await acceptStatement(sqlParser, bound, denied)
  if (accepted.kind !== 'accepted') {
    return failedRun({ code: 'query_refused', message: accepted.message }, spent())
  }
  // As JSON, counts and sums are numbers; a driver gives them as texts, since they may be longer than a number holds.
  const sql = `select to_jsonb(answer) as row from (\n${firstStatement(bound)}\n) answer`
  const wrapped = await acceptStatement(sqlParser, sql, denied)
  if (wrapped.kind !== 'accepted' || !(await keepsItsShape(platform, definition, inputs, bound))) {
    return failedRun({ code: 'query_refused', message: 'A value of the inputs changes the statement' }, spent())
  }
  if (!source.stopsStatements && mayRecurseForever(accepted.tree)) {
    return failedRun({ code: 'query_refused', message: 'The recursion may never end' }, spent())
  }
  try {
    const outputs = await read(source, sql, definition, context.timeoutMs)
    return succeededRun(outputs, spent())
  } catch (error) {
    // What the database says has an SQLSTATE; a problem is not the statement's fault.
    const state = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (error instanceof Problem || !/^[0-9A-Z]{5}$/.test(state)) throw error
    const message = `${(error as Error).message} (${state})`
    return failedRun({ code: state === '57014' ? 'node_timeout' : 'query_failed', message }, spent())
  }
}

/** Whatever the places of inputs are taken for, a value stays a literal: with others the statement is the same. */
async function keepsItsShape(
  { sqlParser }: Platform,
  { query = '' }: NodeDefinition,
  inputs: JsonObject,
  bound: string,
): Promise<boolean> {
  const plain = await sqlParser.fingerprint(bindQuery(query, harmless(inputs)))
  return plain === (await sqlParser.fingerprint(bound))
}

async function read(source: Source, sql: string, definition: NodeDefinition, timeoutMs: number): Promise<JsonObject> {
  const { cost } = await source.explain(sql, timeoutMs)
  if (cost > COST_MAX) throw Object.assign(new Error(`The planned cost is ${cost.toExponential(1)}`), { code: '54000' })
  const limits = { rowsMax: definition.limits?.rows ?? ROWS_DEFAULT, bytesMax: BYTES_MAX, timeoutMs }
  const { rows, truncated } = await source.read(sql, limits)
  const objects = rows.map(({ row }) => row as JsonObject)
  const known: Record<string, Json> = {
    rows: objects,
    row_count: objects.length,
    columns: Object.keys(objects[0] ?? {}),
    truncated,
  }
  const first = objects[0] ?? {}
  return Object.fromEntries(
    definition.outputs.flatMap(({ name }) => {
      const value = Object.hasOwn(known, name) ? known[name] : Object.hasOwn(first, name) ? first[name] : undefined
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** The source that an input names, else the node's own, else the task's, else the only one. */
function sourceOf(
  { sources }: Platform,
  definition: NodeDefinition,
  inputs: JsonObject,
  context: RunContext,
): SourceRef {
  const asked = typeof inputs.source === 'string' ? inputs.source : definition.source
  if (asked !== undefined) return { name: asked }
  if (context.source !== undefined) return context.source
  const names = sources.list().map(({ name }) => name)
  const [only] = names
  if (only !== undefined && names.length === 1) return { name: only }
  throw new Problem('source_not_found', `Node "${definition.name}" does not say which source it reads`, {
    hint: `Set "source" to one of: ${names.join(', ')}`,
  })
}
