import { expect, test } from 'vitest'
import { eventBridgeCron } from '../../../infra/aws/cron.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'

test.each([
  ['* * * * *', 'cron(* * * * ? *)'],
  ['*/5 * * * *', 'cron(0/5 * * * ? *)'],
  ['0 */6 * * *', 'cron(0 0/6 * * ? *)'],
  ['0 3 * * *', 'cron(0 3 * * ? *)'],
  ['0 4 * * mon', 'cron(0 4 ? * MON *)'],
  ['30 8 * * mon-fri', 'cron(30 8 ? * MON-FRI *)'],
  ['0 4 * * sat,sun', 'cron(0 4 ? * SAT,SUN *)'],
  ['15,45 0-6 1 1,7 *', 'cron(15,45 0-6 1 1,7 ? *)'],
  ['0 0 */10 */3 *', 'cron(0 0 1/10 1/3 ? *)'],
  ['10-30/10 * * * *', 'cron(10,20,30 * * * ? *)'],
])('says %s as %s', (expression, expected) => {
  expect(eventBridgeCron(expression)).toBe(expected)
})

test.each([
  ['four fields', '* * * *', 'five fields'],
  ['seconds', '0 * * * * *', 'five fields'],
  ['a weekday by number', '0 4 * * 1', 'by name'],
  ['a day of the month and a weekday', '0 4 1 * mon', 'EventBridge takes one'],
  ['a minute that there is not', '60 * * * *', '"60" is no minute'],
  ['a range from behind', '0 9-8 * * *', '"9-8" is no hour'],
  ['a step of nothing', '*/0 * * * *', '"*/0" is no minute'],
  ['a word', '@daily * * * *', '"@daily" is no minute'],
])('refuses %s', (_, expression, reason) => {
  expect(() => eventBridgeCron(expression)).toThrow(reason)
})

test('has a word for every schedule of the manifest', () => {
  for (const { cron } of SCHEDULED) expect(eventBridgeCron(cron)).toMatch(/^cron\((\S+ ){5}\*\)$/)
})
