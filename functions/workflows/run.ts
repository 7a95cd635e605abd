import * as z from 'zod'
import { INTAKE_PROBLEMS } from '../../shared/dataset/intake.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import type { JsonObject } from '../../shared/workflow/definition/definition.ts'
import { loadWorkflow } from '../../shared/workflow/workflow-store.ts'
import { RunInputs, RunSettings, StartedRunView, startRun } from './start-run.ts'

const Body = RunSettings.extend({
  inputs: RunInputs,
  version: z.int().min(1).optional().meta({ description: 'The present one when left out' }),
})

export default createFunction().post(
  '/api/v1/workflows/:id/run',
  describe({
    summary: 'Run a workflow as a task',
    tag: 'workflows',
    answers: { 202: envelopeOf(StartedRunView) },
    problems: ['workflow_not_found', 'invalid_inputs', 'concurrent_task', 'idempotency_conflict', ...INTAKE_PROBLEMS],
  }),
  validate('json', Body),
  async (c) => {
    const { inputs, version, ...settings } = c.req.valid('json')
    const { store } = c.env.platform
    const workflow = await loadWorkflow(store, c.req.param('id'), version)
    if (workflow.deleted) await loadWorkflow(store, workflow.id) // says that there is none
    const request = { inputs: inputs as JsonObject, settings, asked: version ?? null }
    const answer = await startRun(c, workflow, request, (started) => {
      const message = started.status === 'running' ? 'workflow_started' : 'workflow_queued'
      return { status: 202, body: succeeded(c, message, started) }
    })
    return c.json(answer.body as object, answer.status as 202)
  },
)
