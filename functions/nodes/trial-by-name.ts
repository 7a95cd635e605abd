import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import type { JsonObject } from '../../shared/workflow/definition/definition.ts'
import { recordTrial } from '../../shared/workflow/node-records.ts'
import { loadNode } from '../../shared/workflow/node-store.ts'
import { rollBackWorkflowsUsing } from '../../shared/workflow/snapshots/roll-back-after-failure.ts'
import { tryNode } from '../../shared/workflow/trial.ts'
import { TrialView, trialView } from '../../shared/workflow/trial-view.ts'

const Body = z.strictObject({
  inputs: z.record(z.string(), z.unknown()).optional(),
  version: z.string().max(50).optional().meta({ description: 'The newest unless said' }),
})

const RolledBack = z.array(z.object({ workflow_id: z.string(), from_version: z.int(), to_version: z.int() }))
const Tried = TrialView.extend({
  rolled_back: RolledBack.meta({ description: 'Workflows that a change had just brought this node into' }),
})
/** Inputs that do not fit, or what is away, say nothing of the node: they change no workflow. */
const NOT_ITS_FAULT = [
  'invalid_inputs',
  'input_too_large',
  'input_not_json',
  'llm_missing',
  'llm_failed',
  'source_failed',
]

export default createFunction().post(
  '/api/v1/nodes/:name/trial',
  describe({
    summary: 'Try a node that is kept: on the given inputs and on its own tests',
    tag: 'nodes',
    answers: { 200: envelopeOf(Tried) },
    problems: ['node_not_found'],
  }),
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const { language } = c.var
    const { inputs, version } = c.req.valid('json')
    const definition = await loadNode(platform.store, c.req.param('name'), version)
    const given = inputs === undefined ? {} : { inputs: inputs as JsonObject }
    const trial = await tryNode(platform, definition, { language, signal: c.req.raw.signal, ...given })
    const view = trialView(trial)
    const { success, duration_ms, memory_bytes, decisive } = trial
    await recordTrial(platform, definition, {
      success,
      inputs: decisive.inputs,
      result: view,
      duration_ms,
      memory_bytes,
    })
    const code = success ? null : (decisive.error?.code ?? null)
    const reason = `${definition.name}@${definition.version}: ${code}: ${decisive.error?.message ?? ''}`
    const isToBlame = code !== null && !NOT_ITS_FAULT.includes(code)
    const told = { reason, language }
    const rollbacks = isToBlame ? await rollBackWorkflowsUsing(platform, definition, 'trial_failed', told) : []
    const rolledBack = rollbacks.map(({ workflow, fromVersion }) => {
      return { workflow_id: workflow.id, from_version: fromVersion, to_version: workflow.version }
    })
    const data: z.infer<typeof Tried> = { ...view, rolled_back: rolledBack }
    return c.json(succeeded(c, success ? 'trial_passed' : 'trial_not_passed', data))
  },
)
