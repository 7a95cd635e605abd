import type { MessageBatch, Queue } from '@cloudflare/workers-types'

export interface SentToQueue {
  readonly body: unknown
  readonly options: Parameters<Queue['send']>[1]
}

/** A queue binding that keeps what is sent; it refuses everything when `broken`. */
export function fakeQueue(broken = false): { readonly queue: Queue; readonly sent: SentToQueue[] } {
  const sent: SentToQueue[] = []
  const send = async (body: unknown, options?: Parameters<Queue['send']>[1]) => {
    if (broken) throw new Error('the queue is away')
    sent.push({ body, options })
  }
  return { queue: { send } as unknown as Queue, sent }
}

export type MessageFate = 'none' | 'ack' | { readonly retry: number | undefined }

/** A batch as the runtime hands it over, which remembers what became of each message. */
export function fakeBatch(
  messages: readonly { readonly body: unknown; readonly attempts?: number }[],
): MessageBatch & { readonly fates: MessageFate[] } {
  const fates: MessageFate[] = messages.map(() => 'none')
  const batch = {
    queue: 'helix-steps',
    fates,
    messages: messages.map(({ body, attempts = 1 }, index) => ({
      id: `message-${index}`,
      timestamp: new Date(0),
      body,
      attempts,
      ack: () => {
        fates[index] = 'ack'
      },
      retry: (options?: { delaySeconds?: number }) => {
        fates[index] = { retry: options?.delaySeconds }
      },
    })),
  }
  return batch as unknown as MessageBatch & { readonly fates: MessageFate[] }
}
