import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Files, readText } from '../../shared/platform/files.ts'

/** What every driver of the files promises. @param open an empty root, and how to remove it */
export function filesContract(name: string, open: () => Promise<{ files: Files; close: () => Promise<void> }>): void {
  describe(`files contract: ${name}`, () => {
    let files: Files
    let close: () => Promise<void>
    beforeAll(async () => {
      ;({ files, close } = await open())
    })
    afterAll(() => close())

    putsAndGets(() => files)
    conditions(() => files)
    lists(() => files)
    names(() => files)
  })
}

function putsAndGets(files: () => Files): void {
  test('gives back what was put: text, bytes and streams', async () => {
    const bytes = new Uint8Array([0, 1, 255, 10, 13])
    const stream = new Blob(['高速公路', '服务区']).stream() as ReadableStream<Uint8Array>
    await files().put('put/text.md', '# 表')
    await files().put('put/bytes.bin', bytes)
    await files().put('put/stream.txt', stream)
    await files().put('put/empty.txt', '')
    expect(await readText(files(), 'put/text.md')).toBe('# 表')
    expect(await bytesOf(files(), 'put/bytes.bin')).toEqual(bytes)
    expect(await readText(files(), 'put/stream.txt')).toBe('高速公路服务区')
    expect(await readText(files(), 'put/empty.txt')).toBe('')
  })

  test('holds what is derived to the same conditions as any other file', async () => {
    await files().put('derived/a.json', '{}', { derived: true, ifNoneMatch: '*' })
    const again = files().put('derived/a.json', '{"late":true}', { derived: true, ifNoneMatch: '*' })
    await expect(again).rejects.toMatchObject({ code: 'file_conflict' })
    expect(await readText(files(), 'derived/a.json')).toBe('{}')
  })

  test('tells size, etag and time, the same from put, head, get and list', async () => {
    const info = await files().put('info/a.txt', '四字文本')
    expect(info).toMatchObject({ key: 'info/a.txt', size: 12, etag: expect.stringMatching(/^"[^"]+"$/) })
    expect(info.modifiedAt).toBeInstanceOf(Date)
    expect(await files().head('info/a.txt')).toEqual(info)
    expect((await files().list('info/')).files).toEqual([info])
    const got = await files().get('info/a.txt')
    await got?.body.cancel()
    expect(got).toMatchObject(info)
  })

  test('answers null for what is missing, also below a file', async () => {
    await files().put('missing/file', 'x')
    for (const key of ['missing/no', 'no/such/folder', 'missing/file/below']) {
      expect([await files().head(key), await files().get(key)]).toEqual([null, null])
    }
  })

  test('gives byte ranges', async () => {
    await files().put('range.txt', '0123456789')
    expect(await textOf(files(), 'range.txt', { offset: 0, length: 1 })).toBe('0')
    expect(await textOf(files(), 'range.txt', { offset: 3, length: 4 })).toBe('3456')
    expect(await textOf(files(), 'range.txt', { offset: 7 })).toBe('789')
    expect(await textOf(files(), 'range.txt', { offset: 8, length: 100 })).toBe('89')
    await expect(files().get('range.txt', { offset: 10 })).rejects.toMatchObject({ code: 'range_not_satisfiable' })
  })

  test('appends, creating the file and changing its etag', async () => {
    await files().append('append/a.log', 'one\n')
    const first = await files().head('append/a.log')
    await files().append('append/a.log', 'two\n')
    expect(await readText(files(), 'append/a.log')).toBe('one\ntwo\n')
    expect((await files().head('append/a.log'))?.etag).not.toBe(first?.etag)
  })

  test('shows readers the whole old or the whole new content', async () => {
    const [a, b] = ['a'.repeat(300_000), 'b'.repeat(300_000)]
    await files().put('atomic.txt', a)
    const writes = (async () => {
      for (let turn = 0; turn < 10; turn++) await files().put('atomic.txt', turn % 2 === 0 ? b : a)
    })()
    for (let turn = 0; turn < 10; turn++) expect([a, b]).toContain(await readText(files(), 'atomic.txt'))
    await writes
  })

  test('keeps the old content, and nothing half-made, when the new one breaks off', async () => {
    await files().put('broken/a.txt', 'old')
    const breaking = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) => controller.error(new Error('the sender went away')),
    })
    await expect(files().put('broken/a.txt', breaking)).rejects.toThrow('the sender went away')
    expect(await readText(files(), 'broken/a.txt')).toBe('old')
    expect((await files().list('broken/')).files.map((file) => file.key)).toEqual(['broken/a.txt'])
  })

  test('deletes; missing keys are no error', async () => {
    await files().put('delete/a', '1')
    await files().put('delete/deep/b', '2')
    await files().delete(['delete/a', 'delete/deep/b', 'delete/none', 'nowhere/none'])
    expect((await files().list('delete/')).files).toEqual([])
    expect(await files().head('delete/a')).toBeNull()
  })
}

function conditions(files: () => Files): void {
  test('changes the etag whenever the content does, however fast', async () => {
    const etags = new Set<string>()
    for (let turn = 0; turn < 100; turn++) etags.add((await files().put('fast.txt', String(100 + turn))).etag)
    expect(etags.size).toBe(100)
  })

  test('refuses to replace with ifNoneMatch, also when many try at once', async () => {
    const puts = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => files().put('once.txt', `writer ${n}`, { ifNoneMatch: '*' })),
    )
    const refused = puts.filter((put) => put.status === 'rejected').map((put) => put.reason.code)
    expect(refused).toEqual(Array.from({ length: 7 }, () => 'file_conflict'))
  })

  test('replaces with ifMatch that content only', async () => {
    const first = await files().put('match.txt', 'v1')
    const second = await files().put('match.txt', 'v2', { ifMatch: first.etag })
    const stale = files().put('match.txt', 'v3', { ifMatch: first.etag })
    await expect(stale).rejects.toMatchObject({ code: 'file_conflict' })
    expect(await readText(files(), 'match.txt')).toBe('v2')
    const raced = await Promise.allSettled(
      [3, 4].map((n) => files().put('match.txt', `v${n}`, { ifMatch: second.etag })),
    )
    expect(raced.map((put) => put.status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(files().put('none.txt', 'x', { ifMatch: '"none"' })).rejects.toMatchObject({ code: 'file_conflict' })
  })
}

function lists(files: () => Files): void {
  test('lists below a prefix in the order of the keys, page by page', async () => {
    const keys = [
      'list/a',
      'list/a-b',
      'list/a/b',
      'list/a.c/d',
      'list/a0',
      'list/b/c/d',
      'list/文件',
      'list/𝒳',
      'list/ﬀ',
    ]
    const own = keys.filter((key) => key !== 'list/a') // a disk can't hold both list/a and list/a/b
    for (const key of own) await files().put(key, key)
    const expected = [...own].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await files().list('list/', { limit: 2, ...(cursor === null ? {} : { cursor }) })
      expect(page.files.length).toBeLessThanOrEqual(2)
      seen.push(...page.files.map((file) => file.key))
      cursor = page.cursor
    } while (cursor !== null)
    expect(seen).toEqual(expected)
  })

  test('takes a prefix as text, not as a folder, and answers an empty page for an unknown one', async () => {
    for (const key of ['prefix/task_1/a', 'prefix/task_10/a', 'prefix/other']) await files().put(key, '')
    const found = await files().list('prefix/task_1')
    expect(found.files.map((file) => file.key)).toEqual(['prefix/task_1/a', 'prefix/task_10/a'])
    expect(await files().list('prefix/none/at/all/')).toEqual({ files: [], cursor: null })
    expect((await files().list('')).files.length).toBeGreaterThan(10)
  })
}

function names(files: () => Files): void {
  test.each([
    ['..', '../escape.txt'],
    ['a folder up in the middle', 'task/../../escape.txt'],
    ['an absolute path', '/etc/passwd'],
    ['an empty name', ''],
    ['an empty segment', 'task//a.txt'],
    ['a single dot', './a.txt'],
    ['a NUL', 'task/a\0.txt'],
    ['a newline', 'task/a\nb.txt'],
    ['a backslash', 'task\\..\\a.txt'],
    ['more bytes than any platform takes', `task/${'长'.repeat(400)}`],
    ['a trailing slash', 'task/'],
  ])('refuses %s', async (_, key) => {
    const refusal = { code: 'invalid_file_name' }
    await expect(files().put(key, 'x')).rejects.toMatchObject(refusal)
    await expect(files().append(key, 'x')).rejects.toMatchObject(refusal)
    await expect(files().get(key)).rejects.toMatchObject(refusal)
    await expect(files().head(key)).rejects.toMatchObject(refusal)
    await expect(files().delete([key])).rejects.toMatchObject(refusal)
  })

  test('takes names in any script', async () => {
    const key = 'names/服务区 (1) %2e%2e é ..name...txt'
    await files().put(key, 'ok')
    expect((await files().list('names/')).files.map((file) => file.key)).toEqual([key])
  })
}

async function textOf(files: Files, key: string, range: { offset: number; length?: number }): Promise<string> {
  const file = await files.get(key, range)
  return await new Response(file?.body ?? null).text()
}

async function bytesOf(files: Files, key: string): Promise<Uint8Array> {
  return new Uint8Array(await new Response((await files.get(key))?.body ?? null).arrayBuffer())
}
