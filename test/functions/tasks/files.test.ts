import { describe, expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'
import { insertExecution, insertTask, putOutput } from '../../support/store-factory.ts'

const TASKS = '/api/v0/data_pipeline/tasks'
const kit = functionKit()
const NAME = 'bss_service_area.ddl'
const TEXT = 'create table bss_service_area (id int);\n'

interface FilesAnswer {
  data: { files: { file_name: string; file_size: number; download_url: string }[]; total_size: number }
}

async function taskWithFile(name = NAME, text = TEXT): Promise<string> {
  const taskId = await insertTask(kit.platform.store)
  await putOutput(kit.platform, taskId, name, text, { type: 'ddl' })
  return taskId
}

const download = async (headers: Record<string, string> = {}, method = 'GET') => {
  const taskId = await taskWithFile()
  return await kit.send(method, `${TASKS}/${taskId}/files/download/${NAME}`, { headers })
}

describe('the files of a task', () => {
  test('are listed with the fields of the specification, the important ones first', async () => {
    const { platform } = kit
    const taskId = await insertTask(platform.store)
    const executionId = await insertExecution(platform.store)
    await putOutput(platform, taskId, 'a.ddl', 'create table a ();', {
      type: 'ddl',
      step: 'ddl_generation',
      executionId,
    })
    await putOutput(platform, taskId, 'qs_db_pair.json', '[]', { type: 'json', primary: true, description: 'Pairs' })
    const { data } = await kit.read<FilesAnswer>(`${TASKS}/${taskId}/files`)
    expect(data.files).toEqual([
      expect.objectContaining({
        file_name: 'qs_db_pair.json',
        file_type: 'json',
        file_size: 2,
        download_url: `${TASKS}/${taskId}/files/download/qs_db_pair.json`,
        description: 'Pairs',
        is_primary: true,
        step_name: null,
        content_hash: '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945',
      }),
      expect.objectContaining({ file_name: 'a.ddl', step_name: 'ddl_generation', created_at: '2025-06-27T14:30:52' }),
    ])
    expect(data.total_size).toBe(20)
  })

  test('count the log as long as it is now, and as empty before its first line', async () => {
    const { platform } = kit
    const taskId = await insertTask(platform.store)
    await putOutput(platform, taskId, 'data_pipeline.log', 'first\n', { type: 'log', hashed: false })
    await platform.files.append(`${taskId}/data_pipeline.log`, 'second\n')
    expect((await kit.read<FilesAnswer>(`${TASKS}/${taskId}/files`)).data.total_size).toBe(13)
    await platform.files.delete([`${taskId}/data_pipeline.log`])
    expect((await kit.read<FilesAnswer>(`${TASKS}/${taskId}/files`)).data.total_size).toBe(0)
    const answer = await kit.send('GET', `${TASKS}/${taskId}/files/download/data_pipeline.log`)
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })

  test('are not found without their task', async () => {
    expect((await kit.send('GET', `${TASKS}/task_unknown/files`)).status).toBe(404)
  })
})

describe('a download', () => {
  test('is the file, as an attachment with its length and ETag', async () => {
    const answer = await download()
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe(TEXT)
    expect(answer.headers.get('content-length')).toBe(String(TEXT.length))
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${NAME}"; filename*=UTF-8''${NAME}`)
    expect(answer.headers.get('accept-ranges')).toBe('bytes')
    expect(answer.headers.get('etag')).toMatch(/^".+"$/)
  })

  test.each([
    ['a name in Chinese', '服务区_detail.md'],
    ['a name with a percent sign', 'a%2Fb.ddl'],
    ['a name with spaces, quotes and marks', `order "details" #1?&'(x).ddl`],
  ])('finds %s by the URL that the list answers', async (_, name) => {
    const taskId = await taskWithFile(name, '# 服务区\n')
    const url = (await kit.read<FilesAnswer>(`${TASKS}/${taskId}/files`)).data.files[0]?.download_url ?? ''
    const answer = await kit.send('GET', url)
    expect([answer.status, await answer.text()]).toEqual([200, '# 服务区\n'])
    const encoded = answer.headers.get('content-disposition')?.split("filename*=UTF-8''")[1] ?? ''
    expect(decodeURIComponent(encoded)).toBe(name)
  })

  test.each([
    ['the first bytes', 'bytes=0-5', 'create', 'bytes 0-5/40'],
    ['the rest', 'bytes=33-', ' int);\n', 'bytes 33-39/40'],
    ['the last bytes', 'bytes=-3', ');\n', 'bytes 37-39/40'],
    ['more than there is', 'bytes=36-900', 't);\n', 'bytes 36-39/40'],
  ])('gives a range: %s', async (_, range, text, contentRange) => {
    const answer = await download({ Range: range })
    expect([answer.status, await answer.text()]).toEqual([206, text])
    expect(answer.headers.get('content-range')).toBe(contentRange)
    expect(answer.headers.get('content-length')).toBe(String(text.length))
  })

  test('refuses a range past the end, saying how long the file is', async () => {
    const answer = await download({ Range: 'bytes=40-' })
    expect(answer.status).toBe(416)
    expect(answer.headers.get('content-range')).toBe('bytes */40')
    expect(await answer.json()).toMatchObject({ code: 'range_not_satisfiable' })
  })

  test.each(['bytes=0-1,5-6', 'lines=1-2', 'bytes=5-2', 'bytes=x'])('ignores the range %s', async (range) => {
    const answer = await download({ Range: range })
    expect([answer.status, await answer.text()]).toEqual([200, TEXT])
  })

  test('is not repeated for a client that has it', async () => {
    const taskId = await taskWithFile()
    const path = `${TASKS}/${taskId}/files/download/${NAME}`
    const etag = (await kit.send('HEAD', path)).headers.get('etag') ?? ''
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await kit.send('GET', path, { headers: { 'If-None-Match': known } })
      expect([answer.status, await answer.text()]).toEqual([304, ''])
    }
    expect((await kit.send('GET', path, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200)
  })

  test('gives a range only of the content that it was meant of', async () => {
    const taskId = await taskWithFile()
    const path = `${TASKS}/${taskId}/files/download/${NAME}`
    const etag = (await kit.send('HEAD', path)).headers.get('etag') ?? ''
    const same = await kit.send('GET', path, { headers: { Range: 'bytes=0-5', 'If-Range': etag } })
    expect([same.status, await same.text()]).toEqual([206, 'create'])
    const other = await kit.send('GET', path, { headers: { Range: 'bytes=0-5', 'If-Range': '"other"' } })
    expect([other.status, await other.text()]).toEqual([200, TEXT])
  })

  test('answers HEAD with the same headers and nothing else', async () => {
    const answer = await download({}, 'HEAD')
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(answer.headers.get('content-length')).toBe(String(TEXT.length))
  })

  test.each([
    ['a parent folder', '..%2Ftask_config.json'],
    ['dots that are encoded twice', '%252e%252e%252fsecret/..%2f'],
    ['an absolute path', '/etc/passwd'],
    ['an encoded absolute path', '%2Fetc%2Fpasswd'],
    ['an encoded slash', 'a%2Fb.ddl'],
    ['a backslash', 'a%5Cb.ddl'],
    ['a NUL', 'a%00.ddl'],
    ['a folder', 'folder/a.ddl'],
  ])('refuses %s in place of a name', async (_, name) => {
    const taskId = await taskWithFile()
    for (const kind of ['download', 'preview']) {
      const answer = await kit.send('GET', `${TASKS}/${taskId}/files/${kind}/${name}`)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'invalid_file_name' })
    }
  })

  test('finds nothing that the outputs do not list, although it lies in the folder', async () => {
    const taskId = await taskWithFile()
    await kit.platform.files.put(`${taskId}/unlisted.txt`, 'x')
    const answer = await kit.send('GET', `${TASKS}/${taskId}/files/download/unlisted.txt`)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'file_not_found' })
  })

  test('says so when a listed file is gone', async () => {
    const taskId = await taskWithFile()
    await kit.platform.files.delete([`${taskId}/${NAME}`])
    expect((await kit.send('GET', `${TASKS}/${taskId}/files/download/${NAME}`)).status).toBe(404)
  })
})

describe('a preview', () => {
  const preview = (taskId: string, query = '') =>
    kit.read<{ data: Record<string, unknown> }>(`${TASKS}/${taskId}/files/preview/${NAME}${query}`)

  test('shows a short file whole', async () => {
    expect((await preview(await taskWithFile())).data).toEqual({
      file_name: NAME,
      file_type: 'ddl',
      file_size: 40,
      content: TEXT,
      truncated: false,
    })
  })

  test('cuts a long file between two characters', async () => {
    const text = '服'.repeat(1000) // three bytes each: 1,024 bytes end inside the 342nd
    const { data } = await preview(await taskWithFile(NAME, text), '?kb=1')
    expect(data).toMatchObject({ content: '服'.repeat(341), truncated: true, file_size: 3000 })
  })

  test('refuses a size past the most by its name', async () => {
    const answer = await kit.send('GET', `${TASKS}/${await taskWithFile()}/files/preview/${NAME}?kb=2000`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ path: 'kb' }] })
  })
})
