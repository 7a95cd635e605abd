import { describe, expect, test } from 'vitest'
import { ANSWER_BYTES_MAX, headOf, requestOf, wholeAnswer } from '../../../shared/platform/aws-http.ts'
import { httpEvent } from '../../support/lambda-events.ts'

describe('a request', () => {
  test.each([
    ['keeps an escaped slash', { rawPath: '/files/a%2Fb' }, '/files/a%2Fb'],
    ['keeps other escapes as they were sent', { rawPath: '/files/%E4%B8%AD%20x' }, '/files/%E4%B8%AD%20x'],
    ['escapes what an HTTP API has decoded', { rawPath: '/files/中 x' }, '/files/%E4%B8%AD%20x'],
    ['escapes a decoded question mark, hash and per cent', { rawPath: '/files/100%?#' }, '/files/100%25%3F%23'],
    ['keeps a query as it was sent', { rawQueryString: 'a=1&a=2&b=x+y%2B&c=&d' }, '/?a=1&a=2&b=x+y%2B&c=&d'],
    ['takes the stage of an HTTP API off the path', { rawPath: '/v1/files', stage: 'v1' }, '/files'],
    ['has a path where only the stage was asked for', { rawPath: '/v1', stage: 'v1' }, '/'],
    ['keeps a path that only begins like the stage', { rawPath: '/v10/files', stage: 'v1' }, '/v10/files'],
    ['has a path where none was sent', { rawPath: '' }, '/'],
  ])('%s', (_, given, expected) => {
    const { pathname, search } = new URL(requestOf(httpEvent(given)).url)
    expect(pathname + search).toBe(expected)
  })

  test('goes to the host that was asked, not to the gateway', () => {
    expect(requestOf(httpEvent()).url).toBe('https://helix.test/')
    expect(requestOf(httpEvent({ headers: {} })).url).toBe('https://api.lambda-url.eu-central-1.on.aws/')
  })

  test('joins its cookies into one header', () => {
    expect(requestOf(httpEvent({ cookies: ['a=1', 'b=2'] })).headers.get('cookie')).toBe('a=1; b=2')
  })

  test('keeps empty headers, and other alphabets as their bytes', () => {
    const { headers } = requestOf(httpEvent({ headers: { host: 'h', 'x-empty': '', 'x-name': '中' } }))
    expect(headers.get('x-empty')).toBe('')
    expect(Buffer.from(headers.get('x-name') ?? '', 'latin1').toString()).toBe('中')
  })

  test.each([
    ['text', { body: '{"q":"中"}' }, Buffer.from('{"q":"中"}')],
    [
      'binary',
      { body: Buffer.from([0, 255, 128]).toString('base64'), isBase64Encoded: true },
      Buffer.from([0, 255, 128]),
    ],
  ])('carries a %s body, with its true length', async (_, given, expected) => {
    const headers = { host: 'h', 'content-length': '999', 'transfer-encoding': 'chunked' }
    const request = requestOf(httpEvent({ method: 'POST', headers, ...given }))
    expect(Buffer.from(await request.arrayBuffer())).toEqual(expected)
    expect(request.headers.get('content-length')).toBe(String(expected.length))
    expect(request.headers.get('transfer-encoding')).toBeNull()
  })

  test('has no body where none was sent, nor for GET and HEAD', async () => {
    expect(requestOf(httpEvent({ method: 'POST' })).body).toBeNull()
    for (const method of ['GET', 'HEAD']) expect(requestOf(httpEvent({ method, body: 'x' })).body).toBeNull()
  })

  test('is refused where HTTP does not allow it', () => {
    expect(() => requestOf(httpEvent({ method: 'TRACE' }))).toThrow(TypeError)
    expect(() => requestOf(httpEvent({ headers: { 'x-a': 'line\nbreak' } }))).toThrow(TypeError)
  })
})

describe('an answer', () => {
  test('hands over status, headers and each cookie', () => {
    const headers = new Headers([
      ['x-a', '1'],
      ['x-a', '2'],
      ['set-cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2'],
    ])
    expect(headOf(new Response(null, { status: 204, headers }))).toEqual({
      statusCode: 204,
      headers: { 'x-a': '1, 2' },
      cookies: ['a=1; Path=/', 'b=2'],
    })
  })

  test('leaves out what belongs to one connection', () => {
    const headers = { Connection: 'keep-alive', 'Transfer-Encoding': 'chunked', 'content-type': 'text/event-stream' }
    expect(headOf(new Response('', { headers })).headers).toEqual({ 'content-type': 'text/event-stream' })
  })

  test.each([
    [
      'text of any type as text',
      new Response('{"a":"中"}', { headers: { 'content-type': 'application/x-own' } }),
      '{"a":"中"}',
      false,
    ],
    ['other bytes as base64', new Response(new Uint8Array([80, 75, 3, 4, 255])), 'UEsDBP8=', true],
    ['a byte order mark with the rest', new Response('\uFEFFa'), '\uFEFFa', false],
    ['nothing as nothing', new Response(null, { status: 304 }), '', false],
  ])('carries %s', async (_, response, body, isBase64Encoded) => {
    expect(await wholeAnswer(response)).toMatchObject({ body, isBase64Encoded })
  })

  test('keeps the length that HEAD tells', async () => {
    const answer = await wholeAnswer(new Response(null, { headers: { 'content-length': '42' } }))
    expect(answer).toMatchObject({ headers: { 'content-length': '42' }, body: '' })
  })

  test.each([
    ['fits just below the limit', 'x'.repeat(ANSWER_BYTES_MAX - 200), true],
    ['does not fit when the JSON around it does not', '"'.repeat(ANSWER_BYTES_MAX * 0.6), false],
    ['does not fit when its base64 does not', new Uint8Array(ANSWER_BYTES_MAX * 0.8).fill(255), false],
    ['does not fit when it is larger than the limit itself', 'x'.repeat(ANSWER_BYTES_MAX + 1), false],
  ])('%s', async (_, body, fits) => {
    expect((await wholeAnswer(new Response(body))) !== null).toBe(fits)
  })

  test('is not read further than the limit', async () => {
    let given = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 1_000_000
        controller.enqueue(new Uint8Array(1_000_000))
      },
    })
    expect(await wholeAnswer(new Response(endless))).toBeNull()
    expect(given).toBeLessThan(ANSWER_BYTES_MAX + 3_000_000)
  })
})
