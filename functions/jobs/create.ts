import type { Context } from 'hono'
import * as z from 'zod'
import { INTAKE_PROBLEMS } from '../../shared/dataset/intake.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import type { FunctionEnv } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { assertNodesMayBeCreated } from '../../shared/platform/settings.ts'
import { type Decision, decide } from '../../shared/workflow/coordinator/decide.ts'
import { valuesIn } from '../../shared/workflow/coordinator/values-in.ts'
import { createNode } from '../../shared/workflow/create-node.ts'
import type { Json, JsonObject } from '../../shared/workflow/definition/definition.ts'
import { loadWorkflow, type Workflow } from '../../shared/workflow/workflow-store.ts'
import { checkedInputs } from '../workflows/planned-run.ts'
import { RunInputs, RunSettings, StartedRunView, startRun } from '../workflows/start-run.ts'
import { workflowOfNode } from './node-workflow.ts'

const Body = RunSettings.omit({ business_context: true }).extend({
  chat_input: z.string().trim().min(1).max(4_000).meta({ description: 'What is wanted, in Chinese or English' }),
  inputs: RunInputs,
})

const StartedJobView = StartedRunView.extend({
  job_id: z.string(),
  action: z.enum(['use_existing', 'create_dynamic_node']),
  reasons: z.array(z.string()),
})

export default createFunction().post(
  '/api/v1/jobs',
  describe({
    summary: 'Do what a sentence asks for: the pipeline for training data, else a node that exists or is made for it',
    tag: 'jobs',
    answers: { 202: envelopeOf(StartedJobView) },
    problems: [
      'request_rejected',
      'invalid_inputs',
      'dynamic_nodes_disabled',
      'concurrent_task',
      'idempotency_conflict',
      ...INTAKE_PROBLEMS,
    ],
  }),
  validate('json', Body),
  async (c) => {
    const { chat_input: text, inputs: given, ...settings } = c.req.valid('json')
    const said = { ...valuesIn(text), ...(given as JsonObject) }
    const context: Json = Object.keys(said).length === 0 ? null : { inputs: said }
    const decision = await decide(c.env.platform, { text, ...(context === null ? {} : { context }) }, c.var.language)
    const workflow = await workflowFor(c, decision, { text, inputs: said })
    // Of what the sentence says only what is asked for; what was given as an input is never left out in silence.
    const asked = new Set(workflow.definition.inputs.map(({ name }) => name))
    const inputs = Object.fromEntries(
      Object.entries(said).filter(([name]) => asked.has(name) || Object.hasOwn(given, name)),
    )
    const request = { inputs, settings: { ...settings, business_context: text }, asked: text }
    const answer = await startRun(c, workflow, request, (started) => {
      const action = decision.action === 'reject' ? 'use_existing' : decision.action
      const data: z.infer<typeof StartedJobView> = {
        ...started,
        job_id: started.task_id,
        action,
        reasons: [...decision.reasons],
      }
      return {
        status: 202,
        body: succeeded(c, started.status === 'running' ? 'workflow_started' : 'workflow_queued', data),
      }
    })
    return c.json(answer.body as object, answer.status as 202)
  },
)

/** @throws {Problem} `request_rejected`, and what the making of a node ends with */
async function workflowFor(
  c: Context<FunctionEnv>,
  decision: Decision,
  { text, inputs }: { readonly text: string; readonly inputs: JsonObject },
): Promise<Workflow> {
  const { platform } = c.env
  const change = {
    by: callerOf(c, 'api'),
    language: c.var.language,
    requestId: c.var.requestId,
    reason: text.slice(0, 200),
  }
  const { use, draft } = decision
  if (use?.kind === 'workflow') return await loadWorkflow(platform.store, use.name)
  if (use !== null) return await workflowOfNode(platform, use.name, use.version, change)
  if (decision.rule === 'dynamic_nodes_disabled') await assertNodesMayBeCreated(platform.store)
  if (draft === null || draft.by === 'skeleton') throw rejected(decision)
  checkedInputs(draft.definition.name, draft.definition, inputs, c.var.language) // before anything is made
  await createNode(platform, { definition: draft.definition, findings: [] }, change)
  return await workflowOfNode(platform, draft.definition.name, draft.definition.version, change)
}

function rejected({ reasons, checks, draft }: Decision): Problem {
  return new Problem('request_rejected', reasons.join('; '), {
    errors: checks.filter(({ passed }) => !passed).map(({ name, message }) => ({ path: name, message })),
    hint:
      draft === null
        ? 'Say what goes in and what comes out, or ask for training data'
        : 'No template writes this code: POST /api/v1/coordinator/decide gives a draft to fill in',
  })
}
