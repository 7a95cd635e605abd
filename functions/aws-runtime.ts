import type { Writable } from 'node:stream'
import type { Context } from 'aws-lambda'
import type { GatewayHead } from '../shared/platform/aws-http.ts'
import type { BeginAnswer } from './aws.ts'

type StreamHandler = (event: unknown, out: Writable, context: Context) => Promise<void>

/** What Lambda's Node.js runtime puts into the global scope, and nothing else does. */
interface LambdaRuntime {
  streamifyResponse(handler: StreamHandler): StreamHandler
  readonly HttpResponseStream: { from(out: Writable, head: GatewayHead): Writable }
}

/** Registers a streaming handler with Lambda's runtime; undefined in any other process. */
export function streamed(
  handler: (event: unknown, out: Writable, context: Context, begin: BeginAnswer) => Promise<void>,
): StreamHandler | undefined {
  const { awslambda: runtime } = globalThis as unknown as { awslambda?: LambdaRuntime }
  return runtime?.streamifyResponse((event, out, context) =>
    handler(event, out, context, (to, head) => runtime.HttpResponseStream.from(to, head)),
  )
}
