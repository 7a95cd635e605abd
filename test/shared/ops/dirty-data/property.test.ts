import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Outcome, playCase } from '../../../rollback/play.ts'
import { type TestPlatform, testPlatform } from '../../../support/test-platform.ts'

const SEEDS = 10 // `npm run rollbacks` plays a thousand
const FOUND_ONCE = [464, 930] // something under way, which the clean-up ended, hid files from the checks

let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
})
afterAll(async () => await platform[Symbol.asyncDispose]())

test(`whatever befell a task, its clean-up leaves nothing dirty, touches no other task, and is undone to the byte (seeds 1 to ${SEEDS})`, async () => {
  const outcomes: Outcome[] = []
  for (let seed = 1; seed <= SEEDS; seed++) outcomes.push(await playCase(platform, seed))
  expect(outcomes.filter(({ violations }) => violations.length > 0)).toEqual([])
  expect(outcomes.reduce((sum, { cleanups }) => sum + cleanups, 0)).toBeGreaterThan(SEEDS / 2)
})

test('what was hidden by an execution that the clean-up ends is cleaned up with it', async () => {
  for (const seed of FOUND_ONCE) expect(await playCase(platform, seed)).toMatchObject({ violations: [] })
})

test('a clean-up that touches more than its plan is noticed by the comparison', async () => {
  await platform.store.query(`
    create function also() returns trigger language plpgsql as 'begin
      update data_pipeline_tasks set priority = priority + 1 where id <> new.task_id; return null; end';
    create trigger also after insert on cleanups for each row execute function also()`)
  const outcomes: Outcome[] = []
  for (let seed = 1; seed <= 2; seed++) outcomes.push(await playCase(platform, seed))
  expect(outcomes.flatMap(({ violations }) => violations).join('\n')).toMatch(/touched: \+ |not undone: \+ /)
  await platform.store.query('drop function also cascade')
})
