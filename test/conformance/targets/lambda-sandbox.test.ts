import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { Fleet } from './lambda-fleet.ts'
import { functionUrl } from './lambda-front.ts'

// What a function of Lambda may do to its sandbox: count its invocations, work on behind its answer, fail, hang, stream.
const BUNDLE = `
let calls = 0
let ticks = 0
setInterval(() => ticks++, 10).unref()
export async function handler(event, context) {
  if (event.throw) throw new TypeError(event.throw)
  if (event.hang) await new Promise((resolve) => setTimeout(resolve, 60_000))
  return { calls: ++calls, ticks, pid: process.pid, left: context.getRemainingTimeInMillis() > 0 }
}
export const stream = awslambda.streamifyResponse(async (event, out) => {
  const body = awslambda.HttpResponseStream.from(out, { statusCode: 201, headers: { 'x-a': 'b' }, cookies: ['c=1', 'd=2'] })
  body.write('first ')
  if (event.rawPath === '/break') throw new Error('broke off')
  body.end('last')
})`

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let fleet: Fleet
beforeAll(async () => {
  folder = await temporaryFolder()
  await writeFile(join(folder.path, 'lambda.mjs'), BUNDLE)
})
afterEach(() => fleet.close())
afterAll(() => folder[Symbol.asyncDispose]())

function open(handler: 'handler' | 'stream', timeoutMs = 30_000): Fleet {
  fleet = new Fleet({ root: folder.path, handler, env: {}, timeoutMs, print: () => undefined })
  return fleet
}

describe('a sandbox', () => {
  test('serves one invocation after the other, and stands still between them', async () => {
    const warm = open('handler')
    const first = (await warm.call({})) as Record<string, number>
    await new Promise((resolve) => setImmediate(resolve))
    const second = (await warm.call({})) as Record<string, number>
    expect(second).toMatchObject({ calls: 2, pid: first.pid, left: true })
    expect(warm.sandboxes).toHaveLength(1)
  })

  test('has another beside it for what comes at the same time', async () => {
    const wide = open('handler')
    const answers = (await Promise.all([wide.call({}), wide.call({})])) as { pid: number }[]
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2)
  })

  test('outlives an invocation that throws', async () => {
    const warm = open('handler')
    await expect(warm.call({ throw: 'no luck' })).rejects.toThrow('no luck')
    expect(await warm.call({})).toMatchObject({ calls: 1 })
    expect(warm.sandboxes).toHaveLength(1)
  })

  test('is killed at its deadline, and the next event gets a new one', async () => {
    const short = open('handler', 1_000)
    await expect(short.call({ hang: true })).rejects.toThrow('Task timed out')
    expect(await short.call({})).toMatchObject({ calls: 1 })
  })
})

describe('a function URL', () => {
  test('gives the head of a streamed answer, its cookies and its body', async () => {
    const lambda = open('stream')
    await using front = await functionUrl((event) => lambda.invoke(event))
    const answer = await fetch(front.url)
    expect([answer.status, answer.headers.get('x-a'), answer.headers.getSetCookie()]).toEqual([
      201,
      'b',
      ['c=1', 'd=2'],
    ])
    expect(await answer.text()).toBe('first last')
  })

  test('breaks off where its function does', async () => {
    const lambda = open('stream')
    await using front = await functionUrl((event) => lambda.invoke(event))
    const answer = await fetch(`${front.url}/break`)
    expect(answer.status).toBe(201)
    await expect(answer.text()).rejects.toThrow()
  })
})
