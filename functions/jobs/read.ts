import * as z from 'zod'
import { readJob } from '../../shared/engine/read-jobs.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { JobTaskView, JobView, jobTaskView, jobView } from './job-view.ts'

export default createFunction().get(
  '/api/v1/jobs/:id',
  describe({
    summary: 'A job and what has been executed of it',
    tag: 'jobs',
    answers: { 200: envelopeOf(JobView.extend({ tasks: z.array(JobTaskView) })) },
    problems: ['task_not_found'],
  }),
  async (c) => {
    const { store, clock } = c.env.platform
    const { job, tasks } = await readJob(store, c.req.param('id'))
    const shown = tasks.map((task) => jobTaskView(task, clock.timeZone))
    return c.json(succeeded(c, 'ok', { ...jobView(job, clock.timeZone), tasks: shown }))
  },
)
