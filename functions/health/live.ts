import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'

export default createFunction().get(
  '/api/v1/health/live',
  describe({
    summary: 'Whether the process answers at all; asks nothing else, so that a broken store restarts nobody',
    tag: 'health',
    answers: { 200: z.object({ status: z.literal('healthy') }) },
  }),
  (c) => c.json({ status: 'healthy' as const }),
)
