import { equal } from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { gate } from '../support/engine-kit.ts'
import { httpAnswers } from './cases/http-answers.ts'
import { casesOf } from './suite/case.ts'
import { conform } from './suite/conform.ts'
import { openKit } from './suite/kit.ts'
import { LeftOut } from './suite/left-out.ts'
import { playCases, type Result } from './suite/play.ts'
import { line } from './suite/report.ts'
import type { OpenTarget } from './target.ts'
import type { OpenWorld } from './world.ts'

const SECRET = 'planted0123456789'

/** A platform over real HTTP that answers everything in the same way. */
async function brokenTarget(status: number, body: string): Promise<OpenTarget> {
  const server = createServer((_, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lacks: { streaming: 'it answers whole' },
    fire: async () => undefined,
    deadLetters: async () => [],
    output: () => '',
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const WORLD = { planted: { key: SECRET }, givenMissing: 'no Chinook at hand' } as unknown as OpenWorld

async function play(target: OpenTarget, cases: Parameters<typeof playCases>[0]): Promise<Result[]> {
  return await playCases(cases, openKit(target, WORLD), () => undefined)
}

test('no case of HTTP answers holds on a platform that answers everything alike', async () => {
  await using target = await brokenTarget(200, 'hello')
  const results = await play(target, httpAnswers)
  // Cookies, statuses and bytes are wrong; that no other origin may read is true of it.
  expect(results.filter(({ outcome }) => outcome === 'ok').map(({ name }) => name)).toEqual([
    'lets no other origin read an answer',
  ])
})

test('a case that throws has failed with its reason, and the others are played', async () => {
  await using target = await brokenTarget(200, '{}')
  const results = await play(
    target,
    casesOf(
      'http',
      ['breaks', async (t) => equal((await t.fetch('/')).status, 201)],
      ['holds', async (t) => equal((await t.fetch('/')).status, 200)],
      ['can not stream', ['streaming'], async () => undefined],
      [
        'has no database',
        async () => {
          throw new LeftOut({ kind: 'given', why: 'none' })
        },
      ],
    ),
  )
  expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'ok', 'left out', 'left out'])
  expect(results[0]).toMatchObject({ reason: expect.stringContaining('201') })
  expect(results[2]).toMatchObject({ reason: { capability: 'streaming', why: 'it answers whole' } })
  const told = results.map((result) => line('fake', result).split(' ').filter(Boolean)[0])
  expect(told).toEqual(['FAILED', 'ok', 'left', 'left'])
})

test('a planted secret in any answer is found, wherever it came from', async () => {
  await using target = await brokenTarget(500, `password is ${SECRET}`)
  const kit = openKit(target, WORLD)
  await kit.fetch('/some/page')
  expect(await kit.leaks()).toEqual(['key in GET /some/page'])
})

test('what comes last is played when everything else is over', async () => {
  await using target = await brokenTarget(200, '{}')
  const order: string[] = []
  const quick = gate()
  const slow = async () => {
    await quick.passed
    order.push('slow')
  }
  const cases = casesOf(
    'http',
    ['is slow', slow],
    [
      'is quick',
      async () => {
        order.push('quick')
        quick.open()
      },
    ],
  )
  await play(target, [
    { subject: 'secrets', name: 'is last', last: true, run: async () => void order.push('last') },
    ...cases,
  ])
  expect(order).toEqual(['quick', 'slow', 'last'])
})

test.each([
  ['one that holds', 200, [], 0],
  ['one that fails', 500, [], 1],
  ['a target that can not run, when it was named', 200, ['--target', 'lambda'], 1],
  ['a target that can not run, among all', 200, ['--target', 'all'], 0],
  ['no case of that name', 200, ['--case', 'nonsense'], 2],
])('the command ends as it should for %s', async (_, status, given, code) => {
  const told: string[] = []
  const ended = await conform(given.length === 0 ? ['--target', 'local'] : given, {
    cases: casesOf('http', ['answers', async (t) => equal((await t.fetch('/')).status, 200)]),
    load: async (name) =>
      name === 'local'
        ? { name, unavailable: async () => null, open: async () => await brokenTarget(status, '{}') }
        : 'It needs another machine.',
    openWorld: async () => ({ ...WORLD, [Symbol.asyncDispose]: async () => undefined }),
    publish: async () => undefined,
    out: (text) => told.push(text),
    err: (text) => told.push(text),
    signal: new AbortController().signal,
    today: '2026-01-02',
  })
  expect(ended).toBe(code)
  if (status === 500) expect(told.join('')).toContain('FAILED    local · http · answers')
  if (given.includes('lambda')) expect(told.join('')).toContain("lambda: can't run here. It needs another machine.")
})

test('a run that is interrupted closes its target and its world', async () => {
  const abort = new AbortController()
  const closed: string[] = []
  const ended = await conform(['--target', 'local'], {
    cases: casesOf('http', ['never ends', async () => await new Promise(() => abort.abort())]),
    load: async (name) => ({
      name,
      unavailable: async () => null,
      open: async () => {
        const target = await brokenTarget(200, '{}')
        const close = async () => {
          await target[Symbol.asyncDispose]()
          closed.push('target')
        }
        return { ...target, [Symbol.asyncDispose]: close }
      },
    }),
    openWorld: async () => ({ ...WORLD, [Symbol.asyncDispose]: async () => void closed.push('world') }),
    publish: async () => undefined,
    out: () => undefined,
    err: () => undefined,
    signal: abort.signal,
    today: '2026-01-02',
  })
  expect([ended, closed]).toEqual([1, ['target', 'world']])
})
