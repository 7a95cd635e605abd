import * as z from 'zod'
import { EXECUTOR_TYPES } from './definition/definition.ts'

const FieldShape = z.object({
  name: z.string(),
  type: z.string().meta({ description: 'string, number, integer, boolean, list, object, any, list<number> …' }),
  required: z.boolean().optional(),
  default: z.json().optional(),
  description: z.string().optional(),
  schema: z.json().optional().meta({ description: 'A JSON Schema for what lies deeper' }),
})
const Fields = z.union([
  z.array(FieldShape),
  z.record(z.string(), z.union([z.string(), FieldShape.omit({ name: true })])),
])

/** A definition as people write it; what is wrong in one is told by `parseNodeText`, with lines. */
export const DefinitionShape = z
  .object({
    name: z.string(),
    version: z.string().meta({ description: 'Semantic version; a version never changes' }),
    executor_type: z.enum(EXECUTOR_TYPES),
    description: z.string().optional(),
    inputs: Fields.optional(),
    outputs: Fields.optional(),
    code: z.string().optional().meta({ description: 'JavaScript with `function main(inputs)`' }),
    query: z.string().optional().meta({ description: 'One read-only statement, inputs as `:name`' }),
    source: z.string().optional(),
    prompt: z.string().optional().meta({ description: 'Text for the model, inputs as `{{ name }}`' }),
    step: z.string().optional(),
    limits: z.record(z.string(), z.number()).optional(),
    sandbox: z.boolean().optional(),
    tests: z.array(z.json()).optional(),
  })
  .meta({ description: 'A node definition' })

/** Bodies that are a definition. */
export const DEFINITION_BODY = { 'application/json': DefinitionShape, 'application/yaml': DefinitionShape } as const

/** A workflow as people write it into a file; what is wrong in one is told by `parseWorkflow`, with lines. */
export const WorkflowShape = z
  .object({
    id: z.string().optional(),
    name: z.string().optional(),
    description: z.string().optional(),
    inputs: Fields.optional(),
    nodes: z.union([z.array(z.json()), z.record(z.string(), z.json())]).meta({
      description:
        'Each with its name, the `node` that runs there, and where needed version, inputs, needs, when, for_each, retry and timeout_seconds',
    }),
    edges: z.array(z.json()).optional(),
    outputs: z.record(z.string(), z.json()).optional().meta({ description: 'With references to what nodes give' }),
  })
  .meta({ description: 'A workflow' })

/** Bodies that are a workflow, beside the JSON that an endpoint declares itself. */
export const WORKFLOW_BODY = { 'application/yaml': WorkflowShape } as const

const TrialShape = z.object({
  definition: z.union([DefinitionShape, z.string()]),
  inputs: z.record(z.string(), z.json()).optional(),
})

/** Bodies that are a definition with inputs to try it on. */
export const TRIAL_BODY = { 'application/json': TrialShape, 'application/yaml': TrialShape } as const
