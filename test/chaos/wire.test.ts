import { expect, test } from 'vitest'
import { Answered, Asked, commitsChange } from './wire.ts'

/** A message of the protocol: a letter, the length, the body. */
function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + Buffer.byteLength(body))
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)])
}

const startup = message('', '\0\u0003\0\0user\0postgres\0\0')

test('a statement is known however the network cuts its messages into pieces', () => {
  const stream = Buffer.concat([
    startup,
    message('Q', 'begin\0'),
    message('P', 'save\0insert into t values ($1)\0\0\0'),
    message('B', '\0save\0\0\0\0\0\0\0'),
    message('E', '\0\0\0\0\0'),
    message('S', ''),
  ])
  for (const size of [1, 3, 7, stream.length]) {
    const asked = new Asked()
    const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, n) =>
      stream.subarray(n * size, (n + 1) * size),
    )
    expect(pieces.flatMap((piece) => asked.read(piece))).toEqual(['begin', 'insert into t values ($1)'])
  }
})

test('a prepared statement is known when it is only bound again', () => {
  const asked = new Asked()
  asked.read(Buffer.concat([startup, message('P', 'a\0select 1\0\0\0'), message('P', 'b\0select 2\0\0\0')]))
  expect(asked.read(Buffer.concat([message('B', '\0a\0'), message('E', '\0')]))).toEqual(['select 1'])
})

test('the server has committed when it is ready outside a transaction', () => {
  const answered = new Answered()
  expect(answered.read(message('Z', 'T'))).toBe(false)
  expect(answered.inTransaction).toBe(true)
  expect(answered.read(Buffer.concat([message('C', 'COMMIT\0'), message('Z', 'I')]))).toBe(true)
  expect(answered.inTransaction).toBe(false)
})

test.each([
  ['commit', true, true],
  ['insert into t values (1)', true, false],
  ['insert into t values (1)', false, true],
  ['select helix_write($1) as answers', false, true],
  ['with held as (update t set a = 1 returning a) select a from held', false, true],
  ['select a from t for update skip locked', false, false],
  ['begin', false, false],
])('of "%s", in a transaction %s, the end is a change: %s', (sql, inTransaction, change) => {
  expect(commitsChange(sql, inTransaction)).toBe(change)
})
