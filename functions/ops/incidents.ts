import * as z from 'zod'
import { INCIDENT_STATUSES } from '../../shared/ops/incidents/incident.ts'
import { listIncidents } from '../../shared/ops/incidents/store.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { SeverityView } from '../alerts/alert-view.ts'
import { IncidentView, incidentView } from './incident-view.ts'

const Query = z.object({
  status: z.enum(INCIDENT_STATUSES).optional(),
  fault: z.string().max(100).optional(),
  severity: SeverityView.optional(),
  open: z.stringbool().optional().meta({ description: 'Those that are not over, or those that are' }),
  limit: limitUpTo(200, 50),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v1/ops/incidents',
  describe({
    summary: 'Faults that were found, with diagnosis, repair and verification; newest first',
    tag: 'ops',
    answers: { 200: envelopeOf(z.object({ incidents: z.array(IncidentView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { limit, cursor, ...filter } = c.req.valid('query')
    const page = await listIncidents(store, filter, limit, cursor ?? null)
    const incidents = page.incidents.map((incident) => incidentView(incident, c.var.language, clock.timeZone))
    return c.json(succeeded(c, 'ok', { incidents, next_cursor: page.cursor }))
  },
)
