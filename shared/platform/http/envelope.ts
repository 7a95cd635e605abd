import type { Context } from 'hono'
import * as z from 'zod'
import type { FunctionEnv } from '../platform.ts'
import { MESSAGES, type MessageCode } from './messages.ts'

export interface Envelope<Data> {
  readonly success: true
  readonly message: string
  readonly data: Data
}

/** The body of every success: `{ success, message, data }`, the message in the caller's language. */
export function succeeded<Data>(c: Context<FunctionEnv>, message: MessageCode, data: Data): Envelope<Data> {
  return { success: true, message: MESSAGES[message][c.get('language') ?? 'zh'], data }
}

/** The schema of such a body, for the API's description. */
export function envelopeOf<Data extends z.ZodType>(data: Data) {
  return z.object({ success: z.literal(true), message: z.string(), data })
}
