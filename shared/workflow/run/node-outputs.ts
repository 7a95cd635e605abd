import { type Files, readText } from '../../platform/files.ts'
import { Problem } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import type { JsonObject } from '../definition/definition.ts'

const VALUE_BYTES_MAX = 120 * 1024 // what is larger goes by a file: rows stay narrow, and messages portable

/** What a node gave, as its execution keeps it: the values themselves, or the file that holds them. */
export type KeptOutputs =
  | { readonly outputs: JsonObject }
  | { readonly outputs_file: string; readonly outputs_bytes: number }

/** How to keep what a node gave. @returns the text of a file beside the record where the values are too large for it */
export function keepOutputs(node: string, outputs: JsonObject): { kept: KeptOutputs; text: string | null } {
  const text = JSON.stringify(outputs)
  const bytes = new TextEncoder().encode(text).length
  if (bytes <= VALUE_BYTES_MAX) return { kept: { outputs }, text: null }
  return { kept: { outputs_file: outputsFile(node), outputs_bytes: bytes }, text }
}

export function outputsFile(node: string): string {
  return `${node}_outputs.json`
}

// The latest of each node: a resumed run works some of them again.
const LIST_RESULTS = `
  select distinct on (execution_step) execution_step as node, execution_result as result
    from data_pipeline_task_executions
   where task_id = $1 and status = 'completed' and execution_step = any($2::varchar[])
   order by execution_step, id desc`

/**
 * What nodes of a run have given, by name. A node that was skipped, or has not run, has nothing.
 * @throws {Problem} `missing_output` when a file of outputs is gone
 */
export async function loadOutputs(
  store: Queryable,
  files: Files,
  taskId: string,
  nodes: readonly string[],
): Promise<ReadonlyMap<string, JsonObject>> {
  if (nodes.length === 0) return new Map()
  const { rows } = await store.query<{ node: string; result: Partial<Record<string, unknown>> | null }>(LIST_RESULTS, [
    taskId,
    nodes,
  ])
  const found = new Map<string, JsonObject>()
  for (const { node, result } of rows) {
    const outputs = await outputsOf(files, taskId, result ?? {})
    if (outputs !== null) found.set(node, outputs)
  }
  return found
}

async function outputsOf(
  files: Files,
  taskId: string,
  { outputs, outputs_file: file }: Partial<Record<string, unknown>>,
): Promise<JsonObject | null> {
  if (typeof outputs === 'object' && outputs !== null) return outputs as JsonObject
  if (typeof file !== 'string') return null
  const text = await readText(files, `${taskId}/${file}`)
  if (text === null) throw new Problem('missing_output', `The outputs of a node were kept in ${file}, which is gone`)
  return JSON.parse(text) as JsonObject
}
