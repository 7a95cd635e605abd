import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lineCutter } from '../../../local/supervisor/lines.ts'
import { type LogFilesOptions, logFilesIn, openLogFiles } from '../../../local/supervisor/log-files.ts'
import { startChild } from '../../../local/supervisor/runner-child.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const HOUR = 60 * 60 * 1000

function optionsIn(dir: string, changes: Partial<LogFilesOptions> = {}) {
  const clock = manualClock({ start: '2026-11-21T10:00:00Z', timeZone: 'UTC' })
  return { dir, clock, fileBytesMax: 100, keepDays: 14, totalBytesMax: 1e9, ...changes }
}

const contentOf = (dir: string) =>
  logFilesIn(dir).map(({ name }) => [name, readFileSync(join(dir, name), 'utf8')] as const)

describe('the log', () => {
  test('begins a new file when one is full, between two lines', async () => {
    await using folder = await temporaryFolder()
    const files = openLogFiles(optionsIn(folder.path, { fileBytesMax: 10 }))
    files.write(Buffer.from('one\ntwo\nthree\n'))
    files.write(Buffer.from('a line that is longer than a file\n'))
    files.write(Buffer.from('four\n'))
    files.close()
    expect(contentOf(folder.path)).toEqual([
      ['helix-2026-11-21.log', 'one\ntwo\n'],
      ['helix-2026-11-21.2.log', 'three\n'],
      ['helix-2026-11-21.3.log', 'a line that is longer than a file\n'],
      ['helix-2026-11-21.4.log', 'four\n'],
    ])
    expect(readlinkSync(join(folder.path, 'helix.log'))).toBe('helix-2026-11-21.4.log')
  })

  test('begins a new file with the first line of a day, in the zone of the clock', async () => {
    await using folder = await temporaryFolder()
    const clock = manualClock({ start: '2026-11-21T15:59:00Z', timeZone: 'Asia/Shanghai' })
    const files = openLogFiles(optionsIn(folder.path, { clock }))
    files.write(Buffer.from('before midnight\n'))
    await clock.advance(HOUR)
    files.write(Buffer.from('after midnight\n'))
    files.close()
    expect(contentOf(folder.path)).toEqual([
      ['helix-2026-11-21.log', 'before midnight\n'],
      ['helix-2026-11-22.log', 'after midnight\n'],
    ])
  })

  test('goes on with the last file of the day, on a line of its own after one that was cut off', async () => {
    await using folder = await temporaryFolder()
    writeFileSync(join(folder.path, 'helix-2026-11-21.log'), 'full\n')
    writeFileSync(join(folder.path, 'helix-2026-11-21.2.log'), 'cut o')
    const files = openLogFiles(optionsIn(folder.path))
    files.write(Buffer.from('next\n'))
    files.close()
    expect(contentOf(folder.path).map(([, text]) => text)).toEqual(['full\n', 'cut o\nnext\n'])
  })

  test('keeps so many days and so many bytes, and touches no other file', async () => {
    await using folder = await temporaryFolder()
    const others = ['helix-2026-11-01.log.gz', 'notes.txt', 'helix-20261101.log', 'supervisor.out']
    for (const name of others) writeFileSync(join(folder.path, name), 'mine')
    for (const day of ['06', '07', '19', '20']) writeFileSync(join(folder.path, `helix-2026-11-${day}.log`), '12345\n')
    const options = optionsIn(folder.path, { totalBytesMax: 14 })
    openLogFiles({ ...options, totalBytesMax: 1e9 }).close()
    expect(logFilesIn(folder.path).map(({ day }) => day.slice(-2))).toEqual(['07', '19', '20', '21'])
    const files = openLogFiles(options)
    files.close()
    expect(logFilesIn(folder.path).map(({ day }) => day.slice(-2))).toEqual(['19', '20', '21'])
    expect(readdirSync(folder.path)).toEqual(expect.arrayContaining(others))
  })

  test('of a process that writes fast is whole: every line once, in order, in files no larger than allowed', async () => {
    await using folder = await temporaryFolder()
    const fileBytesMax = 20_000
    const files = openLogFiles(optionsIn(folder.path, { fileBytesMax }))
    const errors: string[] = []
    const child = startChild({
      program: process.execPath,
      args: [
        '-e',
        'for (let n = 0; n < 20000; n++) process.stdout.write("line " + n + " ä\\n"); process.stderr.write("x\\nError: y"); process.exitCode = 1',
      ],
      env: { PATH: '/bin' },
      onLines: files.write,
      onError: (line) => errors.push(line),
    })
    const exit = await child.ended
    files.close()
    const lines = contentOf(folder.path).flatMap(([, text]) => text.split('\n').slice(0, -1))
    expect(lines).toEqual(Array.from({ length: 20_000 }, (_, n) => `line ${n} ä`))
    expect(logFilesIn(folder.path).length).toBeGreaterThan(10)
    expect(Math.max(...logFilesIn(folder.path).map(({ bytes }) => bytes))).toBeLessThanOrEqual(fileBytesMax)
    expect(exit).toMatchObject({ code: 1, signal: null })
    expect(errors).toEqual(['x', 'Error: y'])
    expect(exit.lastWords).toBe('x\nError: y')
  })
})

test('the last words of a process that is killed in the middle of a line are kept', async () => {
  const lines: string[] = []
  const errors: string[] = []
  const child = startChild({
    program: '/bin/sh',
    args: ['-c', 'printf "half a line"; printf "half an error" >&2; kill -9 $$'],
    env: {},
    onLines: (some) => void lines.push(some.toString()),
    onError: (line) => void errors.push(line),
  })
  expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL', lastWords: 'half an error' })
  expect([lines.join(''), errors]).toEqual(['half a line\n', ['half an error']])
})

test('lines are cut from pieces as they arrive, and the last words of a process become one', () => {
  const lines = lineCutter()
  const pieces = ['a', 'b\nc', '', 'd\n\ne'].map((piece) => lines.add(Buffer.from(piece)).toString())
  expect(pieces).toEqual(['', 'ab\n', '', 'cd\n\n'])
  expect(lines.end().toString()).toBe('e\n')
  expect(lines.end().toString()).toBe('')
})

test('a line without end does not fill the memory', () => {
  const lines = lineCutter()
  const out = Array.from({ length: 3 }, () => lines.add(Buffer.alloc(600_000, 'x')).length)
  expect(out).toEqual([0, 1_200_001, 0])
})
