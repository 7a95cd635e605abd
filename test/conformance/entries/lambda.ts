import { lambdaHandlers } from '../../../functions/aws.ts'
import { streamed } from '../../../functions/aws-runtime.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'
import { PROBE_FUNCTIONS, PROBE_SCHEDULED } from '../probes/probes.ts'

const handlers = lambdaHandlers({
  functions: [...FUNCTIONS, ...PROBE_FUNCTIONS],
  scheduled: [...SCHEDULED, ...PROBE_SCHEDULED],
  env: process.env,
})

export const handler = handlers.handler
export const stream = streamed(handlers.stream)
