import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { parseAwsConfig } from '../../../shared/platform/aws-config.ts'
import { s3Files } from '../../../shared/platform/aws-files.ts'
import { type Files, readText } from '../../../shared/platform/files.ts'
import { seededRandom } from '../../../shared/platform/random.ts'
import { filesContract } from '../../contracts/files-contract.ts'
import { loopbackAws } from '../../support/loopback-aws/server.ts'
import { manualClock } from '../../support/manual-clock.ts'

const MEBIBYTE = 1_048_576

for (const prefix of [undefined, 'helix/production']) {
  filesContract(`S3 ${prefix === undefined ? 'without a prefix' : 'with a prefix'}`, async () => {
    const world = await openWorld(prefix)
    return { files: world.files, close: async () => await world[Symbol.asyncDispose]() }
  })
}

describe('s3Files', () => {
  test('keeps to its prefix, and shows it to people', async () => {
    await using world = await openWorld('helix/production')
    await world.files.put('task_1/a.txt', 'x')
    expect(world.keys()).toEqual(['helix/production/task_1/a.txt'])
    expect(world.files.root).toBe('s3://helix-files/helix/production')
  })

  test('uploads a long stream in parts and a short one at once, without the length being known', async () => {
    await using world = await openWorld()
    for (const [key, bytes] of [
      ['short', 3 * MEBIBYTE],
      ['exact', 16 * MEBIBYTE],
      ['long', 19 * MEBIBYTE + 5],
    ] as const) {
      const info = await world.files.put(key, streamOf(bytes))
      expect([key, info.size, await world.holds(key, CONTENT.subarray(0, bytes))]).toEqual([key, bytes, true])
    }
    expect(world.counts()).toMatchObject({ PutObject: 1, CreateMultipartUpload: 2, UploadPart: 5 })
    expect(await world.files.head('long')).toMatchObject({ etag: expect.stringMatching(/-3"$/) })
  })

  test('leaves nothing behind of a long stream that breaks off, and lets its sender know of a failed upload', async () => {
    await using world = await openWorld()
    await expect(world.files.put('a', streamOf(20 * MEBIBYTE, true))).rejects.toThrow('the sender went away')
    let cancelled = false
    world.aws.failNext(1, 403, 'UploadPart')
    const refused = world.files.put(
      'a',
      streamOf(20 * MEBIBYTE, false, () => (cancelled = true)),
    )
    await expect(refused).rejects.toMatchObject({
      code: 'files_unavailable',
      message: expect.stringMatching(/UploadPart .*HTTP 403/),
    })
    expect([world.keys(), world.bucket.openUploads(), cancelled]).toEqual([[], 0, true])
  })

  test('completes a long stream only when its condition holds, and aborts it otherwise', async () => {
    await using world = await openWorld()
    const old = await world.files.put('a', 'old')
    for (const condition of [{ ifNoneMatch: '*' as const }, { ifMatch: '"other"' }]) {
      const refused = world.files.put('a', streamOf(9 * MEBIBYTE), condition)
      await expect(refused).rejects.toMatchObject({ code: 'file_conflict' })
    }
    await expect(world.files.put('no', streamOf(9 * MEBIBYTE), { ifMatch: '"x"' })).rejects.toMatchObject({
      code: 'file_conflict',
    })
    expect([await readText(world.files, 'a'), world.bucket.openUploads()]).toEqual(['old', 0])
    await world.files.put('a', streamOf(9 * MEBIBYTE), { ifMatch: old.etag })
    expect((await world.files.head('a'))?.size).toBe(9 * MEBIBYTE)
  })

  test('tries again when S3 finds only after its 200 that it failed', async () => {
    await using world = await openWorld()
    world.aws.failNext(1, 200, 'CompleteMultipartUpload')
    await world.files.put('a', streamOf(9 * MEBIBYTE))
    expect(world.counts()).toMatchObject({ CompleteMultipartUpload: 2 })
  })

  test('knows its own conditional write again when the answer to it was lost', async () => {
    await using world = await openWorld()
    world.aws.failNext(1, 'lost', 'PutObject')
    const info = await world.files.put('once', 'mine', { ifNoneMatch: '*' })
    expect(await world.files.head('once')).toEqual(info)
    world.aws.failNext(1, 'lost', 'PutObject')
    await world.files.append('once', ' and more')
    expect(await readText(world.files, 'once')).toBe('mine and more')
    world.aws.failNext(1, 'lost', 'CompleteMultipartUpload')
    await world.files.put('long', streamOf(9 * MEBIBYTE), { ifNoneMatch: '*' })
    expect(world.keys()).toEqual(['long', 'once'])
  })

  test('tells of a write as done even when it can not be asked for afterwards', async () => {
    await using world = await openWorld()
    world.aws.failNext(1, 403, 'HeadObject')
    const info = await world.files.put('a', 'x', { ifNoneMatch: '*' })
    expect([info.size, info.etag]).toEqual([1, (await world.files.head('a'))?.etag])
  })

  test('keeps both of two appends that meet', async () => {
    await using world = await openWorld()
    await world.files.put('log', '')
    await Promise.all(['a', 'b', 'c'].map((text) => world.files.append('log', text)))
    expect([...((await readText(world.files, 'log')) ?? '')].sort().join('')).toBe('abc')
  })

  test('deletes more files than one request may name', async () => {
    await using world = await openWorld('helix')
    for (let n = 0; n < 1_001; n++) await putDirectly(world, `helix/many/${n} & <${n}>`)
    const keys = Array.from({ length: 1_001 }, (_, n) => `many/${n} & <${n}>`)
    await world.files.delete(keys)
    expect([world.keys(), world.counts().DeleteObjects]).toEqual([[], 2])
  })

  test('reads nothing from an empty file, wherever it is asked to begin', async () => {
    await using world = await openWorld()
    await world.files.put('empty', '')
    const file = await world.files.get('empty', { offset: 0 })
    expect([file?.size, await new Response(file?.body).text()]).toEqual([0, ''])
    expect(await world.files.get('none', { offset: 5 })).toBeNull()
  })

  test('says that a bucket is missing rather than that a file is', async () => {
    await using world = await openWorld(undefined, 'another-bucket')
    for (const work of [
      () => world.files.get('a'),
      () => world.files.put('a', 'x'),
      () => world.files.put('a', 'x', { ifMatch: '"x"' }),
      () => world.files.list(''),
    ]) {
      await expect(work()).rejects.toMatchObject({
        code: 'files_unavailable',
        message: expect.stringMatching(/NoSuchBucket/),
      })
    }
  })
})

/** S3 on loopback with one bucket, and the driver on it. */
async function openWorld(prefix?: string, bucketName = 'helix-files') {
  const clock = manualClock({ start: '2025-06-27T06:30:52.345Z' })
  const sleep = (_: number, signal?: AbortSignal) => (signal === undefined ? setImmediate() : clock.sleep(_, signal))
  const aws = await loopbackAws({ clock, buckets: ['helix-files'] })
  const config = parseAwsConfig({
    ...aws.environment({ queue: 'none', deadLetters: 'none', bucket: bucketName }),
    ...(prefix === undefined ? {} : { HELIX_FILES_PREFIX: prefix }),
  })
  const files: Files = s3Files(config, { ...clock, sleep }, seededRandom(1))
  const bucket = aws.bucket('helix-files')
  return {
    aws,
    files,
    bucket,
    keys: () => bucket.all().map(({ key }) => key),
    counts() {
      const counts: Record<string, number> = {}
      for (const { action } of aws.requests) counts[action] = (counts[action] ?? 0) + 1
      return counts
    },
    async holds(key: string, content: Uint8Array) {
      return Buffer.from(await new Response((await files.get(key))?.body).arrayBuffer()).equals(content)
    },
    [Symbol.asyncDispose]: () => aws[Symbol.asyncDispose](),
  }
}

async function putDirectly({ bucket }: { bucket: Awaited<ReturnType<typeof openWorld>>['bucket'] }, key: string) {
  bucket.put(key, Buffer.from('x'), {}, { ifMatch: '', ifNoneMatch: '' })
}

/** Bytes of which no two parts are the same. */
const CONTENT = new Uint8Array(Uint32Array.from({ length: 5 * MEBIBYTE + 2 }, (_, index) => index).buffer)

/** The first bytes of the content, in chunks that fit no part. */
function streamOf(bytes: number, breaks = false, onCancel: () => unknown = () => undefined) {
  let sent = 0
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= bytes) return breaks ? controller.error(new Error('the sender went away')) : controller.close()
      const chunk = CONTENT.slice(sent, Math.min(sent + 100_003, bytes))
      sent += chunk.length
      controller.enqueue(chunk)
    },
    cancel: () => void onCancel(),
  })
}
