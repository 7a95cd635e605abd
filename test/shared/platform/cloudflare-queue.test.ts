import { expect, test } from 'vitest'
import { cloudflareQueue, consumeBatch } from '../../../shared/platform/cloudflare-queue.ts'
import { fakeBatch, fakeQueue } from '../../support/fake-queues.ts'
import { manualClock } from '../../support/manual-clock.ts'

const MESSAGE = { function: 'qa-generation', body: { execution_id: 'task_1_step', claim: 2 } }
const answer = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers })

async function fateOf(answered: Response | Error, attempts = 1, broken = false) {
  const batch = fakeBatch([{ body: MESSAGE, attempts }])
  const dead = fakeQueue(broken)
  const logged: string[] = []
  const platform = {
    clock: manualClock(),
    random: () => 1,
    deadline: null,
    stopping: new AbortController().signal,
    log: (event: string) => logged.push(event),
    dispatch: async () => {
      if (answered instanceof Error) throw answered
      return answered
    },
  }
  await consumeBatch(platform, batch, dead.queue)
  return { fate: batch.fates[0], dead: dead.sent.length, logged }
}

test.each([
  ['acknowledges what is done', answer(200), 1, 'ack', 0, []],
  ['acknowledges and logs what another worker owns', answer(409), 1, 'ack', 0, ['message.fenced']],
  ['delays by what 503 asks for', answer(503, { 'retry-after': '30' }), 9, { retry: 30 }, 0, ['message.delayed']],
  ['delays by 900 s at most', answer(429, { 'retry-after': '5000' }), 1, { retry: 900 }, 0, ['message.delayed']],
  ['buries poison', answer(422), 1, 'ack', 1, ['message.dead']],
  ['tries a failure again with backoff', answer(500), 3, { retry: 4 }, 0, ['message.retried']],
  ['tries a throw again', new Error('broken'), 1, { retry: 1 }, 0, ['message.retried']],
  ['buries what has failed five times', answer(500), 5, 'ack', 1, ['message.dead']],
] as const)('%s', async (_, answered, attempts, fate, dead, logged) => {
  expect(await fateOf(answered, attempts)).toEqual({ fate, dead, logged })
})

test('gives back the messages of a batch whose turn comes when the invocation has no room for them', async () => {
  const clock = manualClock()
  const stop = new AbortController()
  const platform = {
    clock,
    random: () => 1,
    log: () => undefined,
    deadline: new Date(clock.now().getTime() + 100_000),
    stopping: stop.signal,
    dispatch: async () => {
      await clock.advance(41_000)
      return answer(200)
    },
  }
  const late = fakeBatch([{ body: MESSAGE }, { body: MESSAGE }])
  await consumeBatch(platform, late, fakeQueue().queue)
  expect(late.fates).toEqual(['ack', { retry: undefined }])
  stop.abort()
  const stopped = fakeBatch([{ body: MESSAGE }])
  await consumeBatch({ ...platform, deadline: null }, stopped, fakeQueue().queue)
  expect(stopped.fates).toEqual([{ retry: undefined }])
})

test('never loses a message that the dead-letter queue does not take', async () => {
  expect(await fateOf(answer(400), 1, true)).toMatchObject({ fate: { retry: 1 }, dead: 0 })
})

test('sends JSON with whole seconds of delay, and refuses what breaks on another platform', async () => {
  const { queue, sent } = fakeQueue()
  await cloudflareQueue(queue).send(MESSAGE, 1.2)
  await cloudflareQueue(queue).send(MESSAGE, 900)
  expect(sent.map(({ options }) => options)).toEqual([
    { contentType: 'json', delaySeconds: 2 },
    { contentType: 'json', delaySeconds: 900 },
  ])
  await expect(cloudflareQueue(queue).send(MESSAGE, 901)).rejects.toMatchObject({ code: 'envelope_exceeded' })
  const large = { ...MESSAGE, body: { execution_id: 'x'.repeat(120_000), claim: 1 } }
  await expect(cloudflareQueue(queue).send(large)).rejects.toMatchObject({ code: 'payload_too_large' })
})
