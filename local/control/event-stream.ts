import { textStream } from '../../shared/platform/http/text-stream.ts'
import type { Happening, Happenings } from './happenings.ts'

const WAITING_MAX = 1_000 // of a reader that is too slow; the oldest are dropped, it reads the state anew

/** What happens, as server-sent events, until the reader goes or the process stops. */
export function eventStream(happenings: Happenings, stopping: AbortSignal): ReadableStream<Uint8Array> {
  return textStream(events(happenings, stopping))
}

async function* events(happenings: Happenings, stopping: AbortSignal): AsyncGenerator<string> {
  const waiting: Happening[] = []
  let ring: () => void = () => undefined
  const wake = () => ring()
  const deaf = happenings.listen((happening) => {
    waiting.push(happening)
    if (waiting.length > WAITING_MAX) waiting.shift()
    wake()
  })
  stopping.addEventListener('abort', wake)
  try {
    yield ': live\n\n'
    while (!stopping.aborted) {
      const next = waiting.shift()
      if (next !== undefined) yield `event: ${next.kind}\ndata: ${JSON.stringify(next.data)}\n\n`
      else
        await new Promise<void>((resolve) => {
          ring = resolve
        })
    }
  } finally {
    deaf()
    stopping.removeEventListener('abort', wake)
  }
}
