import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { definitionIn } from '../../shared/workflow/create-node.ts'
import { TRIAL_BODY } from '../../shared/workflow/definition-schema.ts'
import { parseTrialBody } from '../../shared/workflow/node-body.ts'
import { tryNode } from '../../shared/workflow/trial.ts'
import { TrialView, trialView } from '../../shared/workflow/trial-view.ts'

export default createFunction().post(
  '/api/v1/nodes/trial',
  describe({
    summary: 'Try a definition in the sandbox without keeping it',
    tag: 'nodes',
    body: TRIAL_BODY,
    answers: { 200: envelopeOf(TrialView) },
    problems: ['invalid_node', 'payload_too_large'],
  }),
  async (c) => {
    const { language } = c.var
    const { parsed, inputs } = parseTrialBody(await c.req.text(), language)
    const definition = definitionIn(parsed, language)
    const given = inputs === undefined ? {} : { inputs }
    const trial = await tryNode(c.env.platform, definition, { language, signal: c.req.raw.signal, ...given })
    return c.json(succeeded(c, trial.success ? 'trial_passed' : 'trial_not_passed', trialView(trial)))
  },
)
