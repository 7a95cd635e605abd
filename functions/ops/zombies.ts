import * as z from 'zod'
import { findZombies } from '../../shared/ops/zombies/zombies.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import {
  MIN_CLAIMS_USUAL,
  MinClaims,
  STALE_MINUTES_USUAL,
  StaleMinutes,
  ZombiesBody,
  zombiesBody,
} from './zombie-query.ts'

const Query = z.object({
  stale_minutes: z.coerce.number().pipe(StaleMinutes).default(STALE_MINUTES_USUAL),
  min_claims: z.coerce.number().pipe(MinClaims).default(MIN_CLAIMS_USUAL),
})

export default createFunction().get(
  '/api/v1/ops/zombies',
  describe({
    summary: 'Executions that say they run while nobody works on them',
    tag: 'ops',
    answers: { 200: ZombiesBody },
  }),
  validate('query', Query),
  async (c) => {
    const { platform } = c.env
    const { stale_minutes: staleMinutes, min_claims: minClaims } = c.req.valid('query')
    const zombies = await findZombies(platform, { staleMinutes, minClaims })
    return c.json(zombiesBody(zombies, platform.clock.now(), platform.clock.timeZone))
  },
)
