import { ENVELOPE } from './envelope.ts'
import { Problem } from './problems.ts'

/** What a queue carries: a hint that an execution may be worth looking at. */
export interface Message {
  /** The function that is to receive it, by its name in the manifest: `qa-generation`. */
  readonly function: string
  readonly body: { readonly execution_id: string; readonly claim: number }
}

/** A hint that the repair of an incident is due. */
export interface RepairMessage {
  readonly function: string
  readonly body: { readonly incident_id: number; readonly claim: number }
}

/** At least once: a message may be lost, doubled, late or out of order. The store is the only truth. */
export interface Queue {
  /** @param delaySeconds 0 to 900; drivers round up to whole seconds */
  send(message: Message | RepairMessage, delaySeconds?: number): Promise<void>
}

/** Portable limits of a message; every queue refuses what any platform would. */
export const MESSAGE_BYTES_MAX = ENVELOPE.message_size.max
export const MESSAGE_DELAY_SECONDS_MAX = ENVELOPE.message_delay.max

/**
 * A message as it travels on any platform, with its delay in whole seconds.
 * @throws {Problem} `payload_too_large` or `envelope_exceeded`, naming the platform on which it would break
 */
export function portable(message: Message | RepairMessage, delaySeconds = 0): { text: string; delaySeconds: number } {
  const text = JSON.stringify(message)
  const bytes = new TextEncoder().encode(text).length
  if (bytes > MESSAGE_BYTES_MAX) {
    const detail = `A message of ${bytes} bytes breaks on Cloudflare Queues: ${MESSAGE_BYTES_MAX} at most`
    throw new Problem('payload_too_large', detail)
  }
  if (!(delaySeconds >= 0 && delaySeconds <= MESSAGE_DELAY_SECONDS_MAX)) {
    const detail = `A delay of ${delaySeconds} s breaks on SQS: 0 to ${MESSAGE_DELAY_SECONDS_MAX} only`
    throw new Problem('envelope_exceeded', detail)
  }
  return { text, delaySeconds: Math.ceil(delaySeconds) }
}
