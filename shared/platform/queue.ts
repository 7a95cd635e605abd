/** What a queue carries: a hint that an execution may be worth looking at. */
export interface Message {
  /** The function that is to receive it, by its name in the manifest: `qa-generation`. */
  readonly function: string
  readonly body: { readonly execution_id: string; readonly claim: number }
}

/** At least once: a message may be lost, doubled, late or out of order. The store is the only truth. */
export interface Queue {
  /** @param delaySeconds 0 to 900; drivers round up to whole seconds */
  send(message: Message, delaySeconds?: number): Promise<void>
}

/** Portable limits of a message; the local queue refuses what any platform would. */
export const MESSAGE_BYTES_MAX = 120_000 // Cloudflare Queues allows 128 KB including its own envelope
export const MESSAGE_DELAY_SECONDS_MAX = 900 // SQS
