import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import { filesOf } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'

/** Downloads of a task's file. */
export const ranges = casesOf(
  'ranges',
  [
    'downloads a file whole, with its length, name and ETag',
    async (t) => {
      const { url, whole, etag } = await download(t)
      const response = await t.fetch(url)
      equal(Number(response.headers.get('content-length') ?? whole.length), whole.length)
      equal(response.headers.get('accept-ranges'), 'bytes')
      match(response.headers.get('content-disposition') ?? '', /^attachment;/)
      match(etag, /^"[^"]+"$/)
      await response.arrayBuffer()
    },
  ],
  [
    'answers one range with 206: a part, the end, the last bytes',
    async (t) => {
      const { url, whole } = await download(t)
      const size = whole.length
      for (const [range, first, last] of [
        ['bytes=0-9', 0, 9],
        ['bytes=100-199', 100, 199],
        [`bytes=${size - 5}-`, size - 5, size - 1],
        ['bytes=-7', size - 7, size - 1],
        [`bytes=10-${size + 100}`, 10, size - 1],
      ] as const) {
        const response = await t.fetch(url, { headers: { Range: range } })
        const bytes = Buffer.from(await response.arrayBuffer())
        equal(response.status, 206, range)
        equal(response.headers.get('content-range'), `bytes ${first}-${last}/${size}`)
        ok(bytes.equals(whole.subarray(first, last + 1)), range)
      }
    },
  ],
  [
    'answers a range outside the file with 416 and its size',
    async (t) => {
      const { url, whole } = await download(t)
      const response = await t.fetch(url, { headers: { Range: `bytes=${whole.length}-` } })
      equal(response.status, 416)
      equal(response.headers.get('content-range'), `bytes */${whole.length}`)
    },
  ],
  [
    'answers 304 to who has the file already, and the file to who has another one',
    async (t) => {
      const { url, etag } = await download(t)
      const known = await t.fetch(url, { headers: { 'If-None-Match': `"other", ${etag}` } })
      deepEqual([known.status, known.headers.get('etag'), await known.text()], [304, etag, ''])
      equal((await t.fetch(url, { headers: { 'If-None-Match': '"other"' } })).status, 200)
    },
  ],
  [
    'gives a range only of the content that If-Range speaks of',
    async (t) => {
      const { url, etag } = await download(t)
      equal((await t.fetch(url, { headers: { Range: 'bytes=0-9', 'If-Range': etag } })).status, 206)
      equal((await t.fetch(url, { headers: { Range: 'bytes=0-9', 'If-Range': '"other"' } })).status, 200)
    },
  ],
  [
    'streams all files of a task as one archive',
    async (t) => {
      const { id } = await t.job('sample')
      const response = await t.fetch(`/api/v0/data_pipeline/tasks/${id}/files/archive`)
      const bytes = Buffer.from(await response.arrayBuffer())
      equal(response.status, 200)
      equal(bytes.subarray(0, 2).toString(), 'PK')
      ok(bytes.includes(Buffer.from('metadata.txt')))
    },
  ],
)

/** The pairs of the sample's task: the largest file there. */
async function download(t: Kit): Promise<{ url: string; whole: Buffer; etag: string }> {
  const { id } = await t.job('sample')
  const file = (await filesOf(t, id)).find(({ file_name }) => file_name.endsWith('_pair.json'))
  ok(file)
  const response = await t.fetch(file.download_url)
  return {
    url: file.download_url,
    whole: Buffer.from(await response.arrayBuffer()),
    etag: response.headers.get('etag') ?? '',
  }
}
