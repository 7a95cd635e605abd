import type { MiddlewareHandler } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import * as z from 'zod'
import { PROBLEMS, type ProblemCode } from '../problems.ts'

export interface EndpointDescription {
  readonly summary: string
  readonly tag: string
  /** Schemas of JSON answers by status; a string describes an answer that is not JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | { readonly type: string; readonly description: string }>>
  /** Schemas of bodies by media type that no `validate` declares: where the endpoint reads its body itself, or also takes YAML. */
  readonly body?: Readonly<Record<string, z.ZodType>>
  /** What it refuses, besides `invalid_request` and `internal`, which every endpoint may answer. */
  readonly problems?: readonly ProblemCode[]
}

const FieldErrorView = z.object({
  path: z.string(),
  message: z.string(),
  code: z.string().optional(),
  severity: z.enum(['error', 'warning']).optional(),
  nearest: z.string().optional(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
})

/** Problem details (RFC 9457) as Helix writes them. */
export const ProblemBody = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  success: z.literal(false),
  error: z.string(),
  code: z.string(),
  request_id: z.string(),
  hint: z.string().optional(),
  errors: z.array(FieldErrorView).optional(),
})

// Where somebody else's service may fail, it may also be given a rest.
const OTHERS_FAULTS: ReadonlySet<ProblemCode> = new Set(['source_unreachable', 'llm_failed', 'embedding_failed'])

/** Declares what an endpoint answers and refuses, once: the API's description is made from it. */
export function describe({ summary, tag, answers, body, problems = [] }: EndpointDescription): MiddlewareHandler {
  const responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }> = {}
  for (const [status, answer] of Object.entries(answers)) {
    responses[status] =
      answer instanceof z.ZodType
        ? { description: summary, content: { 'application/json': { schema: resolver(answer) } } }
        : {
            description: answer.description,
            content: { [answer.type]: { schema: { type: isJson(answer.type) ? 'object' : 'string' } } },
          }
  }
  const degraded = problems.some((code) => OTHERS_FAULTS.has(code)) ? (['component_degraded'] as const) : []
  for (const code of ['invalid_request', 'internal', ...problems, ...degraded] as const) {
    const status = String(PROBLEMS[code].status)
    const told = responses[status]?.description
    responses[status] = {
      description: told === undefined ? code : `${told}, ${code}`,
      content: { 'application/problem+json': { schema: resolver(ProblemBody) } },
    }
  }
  const requestBody = body === undefined ? {} : { requestBody: { required: true, content: contentOf(body) } }
  return describeRoute({ summary, tags: [tag], responses: responses as never, ...(requestBody as object) })
}

function contentOf(body: Readonly<Record<string, z.ZodType>>): Record<string, { schema: unknown }> {
  const schemas = Object.entries(body).map(([type, schema]) => {
    const { $schema: _, ...described } = z.toJSONSchema(schema, { unrepresentable: 'any' })
    return [type, { schema: described }]
  })
  return Object.fromEntries(schemas)
}

function isJson(type: string): boolean {
  return /^application\/([\w.-]+\+)?json$/.test(type)
}
