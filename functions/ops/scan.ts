import * as z from 'zod'
import { scan } from '../../shared/ops/dirty-data/scan.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { optionalBody } from '../../shared/platform/http/optional-body.ts'
import { FilterText } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { ScanView, scanView } from './scan-view.ts'

const Body = z.strictObject({
  task_id: FilterText.optional().meta({ description: 'One task only; all of them when it is left out' }),
})

export default createFunction().post(
  '/api/v1/ops/scan',
  describe({
    summary: 'Look for dirty data (types A to E); nothing is changed',
    tag: 'ops',
    answers: { 200: envelopeOf(ScanView) },
    problems: ['task_not_found'],
  }),
  optionalBody,
  validate('json', Body),
  async (c) => {
    const { platform } = c.env
    const found = await scan(platform, { by: callerOf(c, 'api'), taskId: c.req.valid('json').task_id })
    const view = scanView(found, c.var.language, platform.clock.timeZone)
    return c.json(succeeded(c, view.total === 0 ? 'scan_clean' : 'scan_dirty', view))
  },
)
