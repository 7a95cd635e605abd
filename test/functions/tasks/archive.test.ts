import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'
import { insertTask, putOutput } from '../../support/store-factory.ts'

const kit = functionKit()
const archivePath = (taskId: string) => `/api/v0/data_pipeline/tasks/${taskId}/files/archive`

/** Names and stored contents, by the central directory of a zip whose entries are not compressed. */
function entriesOf(zip: Buffer): Map<string, string> {
  const entries = new Map<string, string>()
  const end = zip.lastIndexOf('PK\u0005\u0006')
  let at = zip.readUInt32LE(end + 16)
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    const [size, nameLength, extraLength] = [
      zip.readUInt32LE(at + 24),
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
    ]
    const local = zip.readUInt32LE(at + 42)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const content = zip.subarray(start, start + size)
    expect(zip.readUInt32LE(at + 16)).toBe(crc32(content))
    entries.set(zip.toString('utf8', at + 46, at + 46 + nameLength), content.toString('utf8'))
    at += 46 + nameLength + extraLength + zip.readUInt16LE(at + 32)
  }
  return entries
}

test('an archive holds every file of the task under its own name', async () => {
  const { platform } = kit
  const taskId = await insertTask(platform.store)
  await putOutput(platform, taskId, 'metadata.txt', 'meta')
  await putOutput(platform, taskId, '服务区_detail.md', '# 服务区\n')
  await putOutput(platform, taskId, 'data_pipeline.log', 'a line\n', { hashed: false })
  const answer = await kit.send('GET', archivePath(taskId))
  expect(answer.headers.get('content-type')).toBe('application/zip')
  expect(answer.headers.get('content-disposition')).toContain(`filename="${taskId}.zip"`)
  expect([...entriesOf(Buffer.from(await answer.arrayBuffer()))].toSorted()).toEqual([
    ['data_pipeline.log', 'a line\n'],
    ['metadata.txt', 'meta'],
    ['服务区_detail.md', '# 服务区\n'],
  ])
})

test('an archive opens a file only when it has come to it', async () => {
  const { platform } = kit
  const taskId = await insertTask(platform.store)
  await putOutput(platform, taskId, 'a.txt', 'x'.repeat(300_000))
  await putOutput(platform, taskId, 'b.txt', 'x')
  const answer = await kit.send('GET', archivePath(taskId))
  const reader = answer.body?.getReader()
  await reader?.read()
  await platform.files.delete([`${taskId}/b.txt`])
  const drained = (async () => {
    while ((await reader?.read())?.done === false);
  })()
  await expect(drained).rejects.toThrow('b.txt')
})

test('an archive of an unknown task is not found', async () => {
  expect((await kit.send('GET', archivePath('task_unknown'))).status).toBe(404)
})
