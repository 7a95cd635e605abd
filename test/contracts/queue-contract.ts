import { describe, expect, test } from 'vitest'
import type { Message, Queue } from '../../shared/platform/queue.ts'

export interface OpenQueue {
  readonly queue: Queue
  /** Lets time pass, and whatever falls due happen. */
  pass(seconds: number): Promise<void>
  dead(): Promise<readonly { message: Message; reason: string }[]>
  close(): Promise<void>
}

/** What every queue promises. @param open a queue that gives each message to `deliver` */
export function queueContract(
  name: string,
  open: (deliver: (message: Message) => Promise<Response>) => Promise<OpenQueue>,
): void {
  const LONG_SECONDS = 3_600 // every redelivery has happened by then

  /** A queue whose function gives these answers in turn, the last one for ever. */
  async function scripted(...answers: (() => Response)[]) {
    const seen: Message[] = []
    const opened = await open(async (message) => {
      const answer = answers[Math.min(seen.length, answers.length - 1)]
      seen.push(message)
      return answer === undefined ? new Response() : answer()
    })
    return { ...opened, seen, [Symbol.asyncDispose]: () => opened.close() }
  }
  const status =
    (code: number, headers: Record<string, string> = {}) =>
    () =>
      new Response('x', { status: code, headers })
  const crash = () => {
    throw new Error('the function crashed')
  }

  describe(`queue contract: ${name}`, () => {
    test('delivers what was sent, once when it is acknowledged', async () => {
      await using opened = await scripted(status(200))
      await opened.queue.send(message(1))
      await opened.pass(LONG_SECONDS)
      expect(opened.seen).toEqual([message(1)])
    })

    test('delivers a delayed message after its delay, not before', async () => {
      await using opened = await scripted(status(202))
      await opened.queue.send(message(1), 60)
      await opened.pass(59)
      expect(opened.seen).toEqual([])
      await opened.pass(2)
      expect(opened.seen).toEqual([message(1)])
    })

    test.each([
      ['acknowledges a stale claim', status(409), 1, []],
      ['buries an invalid message with its reason', status(422), 1, ['HTTP 422']],
      ['buries a malformed message with its reason', status(400), 1, ['HTTP 400']],
      ['buries what fails for ever, after several deliveries', status(500), 5, ['HTTP 500']],
      ['buries what crashes for ever, with what was thrown', crash, 5, ['the function crashed']],
    ])('%s', async (_, answer, deliveries, reasons) => {
      await using opened = await scripted(answer)
      await opened.queue.send(message(7))
      await opened.pass(LONG_SECONDS)
      expect(opened.seen).toEqual(Array.from({ length: deliveries }, () => message(7)))
      expect((await opened.dead()).map(({ reason }) => reason)).toEqual(reasons)
    })

    test('redelivers what failed until it succeeds', async () => {
      await using opened = await scripted(status(500), crash, status(200))
      await opened.queue.send(message(1))
      await opened.pass(LONG_SECONDS)
      expect([opened.seen.length, await opened.dead()]).toEqual([3, []])
    })

    test('redelivers after Retry-After, however often it is told "later"', async () => {
      const later = status(503, { 'retry-after': '30' })
      await using opened = await scripted(...Array.from({ length: 8 }, () => later), status(200))
      await opened.queue.send(message(1))
      await opened.pass(29)
      expect(opened.seen.length).toBe(1)
      await opened.pass(2)
      expect(opened.seen.length).toBe(2)
      await opened.pass(LONG_SECONDS)
      expect([opened.seen.length, await opened.dead()]).toEqual([9, []])
    })

    test('decides message by message: one that is dead does not hold up another', async () => {
      const seen: number[] = []
      const opened = await open(async ({ body }) => {
        seen.push(body.claim)
        return new Response('x', { status: body.claim === 2 ? 422 : 200 })
      })
      for (const claim of [1, 2, 3]) await opened.queue.send(message(claim))
      await opened.pass(LONG_SECONDS)
      expect(seen.sort()).toEqual([1, 2, 3])
      expect((await opened.dead()).map((letter) => letter.message)).toEqual([message(2)])
      await opened.close()
    })

    test('refuses what breaks on another platform, and names it', async () => {
      await using opened = await scripted(status(200))
      const large = { function: 'qa-generation', body: { execution_id: 'x'.repeat(120_000), claim: 1 } }
      await expect(opened.queue.send(large)).rejects.toThrow('Cloudflare')
      for (const delay of [901, -1, Number.NaN]) {
        await expect(opened.queue.send(message(1), delay)).rejects.toThrow('SQS')
      }
      await opened.queue.send(message(1), 900)
    })
  })
}

function message(claim: number): Message {
  return { function: 'qa-generation', body: { execution_id: 'task_20250627_143052_step_qa_generation', claim } }
}
