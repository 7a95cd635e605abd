import * as z from 'zod'
import type { HelixApi } from './api.ts'

const NODES = '/api/v1/nodes'

const Check = z.object({ name: z.string(), passed: z.boolean(), message: z.string() })

const RunError = z
  .object({
    code: z.string(),
    message: z.string(),
    line: z.number().nullable(),
    column: z.number().nullable(),
    frame: z.string().optional(),
    hint: z.string().optional(),
  })
  .nullable()

export const Trial = z.looseObject({
  success: z.boolean(),
  generated: z.boolean(),
  inputs: z.record(z.string(), z.unknown()),
  outputs: z.record(z.string(), z.unknown()).nullable(),
  logs: z.array(z.object({ level: z.string(), text: z.string() })),
  error: RunError,
  checks: z.array(Check),
  tests: z.array(z.looseObject({ name: z.string(), success: z.boolean(), error: RunError })),
})
export type TrialAnswer = z.infer<typeof Trial>

const Created = z.looseObject({
  name: z.string(),
  version: z.string(),
  content_hash: z.string(),
  created: z.boolean(),
  trial: Trial.nullable(),
})

const Node = z.looseObject({
  name: z.string(),
  version: z.string(),
  executor_type: z.string(),
  description: z.string(),
  inputs: z.array(z.looseObject({ name: z.string(), type: z.string() })),
  outputs: z.array(z.looseObject({ name: z.string(), type: z.string() })),
  created_at: z.string(),
})
export type NodeAnswer = z.infer<typeof Node>
const NodePage = z.object({ nodes: z.array(Node), next_cursor: z.string().nullable() })

/** What the command line asks of nodes. @throws {CliFailure} with the problem's code */
export function openNodeApi({ get, post }: Pick<HelixApi, 'get' | 'post'>) {
  return {
    create: (definition: string) => post(NODES, Created, { definition }),
    /** @param definition its text: it need not be kept */
    tryDefinition: (definition: string, inputs: unknown) =>
      post(`${NODES}/trial`, Trial, withInputs({ definition }, inputs)),
    tryKept: (name: string, inputs: unknown) =>
      post(`${NODES}/${encodeURIComponent(name)}/trial`, Trial, withInputs({}, inputs)),
    list: (query: Readonly<Record<string, string | number | undefined>>) => get(NODES, NodePage, query),
  }
}

function withInputs(body: Record<string, unknown>, inputs: unknown): Record<string, unknown> {
  return inputs === undefined ? body : { ...body, inputs }
}
