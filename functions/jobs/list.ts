import * as z from 'zod'
import { listJobs } from '../../shared/engine/read-jobs.ts'
import { TASK_STATUSES } from '../../shared/engine/transitions.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { CursorText, limitUpTo, NextCursor } from '../../shared/platform/http/query.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { JobView, jobView } from './job-view.ts'

const Query = z.object({
  status: z.string().toLowerCase().pipe(z.enum(TASK_STATUSES)).optional(),
  limit: limitUpTo(200, 50),
  cursor: CursorText.optional(),
})

export default createFunction().get(
  '/api/v1/jobs',
  describe({
    summary: 'Jobs, newest first',
    tag: 'jobs',
    answers: { 200: envelopeOf(z.object({ jobs: z.array(JobView), next_cursor: NextCursor })) },
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { status, limit, cursor } = c.req.valid('query')
    const page = await listJobs(store, status, limit, cursor ?? null)
    const jobs = page.jobs.map((job) => jobView(job, clock.timeZone))
    return c.json(succeeded(c, 'ok', { jobs, next_cursor: page.cursor }))
  },
)
