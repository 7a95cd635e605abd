import { describe, expect, test } from 'vitest'
import { progressLine, progressNews } from '../../../local/cli/output/progress.ts'
import { PLAIN, styleFor } from '../../../local/cli/output/style.ts'
import { renderFields, renderTable } from '../../../local/cli/output/table.ts'
import { bytesText, durationText, shareText } from '../../../local/cli/output/units.ts'
import { displayWidth, padEnd, printable, shorten } from '../../../local/cli/output/width.ts'

describe('the width of a text on a terminal', () => {
  test.each([
    ['of Latin letters is their number', 'orders', 6],
    ['of Chinese characters is twice their number', '订单表', 6],
    ['does not count escape sequences', '\u001b[31mred\u001b[39m', 3],
    ['does not count combining marks', 'e\u0301', 1],
  ])('%s', (_, text, width) => expect(displayWidth(text)).toBe(width))

  test('is what padding fills up to', () => expect(padEnd('订单', 6)).toBe('订单  '))

  test('is what a long text is shortened to, never half a character', () => {
    expect(shorten('服务区管理', 6)).toBe('服务…')
    expect(shorten('short', 6)).toBe('short')
  })
})

test('text of others can not steer the terminal', () => {
  expect(printable('a\u001b[2Jb\u0007\r\nc\u009b1m')).toBe('ab c1m')
})

test('a table is as wide as its widest cells, numbers to the right', () => {
  const lines = renderTable(
    [{ title: '任务' }, { title: 'PAIRS', align: 'right' }],
    [
      ['a', '7'],
      ['订单分析', '1234567'],
    ],
  )
  expect(lines).toEqual(['任务        PAIRS', 'a               7', '订单分析  1234567'])
})

test('values of fields stand under each other', () => {
  expect(
    renderFields([
      ['任务', 'x'],
      ['Where', 'y'],
    ]),
  ).toEqual(['任务   x', 'Where  y'])
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1400, '1.4 KB'],
  [250_000, '250 KB'],
  [83_100_000_000, '83.1 GB'],
])('%i bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text))

test('durations are said in the largest two units, in either language', () => {
  expect(durationText(8, 'en')).toBe('8 s')
  expect(durationText(125, 'en')).toBe('2 min 5 s')
  expect(durationText(3_780, 'zh')).toBe('1 小时 3 分')
})

test('a share is never rounded up, and nothing to cover is no share', () => {
  expect(shareText(999, 1000)).toBe('999/1000 (99 %)')
  expect(shareText(0, 0)).toBe('–')
})

describe('on a stream', () => {
  const terminal = { write: () => true, isTTY: true }
  const pipe = { write: () => true, isTTY: false }
  test.each([
    ['are used on a terminal', terminal, {}, undefined, true],
    ['are not used in a pipe', pipe, {}, undefined, false],
    ['are not used with NO_COLOR', terminal, { NO_COLOR: '1' }, undefined, false],
    ['are used with an empty NO_COLOR, which counts as unset', terminal, { NO_COLOR: '' }, undefined, true],
    ['are not used on a dumb terminal', terminal, { TERM: 'dumb' }, undefined, false],
    ['are not used with --no-color', terminal, {}, false, false],
    ['are used in a pipe with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, undefined, true],
  ])('colours %s', (_, stream, env, asked, used) => {
    expect(styleFor(stream, env, asked).bad('x') !== 'x').toBe(used)
  })
})

describe('progress', () => {
  const running = { step: 'qa_generation', status: 'running', share: 0.5, seconds: null } as const

  test('of a step is a bar with its percent', () => {
    const line = progressLine(running, 'en', PLAIN, 100)
    expect(line).toBe(`Question–SQL pairs  ${'█'.repeat(12)}${'░'.repeat(12)}   50 %  running`)
  })

  test('fits a narrow terminal', () => {
    for (const columns of [40, 60, 80])
      expect(displayWidth(progressLine(running, 'zh', PLAIN, columns))).toBeLessThan(columns + 1)
  })

  test.each([
    ['a step that begins', undefined, running, 'Question–SQL pairs: running'],
    ['nothing of a step that waits', undefined, { ...running, status: 'pending', share: 0 }, null],
    ['a quarter that is done', { ...running, share: 0.2 }, running, 'Question–SQL pairs: 50 %'],
    ['nothing within a quarter', { ...running, share: 0.51 }, { ...running, share: 0.6 }, null],
    [
      'the end with what it took',
      running,
      { ...running, status: 'completed', share: 1, seconds: 61 },
      'Question–SQL pairs: completed (1 min 1 s)',
    ],
  ])('without a terminal tells %s', (_, before, now, news) => {
    expect(progressNews(before, now, 'en')).toBe(news)
  })
})
