import { sendRepair } from '../../shared/ops/incidents/check-incidents.ts'
import { askForRepair } from '../../shared/ops/incidents/store.ts'
import { writeAudit } from '../../shared/platform/audit.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { IncidentParam, IncidentView, incidentView } from './incident-view.ts'

export default createFunction().post(
  '/api/v1/ops/incidents/:id/repair',
  describe({
    summary: 'Repair it now, also where the storm brake holds or a repair did not help; it goes on after the answer',
    tag: 'ops',
    answers: { 202: envelopeOf(IncidentView) },
    problems: ['incident_not_found', 'incident_closed'],
  }),
  validate('param', IncidentParam),
  async (c) => {
    const { platform } = c.env
    const { store, clock } = platform
    const by = callerOf(c, 'api')
    const incident = await store.transaction(async (tx) => {
      const asked = await askForRepair(tx, c.req.valid('param').id, by, clock.now())
      const target = `incident:${asked.id}`
      const requestId = c.var.requestId
      await writeAudit(tx, { at: clock.now(), actor: by, action: 'incident.repair_asked', target, requestId })
      return asked
    })
    if (incident.status === 'repairing') await sendRepair(platform, incident.id, incident.claim)
    return c.json(succeeded(c, 'repair_asked', incidentView(incident, c.var.language, clock.timeZone)), 202)
  },
)
