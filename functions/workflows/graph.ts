import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { graphMermaid, graphText } from '../../shared/workflow/graph/draw.ts'
import { GraphView, graphView } from '../../shared/workflow/graph/graph-view.ts'
import { planOf } from '../../shared/workflow/graph/plan.ts'
import { loadWorkflow } from '../../shared/workflow/workflow-store.ts'

const FORMATS = { json: 'application/json', mermaid: 'text/vnd.mermaid', text: 'text/plain' } as const
type Format = keyof typeof FORMATS

const Query = z.object({
  format: z.enum(['json', 'mermaid', 'text']).optional().meta({ description: 'Else as Accept asks for' }),
  version: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
})

export default createFunction().get(
  '/api/v1/workflows/:id/graph',
  describe({
    summary: 'The graph of a workflow: nodes and edges, a Mermaid flowchart, or a drawing in text',
    tag: 'workflows',
    answers: { 200: envelopeOf(GraphView) },
    problems: ['workflow_not_found'],
  }),
  validate('query', Query),
  async (c) => {
    const { format, version } = c.req.valid('query')
    const workflow = await loadWorkflow(c.env.platform.store, c.req.param('id'), version)
    const plan = planOf(workflow.definition)
    const view = graphView(workflow, plan)
    c.header('Vary', 'Accept')
    const wanted = format ?? formatOf(c)
    if (wanted === 'json') return c.json(succeeded(c, 'ok', view))
    const isReference = (source: string, target: string) =>
      view.edges.some((edge) => edge.source === source && edge.target === target && edge.via.includes('reference'))
    const text = wanted === 'text' ? graphText(plan) : graphMermaid(plan, isReference)
    return c.body(text, 200, { 'Content-Type': `${FORMATS[wanted]}; charset=utf-8` })
  },
)

function formatOf(c: Context): Format {
  const found = accepts(c, { header: 'Accept', supports: Object.values(FORMATS), default: FORMATS.json })
  return (Object.keys(FORMATS) as Format[]).find((name) => FORMATS[name] === found) ?? 'json'
}
