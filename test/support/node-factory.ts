import type { Queryable } from '../../shared/platform/store.ts'
import { contentHash } from '../../shared/workflow/definition/content-hash.ts'
import type { Field, Json, NodeDefinition } from '../../shared/workflow/definition/definition.ts'

/** A field of a node: `count: integer`, or with a question mark behind the name where it may be missing. */
export function fieldOf(text: string): Field {
  const [name = '', type = 'any'] = text.split(': ')
  return { name: name.replace('?', ''), type: type as Field['type'], required: !name.endsWith('?') }
}

/** A node that computes something; what it takes and gives as `count: integer`. */
export function nodeDefinition(
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  changes: Partial<NodeDefinition> = {},
): NodeDefinition {
  return {
    name,
    version: '1.0.0',
    executor_type: 'code',
    description: `What ${name} does`,
    inputs: inputs.map(fieldOf),
    outputs: outputs.map(fieldOf),
    code: 'function main(inputs) { return inputs }',
    sandbox: true,
    ...changes,
  }
}

/** Keeps a node definition, as creating it does. @returns its content hash */
export async function insertNode(store: Queryable, definition: NodeDefinition, enabled = true): Promise<string> {
  const hash = contentHash(definition as unknown as Json)
  await store.query(
    `insert into node_definitions (name, version, executor_type, definition, content_hash, enabled, created_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, 'test')`,
    [
      definition.name,
      definition.version,
      definition.executor_type,
      JSON.stringify(definition),
      hash,
      enabled,
      new Date('2025-06-27T06:30:52Z'),
    ],
  )
  return hash
}
