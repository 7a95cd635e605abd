import { expect, test } from 'vitest'
import { gramsOfLine, gramsOfText, tagGram } from '../../../../shared/ops/logs/grams.ts'

const LINE = {
  level: 'INFO',
  step: 'ddl_generation',
  taskId: 'task_20250627_143052',
  executionId: null,
  traceId: null,
}

function gramsOf(message: string): Set<number> {
  const grams = new Set<number>()
  gramsOfLine({ ...LINE, message }, grams)
  return grams
}

const MESSAGES = [
  '正在处理表 bss_service_area（1/7），共 25_000 行',
  'Reading table Größenordnung: 3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  'Γειά σου κόσμε, ΑΒΓ; ひらがなとカタカナ; 안녕하세요 😀',
  'İstanbul ﬁne ½ a1b2 x',
]

test.each(MESSAGES)('any part of "%s" has only word parts of the whole', (message) => {
  const grams = gramsOf(message)
  const signs = Array.from(message)
  const missing: string[] = []
  for (let from = 0; from < signs.length; from++) {
    for (let to = from + 1; to <= signs.length; to++) {
      const part = signs.slice(from, to).join('')
      for (const form of [part, part.toUpperCase()]) {
        const isSame = form.toLowerCase() === part.toLowerCase()
        if (isSame && !gramsOfText(form).every((gram) => grams.has(gram))) missing.push(form)
      }
    }
  }
  expect(missing).toEqual([])
})

test.each([
  ['words of three letters', 'are', 1],
  ['words of two letters, which can not be looked for', 'id', 0],
  ['numbers of four digits', '2025', 1],
  ['numbers of three digits, which can not be looked for', '143', 0],
  ['a Chinese sign', '表', 1],
  ['two Chinese signs', '服务', 3],
  ['signs that are no words', ' -> (%) ', 0],
])('%s give their parts', (_, text, count) => {
  expect(gramsOfText(text)).toHaveLength(count)
})

test('a level, a step and a task are found as a whole', () => {
  const grams = gramsOf('x')
  expect(grams.has(tagGram('level', 'INFO'))).toBe(true)
  expect(grams.has(tagGram('step', 'ddl_generation'))).toBe(true)
  expect(grams.has(tagGram('task', 'task_20250627_143052'))).toBe(true)
  expect(grams.has(tagGram('level', 'ERROR'))).toBe(false)
})
