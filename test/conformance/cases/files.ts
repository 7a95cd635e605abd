import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import type { FileOperation } from '../probes/files-probe.ts'
import { casesOf } from '../suite/case.ts'
import type { Kit } from '../suite/kit.ts'

/** An answer of the probe: what the operation gave, or the code of its problem. */
interface FileAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field
  readonly value?: any
  readonly problem?: string
}

/** What is put into files and read from them. */
export const fileContents = casesOf(
  'files',
  [
    'gives back what was put: text, bytes, streams, nothing',
    async (t) => {
      const at = t.name('put')
      const bytes = Buffer.from([0, 1, 255, 10, 13]).toString('base64')
      await run(t, [
        { op: 'put', key: `${at}/text.md`, content: { text: '# 表' } },
        { op: 'put', key: `${at}/bytes.bin`, content: { base64: bytes } },
        { op: 'put', key: `${at}/stream.txt`, content: { pieces: ['高速公路', '服务区'] } },
        { op: 'put', key: `${at}/empty.txt`, content: { text: '' } },
      ])
      equal(await textOf(t, `${at}/text.md`), '# 表')
      equal((await get(t, `${at}/bytes.bin`)).value.base64, bytes)
      equal(await textOf(t, `${at}/stream.txt`), '高速公路服务区')
      equal(await textOf(t, `${at}/empty.txt`), '')
    },
  ],
  [
    'tells size, ETag and time, the same from put, head, get and list',
    async (t) => {
      const at = t.name('info')
      const key = `${at}/a.txt`
      const [put, head, got, list] = await run(t, [
        { op: 'put', key, content: { text: '四字文本' } },
        { op: 'head', key },
        { op: 'get', key },
        { op: 'list', prefix: `${at}/` },
      ])
      const { base64: _, ...info } = got?.value ?? {}
      match(put?.value.etag, /^"[^"]+"$/)
      deepEqual([put?.value.key, put?.value.size], [key, 12])
      deepEqual([head?.value, info, list?.value.files], [put?.value, put?.value, [put?.value]])
    },
  ],
  [
    'answers nothing for what is missing',
    async (t) => {
      const key = t.name('missing/no')
      deepEqual(
        await run(t, [
          { op: 'head', key },
          { op: 'get', key },
          { op: 'delete', keys: [key] },
        ]),
        [{ value: null }, { value: null }, { value: null }],
      )
    },
  ],
  [
    'gives ranges, and refuses one outside',
    async (t) => {
      const key = t.name('range')
      await put(t, key, '0123456789')
      equal(await textOf(t, key, { offset: 0, length: 1 }), '0')
      equal(await textOf(t, key, { offset: 3, length: 4 }), '3456')
      equal(await textOf(t, key, { offset: 7 }), '789')
      equal(await textOf(t, key, { offset: 8, length: 100 }), '89')
      equal((await get(t, key, { offset: 10 })).problem, 'range_not_satisfiable')
    },
  ],
  [
    'appends, creating the file and changing its ETag',
    async (t) => {
      const key = t.name('append')
      const [, first, , second] = await run(t, [
        { op: 'append', key, text: '一\n' },
        { op: 'head', key },
        { op: 'append', key, text: 'two\n' },
        { op: 'head', key },
      ])
      equal(await textOf(t, key), '一\ntwo\n')
      ok(first?.value.etag !== second?.value.etag)
    },
  ],
  [
    'keeps the old content when the new one breaks off',
    async (t) => {
      const at = t.name('broken')
      const key = `${at}/a.txt`
      await put(t, key, 'old')
      const [broken] = await run(t, [{ op: 'put', key, content: { pieces: ['half'], breaks: true } }])
      ok(broken?.problem !== undefined)
      equal(await textOf(t, key), 'old')
      deepEqual(await keysBelow(t, `${at}/`), [key])
    },
  ],
  [
    'takes a stream of many pieces whole',
    async (t) => {
      const key = t.name('pieces')
      const pieces = Array.from({ length: 200 }, (_, n) => String(n % 10).repeat(1_000))
      const [stored] = await run(t, [{ op: 'put', key, content: { pieces } }])
      equal(stored?.value.size, 200_000)
      equal(await textOf(t, key, { offset: 100_999, length: 2 }), '01')
    },
  ],
)

/** When a put is refused. */
export const fileConditions = casesOf(
  'files',
  [
    'lets one of many writers create a file',
    async (t) => {
      const key = t.name('once')
      const puts = Array.from({ length: 6 }, (_, n) => putOf(key, `writer ${n}`, { ifNoneMatch: '*' as const }))
      const answers = await run(t, puts, true)
      equal(answers.filter(({ problem }) => problem === 'file_conflict').length, 5)
      equal(answers.filter(({ value }) => value !== undefined).length, 1)
    },
  ],
  [
    'replaces the content that was read, and no other',
    async (t) => {
      const key = t.name('match')
      const first = await put(t, key, 'v1')
      const [second, stale, none] = await run(t, [
        putOf(key, 'v2', { ifMatch: first.etag }),
        putOf(key, 'v3', { ifMatch: first.etag }),
        putOf(t.name('none'), 'x', { ifMatch: '"none"' }),
      ])
      deepEqual([stale?.problem, none?.problem], ['file_conflict', 'file_conflict'])
      const raced = await run(
        t,
        [3, 4].map((n) => putOf(key, `v${n}`, { ifMatch: second?.value.etag })),
        true,
      )
      equal(raced.filter(({ problem }) => problem === 'file_conflict').length, 1)
    },
  ],
  [
    'changes the ETag whenever the content changes',
    async (t) => {
      const key = t.name('fast')
      const puts = Array.from({ length: 20 }, (_, n) => putOf(key, String(100 + n)))
      const etags = (await run(t, puts)).map(({ value }) => value.etag)
      equal(new Set(etags).size, puts.length)
    },
  ],
)

/** Lists, deletions and names. */
export const fileNames = casesOf(
  'files',
  [
    'lists below a prefix in the order of the keys, page by page',
    async (t) => {
      const at = t.name('list')
      const keys = ['a-b', 'a/b', 'a.c/d', 'a0', 'b/c/d', '文件', '𝒳', 'ﬀ'].map((name) => `${at}/${name}`)
      await run(
        t,
        keys.map((key) => putOf(key, key)),
      )
      const pages: string[][] = []
      let cursor: string | null = null
      do {
        const more: { cursor?: string } = cursor === null ? {} : { cursor }
        const [page]: FileAnswer[] = await run(t, [{ op: 'list', prefix: `${at}/`, limit: 3, ...more }])
        pages.push(page?.value.files.map(({ key }: { key: string }) => key))
        cursor = page?.value.cursor
      } while (cursor !== null)
      deepEqual(
        pages.flat(),
        keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      )
      ok(pages.every((page) => page.length <= 3))
    },
  ],
  [
    'takes a prefix as text, and answers an empty page for an unknown one',
    async (t) => {
      const at = t.name('prefix')
      await run(
        t,
        [`${at}/task_1/a`, `${at}/task_10/a`, `${at}/other`].map((key) => putOf(key, 'x')),
      )
      deepEqual(await keysBelow(t, `${at}/task_1`), [`${at}/task_1/a`, `${at}/task_10/a`])
      deepEqual(await keysBelow(t, `${at}/none/at/all/`), [])
    },
  ],
  [
    'deletes several at once; missing ones are no error',
    async (t) => {
      const at = t.name('delete')
      const keys = [`${at}/a`, `${at}/deep/b`]
      await run(
        t,
        keys.map((key) => putOf(key, 'x')),
      )
      const [deleted] = await run(t, [{ op: 'delete', keys: [...keys, `${at}/none`] }])
      deepEqual([deleted?.problem, await keysBelow(t, `${at}/`)], [undefined, []])
    },
  ],
  [
    'refuses keys that lead out or that not every platform takes',
    async (t) => {
      const bad = ['../escape', 'a/../../escape', '/etc/passwd', '', 'a//b', './a', 'a\0b', 'a\nb', 'a\\b', 'a/']
      const long = `long/${'长'.repeat(400)}`
      for (const key of [...bad, long]) {
        const answers = await run(t, [
          putOf(key, 'x'),
          { op: 'append', key, text: 'x' },
          { op: 'get', key },
          { op: 'head', key },
          { op: 'delete', keys: [key] },
        ])
        deepEqual(
          answers.map(({ problem }) => problem),
          Array.from({ length: 5 }, () => 'invalid_file_name'),
          JSON.stringify(key),
        )
      }
    },
  ],
  [
    'takes names in any script',
    async (t) => {
      const at = t.name('names')
      const key = `${at}/服务区 (1) %2e%2e é +&=?#'"~ ..name...txt`
      await put(t, key, 'ok')
      equal(await textOf(t, key), 'ok')
      deepEqual(await keysBelow(t, `${at}/`), [key])
    },
  ],
)

async function run(t: Kit, operations: readonly FileOperation[], together = false): Promise<FileAnswer[]> {
  const { status, body } = await t.call('POST', '/conformance/files', { operations, together })
  equal(status, 200, JSON.stringify(body))
  return body
}

function putOf(key: string, text: string, condition?: { ifNoneMatch?: '*'; ifMatch?: string }): FileOperation {
  return { op: 'put', key, content: { text }, ...(condition === undefined ? {} : { condition }) }
}

async function put(t: Kit, key: string, text: string): Promise<{ etag: string }> {
  const [answer] = await run(t, [putOf(key, text)])
  ok(answer?.value, JSON.stringify(answer))
  return answer.value
}

async function get(t: Kit, key: string, range?: { offset: number; length?: number }): Promise<FileAnswer> {
  const [answer] = await run(t, [{ op: 'get', key, ...(range === undefined ? {} : { range }) }])
  return answer ?? {}
}

async function textOf(t: Kit, key: string, range?: { offset: number; length?: number }): Promise<string> {
  const { value, problem } = await get(t, key, range)
  equal(problem, undefined)
  return Buffer.from(value.base64, 'base64').toString('utf8')
}

async function keysBelow(t: Kit, prefix: string): Promise<string[]> {
  const [page] = await run(t, [{ op: 'list', prefix }])
  return page?.value.files.map(({ key }: { key: string }) => key)
}
