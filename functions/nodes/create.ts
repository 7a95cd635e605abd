import * as z from 'zod'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { createNode } from '../../shared/workflow/create-node.ts'
import { DEFINITION_BODY } from '../../shared/workflow/definition-schema.ts'
import { parseNodeBody } from '../../shared/workflow/node-body.ts'
import { FindingView } from '../../shared/workflow/node-view.ts'
import { TrialView, trialView } from '../../shared/workflow/trial-view.ts'

const Created = z.object({
  name: z.string(),
  version: z.string(),
  executor_type: z.string(),
  content_hash: z.string(),
  created: z.boolean().meta({ description: 'False when this version is there already, with the same content' }),
  warnings: z.array(FindingView),
  trial: TrialView.nullable(),
})

export default createFunction().post(
  '/api/v1/nodes',
  describe({
    summary: 'Check a definition, try it, and keep this version for good',
    tag: 'nodes',
    body: DEFINITION_BODY,
    answers: { 200: envelopeOf(Created), 201: envelopeOf(Created) },
    problems: [
      'invalid_node',
      'node_version_taken',
      'sandbox_error',
      'sandbox_timeout',
      'sandbox_memory',
      'output_mismatch',
      'llm_missing',
      'query_refused',
      'dynamic_nodes_disabled',
      'payload_too_large',
    ],
  }),
  async (c) => {
    const parsed = parseNodeBody(await c.req.text(), c.var.language)
    const creator = { language: c.var.language, by: callerOf(c, 'api'), requestId: c.var.requestId }
    const { definition, contentHash, created, trial, warnings } = await createNode(c.env.platform, parsed, creator)
    const data: z.infer<typeof Created> = {
      name: definition.name,
      version: definition.version,
      executor_type: definition.executor_type,
      content_hash: contentHash,
      created,
      warnings: [...warnings],
      trial: trial === null ? null : trialView(trial),
    }
    return c.json(succeeded(c, created ? 'node_created' : 'node_exists', data), created ? 201 : 200)
  },
)
