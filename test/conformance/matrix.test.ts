import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { renderMatrix, writeMatrix } from './matrix.ts'
import { casesOf } from './suite/case.ts'
import type { Result } from './suite/play.ts'
import { currentOf, type Recordings, readRecordings, record, suiteOf } from './suite/results.ts'

const held = (name: string): Result => ({ subject: 'http', name, ms: 5, outcome: 'ok' })
const broke: Result = { subject: 'http', name: 'answers', ms: 5, outcome: 'failed', reason: 'no answer' }
const lacking: Result = {
  subject: 'http',
  name: 'streams',
  ms: 0,
  outcome: 'left out',
  reason: { kind: 'capability', capability: 'streaming', why: 'events answer whole' },
}
const RECORDINGS: Recordings = {
  local: { on: '2026-01-02', suite: 'abc', results: [held('one'), held('two'), broke] },
  lambda: {
    on: '2026-01-03',
    suite: 'abc',
    results: [held('one'), held('two'), lacking],
    how: { en: 'on a loopback SQS', zh: '使用回环地址上的 SQS' },
  },
}

test('the matrix shows per subject and target what held, what failed and what was left out, with the reasons below', () => {
  const [head, , http, ranges, ...rest] = renderMatrix(RECORDINGS, 'en').split('\n')
  expect(head).toBe('| Behaviour | Local runner | AWS Lambda events¹ |')
  expect(http).toBe('| HTTP: headers, bodies, methods, problems | 2 ✓, 1 ✗ | 2 ✓, 1 left out² |')
  expect(ranges).toBe('| Ranges and ETags | – | – |')
  expect(rest.filter((line) => line.includes('2026'))).toEqual(['| *run on* | *2026-01-02* | *2026-01-03* |'])
  expect(rest.slice(-2).map((line) => line.trim())).toEqual([
    '¹ on a loopback SQS',
    '² does not have answers that arrive while they are written: events answer whole',
  ])
})

test('the matrix is told in Chinese too', () => {
  const text = renderMatrix(RECORDINGS, 'zh')
  expect(text).toContain('| HTTP：请求头、正文、方法、错误 | 2 ✓, 1 ✗ | 2 ✓，省略 1² |')
  expect(text).toContain('¹ 使用回环地址上的 SQS')
  expect(text).toContain('² 不具备：边写边到达的响应')
})

test('the matrix takes the place between its markers, and a README without them is refused', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'README.md')
  await writeFile(file, '# A\n<!-- conformance:begin -->\nold\n<!-- conformance:end -->\nB\n')
  await writeMatrix(file, '| new |')
  const written = '# A\n<!-- conformance:begin -->\n\n| new |\n\n<!-- conformance:end -->\nB\n'
  expect(await readFile(file, 'utf8')).toBe(written)
  await writeMatrix(file, '| new |')
  expect(await readFile(file, 'utf8')).toBe(written)
  await writeFile(file, '# A\n')
  await expect(writeMatrix(file, '| new |')).rejects.toThrow('conformance:begin')
})

test('runs are recorded target by target, and those of another suite are left out', async () => {
  await using folder = await temporaryFolder()
  await mkdir(folder.path, { recursive: true })
  const file = join(folder.path, 'results.json')
  expect(await readRecordings(file)).toEqual({})
  await record({ local: { on: '2026-01-01', suite: 'old', results: [] } }, file)
  await record({ lambda: { on: '2026-01-02', suite: 'new', results: [held('one')] } }, file)
  const all = await readRecordings(file)
  expect(Object.keys(all)).toEqual(['local', 'lambda'])
  expect(Object.keys(currentOf(all, 'new'))).toEqual(['lambda'])
})

test('a suite is another one as soon as a case has another name', () => {
  const named = (name: string) => casesOf('http', [name, async () => undefined])
  expect(suiteOf(named('answers'))).toBe(suiteOf(named('answers')))
  expect(suiteOf(named('answers'))).not.toBe(suiteOf(named('answers twice')))
})
