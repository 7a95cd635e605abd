import { describe, expect, test } from 'vitest'
import { type AwsClientOptions, awsClient } from '../../../shared/platform/aws-client.ts'
import { signRequest } from '../../../shared/platform/aws-sign.ts'
import { type LoopbackAws, loopbackAws } from '../../support/loopback-aws/server.ts'
import { manualClock } from '../../support/manual-clock.ts'

describe('awsClient', () => {
  test.each([
    ['a throttled request', 400, 'ThrottlingException'],
    ['an overloaded service', 503, 'SlowDown'],
    ['a broken connection', 'broken', 'UND_ERR_SOCKET'],
  ] as const)('tries %s again, and gives up after four times', async (_, failure, reason) => {
    await using world = await openWorld()
    world.aws.failNext(3, failure)
    expect((await world.depth()).tries).toBe(4)
    expect(world.slept).toEqual([200, 400, 800])
    world.aws.failNext(4, failure)
    await expect(world.depth()).rejects.toMatchObject({
      code: 'queue_unavailable',
      retryable: true,
      message: expect.stringContaining(reason),
    })
    expect(world.aws.requests.length).toBe(8)
  })

  test('does not try again what is refused for good, and says what to check', async () => {
    await using world = await openWorld()
    await expect(world.depth('nowhere')).rejects.toMatchObject({
      message: expect.stringMatching(/^GetQueueAttributes at 127\.0\.0\.1:\d+: HTTP 400 QueueDoesNotExist$/),
      hint: expect.stringContaining('SQS'),
    })
    expect(world.aws.requests.length).toBe(1)
  })

  test('gives up a service that does not answer in time', async () => {
    await using world = await openWorld()
    const impatient = awsClient({ ...world.options, clock: { ...world.clock, sleep: async () => undefined } })
    await expect(impatient.send(world.request('helix'))).rejects.toMatchObject({
      message: expect.stringContaining('no answer in time'),
    })
  })

  test.each([
    ['a wrong secret', { secretAccessKey: 'another secret' }, 'SignatureDoesNotMatch'],
    ['an unknown key', { accessKeyId: 'AKIDUNKNOWN' }, 'InvalidClientTokenId'],
    ['a wrong session token', { sessionToken: 'another token' }, 'InvalidClientTokenId'],
  ])('is refused for %s, and repeats none of them', async (_, wrong, code) => {
    await using world = await openWorld({ wrong })
    const refused = world.depth()
    await expect(refused).rejects.toThrow(code)
    for (const secret of ['secret', 'token', 'AKID']) await expect(refused).rejects.not.toThrow(secret)
  })

  test('is refused when its clock is off by more than 15 minutes', async () => {
    await using near = await openWorld({ skewMs: 14 * 60_000 })
    expect((await near.depth()).response.status).toBe(200)
    await using far = await openWorld({ skewMs: -16 * 60_000 })
    await expect(far.depth()).rejects.toThrow('RequestExpired')
  })

  test('is refused when what arrives is not what was signed', async () => {
    await using world = await openWorld()
    const request = world.request('helix')
    const url = new URL(`${world.aws.url}/helix-files/a?b=c`)
    const scope = { region: 'us-east-1', service: 's3', now: world.clock.now() }
    const headers = await signRequest(
      { method: 'PUT', url, headers: {}, body: request.body },
      world.aws.credentials,
      scope,
    )
    const codes: string[] = []
    for (const [target, body, more] of [
      [url.href, 'other', {}],
      [`${url.href}d`, request.body, {}],
      [url.href.replace('/a', '/b'), request.body, {}],
      [url.href, request.body, { 'x-amz-meta-smuggled': '1' }],
      [url.href, request.body, {}],
    ] as const) {
      const answer = await fetch(target, { method: 'PUT', headers: { ...headers, ...more }, body })
      codes.push(/<Code>(\w+)/.exec(await answer.text())?.[1] ?? `${answer.status}`)
    }
    const wrong = 'SignatureDoesNotMatch'
    expect(codes).toEqual(['XAmzContentSHA256Mismatch', wrong, wrong, wrong, '200'])
  })
})

async function openWorld({
  wrong = {},
  skewMs = 0,
}: {
  wrong?: Partial<LoopbackAws['credentials']>
  skewMs?: number
} = {}) {
  const clock = manualClock()
  const slept: number[] = []
  const skewed = {
    ...clock,
    now: () => new Date(clock.now().getTime() + skewMs),
    sleep: async (ms: number, signal?: AbortSignal) => {
      if (signal !== undefined) return await clock.sleep(ms, signal)
      slept.push(ms)
    },
  }
  const aws = await loopbackAws({ clock, queues: { helix: {} }, buckets: ['helix-files'] })
  const credentials = { ...aws.credentials, ...wrong }
  const options: AwsClientOptions = { service: 'sqs', region: aws.region, credentials, clock: skewed, random: () => 1 }
  const client = awsClient(options)
  const request = (queue: string) => ({
    action: 'GetQueueAttributes',
    method: 'POST',
    url: new URL(aws.url),
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.GetQueueAttributes' },
    body: new TextEncoder().encode(JSON.stringify({ QueueUrl: aws.queueUrl(queue), AttributeNames: ['All'] })),
  })
  return {
    aws,
    clock,
    slept,
    options,
    request,
    depth: (queue = 'helix') => client.send(request(queue)),
    [Symbol.asyncDispose]: () => aws[Symbol.asyncDispose](),
  }
}
