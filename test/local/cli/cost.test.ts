import { describe, expect, test } from 'vitest'
import { LIMIT_WORDS } from '../../../local/cli/cost/words.ts'
import { main } from '../../../local/cli/main.ts'
import { estimate } from '../../../shared/ops/cost/estimate.ts'
import { PLATFORMS } from '../../../shared/ops/cost/workload.ts'
import { fakeWorld } from '../../support/fake-world.ts'
import { workload } from '../../support/workload-factory.ts'

async function cost(...argv: string[]) {
  const world = fakeWorld()
  return { code: await main(['cost', ...argv], world), ...world.written() }
}

describe('helix cost', () => {
  test('puts the platforms side by side, each with its cost and its first limit', async () => {
    const { code, out, err } = await cost('--tasks-per-minute', '100')
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('100 tasks a minute, 40 tables and 200 pairs each')
    for (const text of ['Cloudflare', 'AWS Lambda', 'Containers', 'FIRST LIMIT']) expect(out).toContain(text)
  })

  test('shows the bill and the limits of one platform, and what to do about the first', async () => {
    const { out } = await cost('--tasks-per-minute', '10000', '--platform', 'cloudflare')
    for (const text of ['Workers plan', 'Total', "The schedule's lock", "First limit: Store's processor", '→'])
      expect(out).toContain(text)
  })

  test('plays the workload through when asked, the same for the same seed', async () => {
    const run = () =>
      cost('--tasks-per-minute', '30', '--platform', 'aws', '--simulate', '--minutes', '2', '--seed', '7')
    const { out } = await run()
    expect(out).toContain('Simulation: AWS Lambda, 2 minutes of arrivals, seed 7')
    expect((await run()).out).toBe(out)
  })

  test('speaks Chinese', async () => {
    const { out } = await cost('--tasks-per-minute', '1', '--platform', 'container', '--simulate', '--lang', 'zh')
    const head = '每分钟 1 个任务，每个 40 张表、200 个问答对，容器'
    for (const text of [head, '合计', '先到的上限', '模拟：容器']) expect(out).toContain(text)
    expect(out).not.toMatch(/TASKS\/MIN|Total|limit/)
  })

  test('prints one document with --json', async () => {
    const { out } = await cost('--tasks-per-minute', '5', '--llm-requests', '100', '--llm-rate', '400', '--json')
    const answers = JSON.parse(out)
    expect(answers.map(({ platform }: { platform: string }) => platform)).toEqual(PLATFORMS)
    expect(answers[0]).toMatchObject({ binding: { name: 'llm_requests' }, dollarsPerMonth: expect.any(Number) })
  })

  test.each([
    ['without a rate', [], 'required option'],
    ['a rate of nothing', ['--tasks-per-minute', '0'], 'above 0'],
    ['a rate that is no number', ['--tasks-per-minute', 'many'], 'above 0'],
    [
      'a platform that there is not',
      ['--tasks-per-minute', '1', '--platform', 'mars'],
      'Allowed choices are cloudflare',
    ],
    ['too many tables', ['--tasks-per-minute', '1', '--tables', '1000000'], 'from 1 to 10000'],
  ])('refuses %s', async (_, argv, told) => {
    const { code, out, err } = await cost(...argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(told)
  })
})

test('every limit has a name and an advice in both languages', () => {
  const llm = {
    requestsPerTask: 1,
    tokensPerRequest: 1,
    secondsPerRequest: 1,
    requestsPerMinuteMax: 1,
    tokensPerMinuteMax: 1,
  }
  const names = PLATFORMS.flatMap((platform) => estimate(workload({ llm }), platform).limits.map(({ name }) => name))
  expect(names.filter((name) => LIMIT_WORDS[name] === undefined)).toEqual([])
})
