import { expect, test } from 'vitest'
import { fileNameOf, relationOfFileName } from '../../../../shared/dataset/documents/file-name.ts'
import { assertKey } from '../../../../shared/platform/files.ts'

const AWKWARD = [
  ...['film', 'Album', 'Order Details', '订单', 'größe', 'with.dot', '100%', 'a/b\\c:d*e?f"g<h>i|j', '.hidden', 'end.'],
  ...[' spaces ', 'tab\there', 'con', '..', '~x', '%41', 'film_detail'],
]

test.each([
  [{ schema: 'public', name: 'film' }, 'film.ddl'],
  [{ schema: 'sales', name: 'Orders' }, 'sales.Orders.ddl'],
  [{ schema: 'public', name: '订单' }, '订单.ddl'],
  [{ schema: 'public', name: 'a.b' }, 'a%2Eb.ddl'],
  [{ schema: 'public', name: 'a/b' }, 'a%2Fb.ddl'],
  [{ schema: 'public', name: 'con' }, '%63on.ddl'],
])('%o is written to %s', (relation, file) => {
  expect(fileNameOf(relation, '.ddl')).toBe(file)
})

test('every name has a file of its own, which leads back to it', () => {
  const relations = ['public', 'sales', 'a.b', 'a'].flatMap((schema) => AWKWARD.map((name) => ({ schema, name })))
  const files = relations.map((relation) => fileNameOf(relation, '_detail.md', relations))
  expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(relations.length)
  expect(files.map(relationOfFileName)).toEqual(relations)
  for (const file of files) expect(() => assertKey(`task_20250627_143052/${file}`)).not.toThrow()
})

test('names that differ in capitals alone get files that a disk without capitals can tell apart', () => {
  const relations = ['album', 'Album', 'ALBUM', 'Track'].map((name) => ({ schema: 'public', name }))
  const files = relations.map((relation) => fileNameOf(relation, '.ddl', relations))
  expect(files).toEqual(['album.ddl', '%41lbum.ddl', '%41%4C%42%55%4D.ddl', 'Track.ddl'])
  expect(files.map(relationOfFileName)).toEqual(relations)
})

test('a long name is cut, stays unique and fits any file system', () => {
  const [one, other] = ['a', 'b'].map((end) =>
    fileNameOf({ schema: '模'.repeat(60), name: `${'表'.repeat(60)}${end}` }, '.ddl'),
  )
  expect(one).not.toBe(other)
  expect(Buffer.byteLength(one ?? '')).toBeLessThan(200)
  expect(relationOfFileName(one ?? '')).toBeNull()
})

test('other files are about no relation', () => {
  expect(['metadata.txt', 'a.b.c.ddl', '.ddl', '%zz.ddl'].map(relationOfFileName)).toEqual([null, null, null, null])
})
