import { describe, expect, test } from 'vitest'
import { runnerUrl } from '../../../local/cli/client.ts'
import { taskRequest } from '../../../local/cli/commands/run.ts'
import { readEvents } from '../../../local/cli/event-stream.ts'
import { exitCodeOf, failureOf, taskErrorText } from '../../../local/cli/failure.ts'
import { shellQuoted } from '../../../local/cli/follow-run.ts'
import { askedLanguage, chooseLanguage } from '../../../local/cli/language.ts'
import { chooseExamples } from '../../../local/cli/run-report.ts'
import { chooseSource, sourceArguments, sourcesOf } from '../../../local/cli/source-option.ts'
import { Problem } from '../../../shared/platform/problems.ts'

test.each([
  ['the option first', 'en', { HELIX_LANGUAGE: 'zh' }, 'en'],
  ['then HELIX_LANGUAGE', undefined, { HELIX_LANGUAGE: 'zh', LANG: 'en_US.UTF-8' }, 'zh'],
  ['then the locale', undefined, { HELIX_LANGUAGE: 'auto', LANG: 'zh_CN.UTF-8' }, 'zh'],
  ['of the locale LC_ALL before LANG', undefined, { LC_ALL: 'de_DE', LANG: 'zh_CN' }, 'en'],
  ['English where nothing is said', undefined, {}, 'en'],
])('the language is that of %s', (_, asked, env, language) => expect(chooseLanguage(asked, env)).toBe(language))

test('the language is read before the arguments are parsed, but not after --', () => {
  expect(askedLanguage(['run', '--lang', 'zh'])).toBe('zh')
  expect(askedLanguage(['--lang=en', 'run'])).toBe('en')
  expect(askedLanguage(['task', '--', '--lang=zh'])).toBeUndefined()
})

describe('--source', () => {
  test('takes a configured name, whatever its capitals', () => {
    expect(chooseSource('Shop')).toEqual({ kind: 'name', name: 'shop' })
  })

  test('takes a URL, whose database names the source', () => {
    const source = chooseSource('postgres://reader:secret@db.example.com/Order%20Data')
    expect(source.name).toBe('order_data')
    expect(sourcesOf(source)).toEqual({ order_data: 'postgres://reader:secret@db.example.com/Order%20Data' })
  })

  test('is repeated to the person without its password', () => {
    const shown = sourceArguments(chooseSource('postgres://reader:secret@db.example.com/shop'))
    expect(shown).toEqual(['--source', 'postgres://reader:******@db.example.com/shop'])
    expect(sourceArguments(chooseSource('shop'))).toEqual([])
  })

  test.each(['mysql://localhost/shop', 'postgres://localhost', 'postgres://localhost/', 'postgres://['])(
    'refuses %s',
    (value) => {
      expect(() => chooseSource(value)).toThrow(expect.objectContaining({ exitCode: 2 }))
    },
  )
})

test('a request holds what was asked for and leaves the rest to the API', () => {
  expect(taskRequest({}, null, null)).toEqual({ task_type: 'complete_workflow', trigger: 'manual' })
  const options = { context: 'A shop', lang: 'en', validate: false, load: false, timeout: 5 } as const
  expect(taskRequest(options, { kind: 'name', name: 'shop' }, ['orders'])).toEqual({
    task_type: 'complete_workflow',
    trigger: 'manual',
    db_name: 'shop',
    table_list: ['orders'],
    business_context: 'A shop',
    language: 'en',
    enable_sql_validation: false,
    enable_training_data_load: false,
    step_timeout_minutes: 5,
  })
})

test.each([
  ['source_unreachable', 4],
  ['store_unavailable', 4],
  ['invalid_table_list', 2],
  ['secret_key_missing', 3],
  ['data_dir_taken', 3],
  ['concurrent_task', 1],
  ['something_new', 1],
])('the problem %s ends a command with %i', (code, exitCode) => expect(exitCodeOf(code)).toBe(exitCode))

test('no failure shows the password of a URL', () => {
  const url = 'postgres://reader:secret@db.example.com/shop'
  expect(failureOf(new Error(`no route to ${url}`), 'en').message).not.toContain('secret')
  expect(failureOf(new Problem('source_unreachable', url), 'en').message).not.toContain('secret')
})

test("a task's error is told in the person's language", () => {
  const task = { error_message: '无法连接数据源：Cannot reach shop', error_code: 'source_unreachable' }
  expect(taskErrorText(task, 'en')).toBe('The source does not answer: Cannot reach shop')
  expect(taskErrorText(task, 'zh')).toBe('无法连接数据源：Cannot reach shop')
  expect(taskErrorText({ error_message: 'odd', error_code: 'unknown' }, 'en')).toBe('odd')
})

test('arguments are quoted so that a shell takes them back', () => {
  expect(shellQuoted('manual_20250627_143052')).toBe('manual_20250627_143052')
  expect(shellQuoted("it's")).toBe(`'it'\\''s'`)
})

test('a runner that listens everywhere is reached on the loopback interface', () => {
  expect(runnerUrl('0.0.0.0', 8000)).toBe('http://127.0.0.1:8000')
  expect(runnerUrl('::', 8000)).toBe('http://[::1]:8000')
  expect(runnerUrl('::1', 8000)).toBe('http://[::1]:8000')
})

test('examples show the range of hardness before more of the same', () => {
  const pair = (sql: string, hardness: string) => ({ question: sql, sql, hardness })
  const pairs = [pair('a', 'easy'), pair('b', 'easy'), pair('c', 'extra'), pair('d', 'medium')]
  expect(chooseExamples(pairs).map(({ sql }) => sql)).toEqual(['a', 'd', 'c'])
  expect(chooseExamples(pairs.slice(0, 2)).map(({ sql }) => sql)).toEqual(['a', 'b'])
})

test('examples ask short questions where there are any', () => {
  const pair = (sql: string, question = sql) => ({ question, sql, hardness: 'easy' })
  const pairs = [pair('a', 'a'.repeat(200)), pair("b IN ('x', 'y')"), pair('c'), pair('d')]
  expect(chooseExamples(pairs).map(({ sql }) => sql)).toEqual(['c', 'd', 'a'])
})

test('an event stream is read across the borders of its chunks', async () => {
  const chunks = [': hello\n\nevent: task\nid: 1-', '0\ndata: {"a":\ndata: 1}\n', '\nevent: log\r\ndata: x\r\n\r\n']
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })
  const events = []
  for await (const event of readEvents(body, new AbortController().signal)) events.push(event)
  expect(events).toEqual([
    { event: 'task', id: '1-0', data: '{"a":\n1}' },
    { event: 'log', id: null, data: 'x' },
  ])
})
