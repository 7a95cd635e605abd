import * as z from 'zod'
import { runRepair } from '../../shared/ops/incidents/run-repair.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Message = z.strictObject({ incident_id: z.int().positive(), claim: z.int().min(0) })

/**
 * The repair of one incident, and its verification. Answers 409 for a stale claim: a repeat finds another claim number and
 * changes nothing.
 */
export default createFunction().post('/steps/repair-incident', validate('json', Message), async (c) => {
  const answer = await runRepair(c.env.platform, c.req.valid('json'))
  return c.json({ answer: answer.kind }, answer.kind === 'stale' ? 409 : 200)
})
