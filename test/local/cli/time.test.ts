import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../../local/cli/main.ts'
import { openRunner, type Runner } from '../../../local/runner/open-runner.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import { fakeWorld } from '../../support/fake-world.ts'

let dir: string
let runner: Runner
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'helix-time-'))
  const env = { HELIX_DATA_DIR: join(dir, 'alive'), HELIX_FILES_ROOT: join(dir, 'files'), HELIX_TIME_ZONE: 'UTC' }
  runner = await openRunner(parseConfig(env), { quiet: true })
  await runner.listen()
})
afterAll(async () => {
  await runner.stop()
  await rm(dir, { recursive: true, force: true })
})

async function helix(argv: string[], data: 'alive' | 'nobody') {
  const world = fakeWorld({ HELIX_DATA_DIR: join(dir, data), HELIX_TIME_ZONE: 'UTC' })
  return { code: await main(argv, world), ...world.written() }
}

describe('with a runner that is alive', () => {
  test('helix clock advance sends its clock ahead and tells which ticks that brought', async () => {
    const advanced = await helix(['clock', 'advance', '10m'], 'alive')
    expect([advanced.code, advanced.out]).toEqual([
      0,
      expect.stringMatching(/Ahead {2}10 min 0 s\n(.*\n)?sweep-zombies has run 10 times/),
    ])
    expect(runner.clock.offsetMs).toBe(600_000)
    const again = await helix(['clock', 'advance', '1.5h', '--json'], 'alive')
    expect(JSON.parse(again.out)).toMatchObject({ offset_ms: 6_000_000, ticks: { 'sweep-zombies': 90 } })
    const shown = await helix(['clock', '--json'], 'alive')
    expect(JSON.parse(shown.out)).toMatchObject({ offset_ms: 6_000_000, time_zone: 'UTC' })
  })

  test('helix cron lists the next times and how the last tick ended', async () => {
    await helix(['cron', 'fire', 'sweep-zombies', '--at', '2030-01-01T00:00:00Z'], 'alive')
    const { code, out } = await helix(['cron', 'list'], 'alive')
    expect(code).toBe(0)
    expect(out).toMatch(
      /NAME +CRON \(UTC\) +NEXT \(UTC\) +LAST\n(.*\n)?sweep-zombies +\* \* \* \* \* +.* 2030-01-01 00:00:00 200/,
    )
  })

  test('helix cron fire answers what the function answered', async () => {
    const { code, out } = await helix(['cron', 'fire', 'sweep-zombies', '--json'], 'alive')
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { name: 'sweep-zombies', fired: true, status: 200, answer: { seen: 0 } },
    ])
  })
})

describe('without one', () => {
  test('helix clock says how to start one', async () => {
    const { code, err } = await helix(['clock', 'advance', '2h'], 'nobody')
    expect([code, err]).toEqual([4, expect.stringContaining('helix start')])
  })

  test('helix cron list knows what would be fired', async () => {
    const { code, out } = await helix(['cron', 'list', '--json'], 'nobody')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject(SCHEDULED.map(({ name, cron }) => ({ name, cron, last: null })))
  })

  test('helix cron fire calls the function in its own process', async () => {
    const { code, out } = await helix(['cron', 'fire', 'sweep-zombies'], 'nobody')
    expect([code, out]).toEqual([0, expect.stringContaining('sweep-zombies 200')])
  })
})

describe('wrong usage', () => {
  test.each([
    [['cron', 'fire', 'sweep-zombie'], 'Did you mean sweep-zombies?'],
    [['cron', 'fire', 'xyz'], 'There are: check-health, sweep-zombies'],
    [['cron', 'fire', 'sweep-zombies', '--at', 'soon'], 'ISO time'],
    [['clock', 'advance', '2 weeks'], '2h, 30m or 90d'],
    [['clock', 'advance', '900d'], 'up to a year'],
    [['clock', 'advance'], 'missing required argument'],
    [['clock', 'back'], 'too many arguments'],
    [['cron', 'lst'], 'Did you mean list?'],
  ])('%s is told with what is allowed', async (argv, told) => {
    const { code, err } = await helix(argv, 'alive')
    expect([code, err]).toEqual([2, expect.stringContaining(told)])
  })

  test('is told in Chinese, too', async () => {
    const { code, err } = await helix(['cron', 'fire', 'sweep-zombie', '--lang', 'zh'], 'alive')
    expect([code, err]).toEqual([2, expect.stringContaining('是否想输入 sweep-zombies？')])
  })
})
