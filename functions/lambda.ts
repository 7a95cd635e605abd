import { SCHEDULED } from '../scheduled/manifest.ts'
import { lambdaHandlers } from './aws.ts'
import { streamed } from './aws-runtime.ts'
import { FUNCTIONS } from './manifest.ts'

const handlers = lambdaHandlers({ functions: FUNCTIONS, scheduled: SCHEDULED, env: process.env })

/** The entry of an AWS Lambda: HTTP, SQS and EventBridge events. */
export const handler = handlers.handler

/** The entry of a Lambda behind a function URL that streams (`InvokeMode: RESPONSE_STREAM`). */
export const stream = streamed(handlers.stream)
