import { readIncident } from '../../shared/ops/incidents/store.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { IncidentParam, IncidentView, incidentView } from './incident-view.ts'

export default createFunction().get(
  '/api/v1/ops/incidents/:id',
  describe({
    summary: 'One incident',
    tag: 'ops',
    answers: { 200: envelopeOf(IncidentView) },
    problems: ['incident_not_found'],
  }),
  validate('param', IncidentParam),
  async (c) => {
    const { store, clock } = c.env.platform
    const incident = await readIncident(store, c.req.valid('param').id)
    return c.json(succeeded(c, 'ok', incidentView(incident, c.var.language, clock.timeZone)))
  },
)
