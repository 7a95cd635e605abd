import * as z from 'zod'
import type { Json, JsonObject } from './definition/definition.ts'
import { isShallow } from './graph/parse-workflow.ts'

const TOO_DEEP = '嵌套过深 (is nested too deeply)'
const Part = z.unknown().refine(isShallow, TOO_DEEP)

/** A definition in a body: under `definition`, as YAML or as an object, or its fields beside the others. */
export const DefinitionFields = {
  definition: z
    .union([z.string().min(1), z.record(z.string(), z.unknown()).refine(isShallow, TOO_DEEP)])
    .optional()
    .meta({ description: 'The workflow as an object, or as YAML or JSON text' }),
  name: z.string().min(1).max(200).optional(),
  description: z.string().max(2_000).optional(),
  inputs: Part.optional(),
  nodes: Part.optional(),
  edges: Part.optional(),
  outputs: Part.optional(),
}

/** Why something is changed. */
export const ReasonText = z.string().trim().min(1).max(500)

type Given = { readonly [Name in keyof typeof DefinitionFields]?: unknown }

const FIELDS = ['name', 'description', 'inputs', 'nodes', 'edges', 'outputs'] as const

/** What a body says a workflow is; undefined where it says nothing. What stands beside `definition` goes before what is in it. */
export function definitionIn(body: Given): Json | undefined {
  const beside = Object.fromEntries(FIELDS.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])))
  const { definition } = body
  if (definition === undefined) return Object.keys(beside).length === 0 ? undefined : (beside as JsonObject)
  if (typeof definition === 'string') return definition
  return { ...(definition as JsonObject), ...(beside as JsonObject) }
}
