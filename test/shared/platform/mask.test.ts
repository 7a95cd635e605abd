import { expect, test } from 'vitest'
import { outcomeOf } from '../../../shared/platform/http/outcome.ts'
import { jsonLinesLog } from '../../../shared/platform/log.ts'
import { maskText } from '../../../shared/platform/mask.ts'
import { manualClock } from '../../support/manual-clock.ts'

const LEAK = 'connect postgres://reader:hunter2@db:5432/shop and https://api.test/v1?api_key=hunter2&n=1 failed'

test('a text keeps its words and loses the passwords of its URLs', () => {
  expect(maskText(LEAK)).toBe(
    'connect postgres://reader:******@db:5432/shop and https://api.test/v1?api_key=******&n=1 failed',
  )
})

test('a URL without a secret stays as it was written', () => {
  expect(maskText('Helix runs at http://127.0.0.1:8000')).toBe('Helix runs at http://127.0.0.1:8000')
})

test('a log line never holds the password of a URL, whichever field brings it', () => {
  const lines: string[] = []
  const log = jsonLinesLog({ now: manualClock().now, level: 'debug', write: (line) => lines.push(line) })
  log('cron.failed', { function: 'sweep-zombies', message: LEAK, nested: { cause: [LEAK] } })
  expect(lines[0]).not.toContain('hunter2')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ function: 'sweep-zombies', nested: { cause: [maskText(LEAK)] } })
})

test('the reason of a dead letter never holds the password of a URL', () => {
  expect(outcomeOf(new Error(LEAK))).toEqual({ fate: 'retry', reason: maskText(LEAK) })
})

test.each([
  ['Incorrect API key provided: sk-proj-hunter2hunter2', 'Incorrect API key provided: sk-******'],
  ['sent Authorization: Bearer hunter2.hunter2', 'sent Authorization: Bearer ******'],
  ['host=db user=reader password=hunter2 dbname=shop', 'host=db user=reader password=****** dbname=shop'],
  ['{"db_connection":{"password":"hunter2","port":5432}}', '{"db_connection":{"password":"******","port":5432}}'],
  ['{"body":"{\\"api_key\\":\\"hunter2\\"}"}', '{"body":"{\\"api_key\\":\\"******\\"}"}'],
  ['password: must be a text', 'password: must be a text'],
  ['a task-force asks the secret service', 'a task-force asks the secret service'],
])('the text %j is told as %j', (text, masked) => {
  expect(maskText(text)).toBe(masked)
})
