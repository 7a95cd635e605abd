import { expect, test } from 'vitest'
import { rangeOf } from '../../../../shared/platform/http/byte-range.ts'

test.each([
  ['no header is the whole file', undefined, 10, { kind: 'whole' }],
  ['from one byte to another', 'bytes=2-5', 10, { kind: 'part', first: 2, last: 5 }],
  ['from one byte to the end', 'bytes=2-', 10, { kind: 'part', first: 2, last: 9 }],
  ['a last byte past the end', 'bytes=2-99', 10, { kind: 'part', first: 2, last: 9 }],
  ['the last three bytes', 'bytes=-3', 10, { kind: 'part', first: 7, last: 9 }],
  ['more last bytes than there are', 'bytes=-99', 10, { kind: 'part', first: 0, last: 9 }],
  ['capitals and spaces', 'Bytes = 2 - 5', 10, { kind: 'part', first: 2, last: 5 }],
  ['a first byte past the end', 'bytes=10-', 10, { kind: 'outside' }],
  ['no last bytes', 'bytes=-0', 10, { kind: 'outside' }],
  ['anything of an empty file', 'bytes=0-', 0, { kind: 'outside' }],
  ['the last bytes of an empty file', 'bytes=-3', 0, { kind: 'outside' }],
  ['a range that runs backwards', 'bytes=5-2', 10, { kind: 'whole' }],
  ['several ranges', 'bytes=0-1,4-5', 10, { kind: 'whole' }],
  ['another unit', 'items=0-1', 10, { kind: 'whole' }],
  ['nothing at all', 'bytes=-', 10, { kind: 'whole' }],
])('%s', (_, header, size, answer) => {
  expect(rangeOf(header, size)).toEqual(answer)
})
