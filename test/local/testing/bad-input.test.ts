import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HelixTest, type HelixTestOptions, helixTest } from '../../../local/testing/helix-test.ts'
import type { ScheduledDefinition } from '../../../scheduled/manifest.ts'
import { createFunction } from '../../../shared/platform/http/create-function.ts'
import { queueFunction } from './own-functions.ts'

const nothing = queueFunction('nothing', async () => undefined)
const ticks = (cron: string): ScheduledDefinition => ({
  name: 'ticks',
  cron,
  app: createFunction().post('/scheduled/ticks', (c) => c.json({})),
})

test.each<[string, object, string]>([
  ['an option that is misspelt', { seeds: 1 }, 'There is no option "seeds": there are seed, faults, clock'],
  ['a seed that is no whole number', { seed: 0.5 }, 'seed: 0.5 must be a whole number from 0 to 4294967295'],
  ['a rate above one', { faults: 'drop=2' }, 'faults: drop=2 must be a probability from 0 to 1'],
  ['a fault that there is not', { faults: 'rain=1' }, 'faults: "rain" is not a fault: use seed, drop'],
  [
    'a clock that is no time',
    { clock: 'tomorrow' },
    'clock: "tomorrow" is no time: use 2026-01-01T00:00:00Z, a Date, or',
  ],
  ['a date that is none', { clock: new Date(Number.NaN) }, 'clock: "Invalid Date" is no time'],
  ['a setting with a wrong value', { config: { HELIX_LANGUAGE: 'la' } }, 'HELIX_LANGUAGE'],
  [
    'faults as a setting',
    { config: { HELIX_FAULTS: 'drop=1' } },
    'HELIX_FAULTS cannot be given: use the option "faults"',
  ],
  ['a source as a setting', { config: { HELIX_SOURCE_SHOP_URL: 'x' } }, 'use the option "sources"'],
  ['a data directory', { config: { HELIX_DATA_DIR: '.helix' } }, 'every environment has a folder of its own'],
  ['a name that two functions have', { functions: [nothing, nothing] }, 'functions: "nothing" is there twice'],
  [
    'a schedule that no cloud reads',
    { scheduled: [ticks('every day')] },
    '"every day" of ticks is not a cron expression',
  ],
])('%s is refused and named', async (_, options, message) => {
  await expect(helixTest(options as HelixTestOptions)).rejects.toThrow(message)
})

describe('an open environment', () => {
  let helix: HelixTest
  beforeAll(async () => {
    helix = await helixTest({
      functions: [nothing],
      sources: { shop: 'create table orders (id int)', bad: 'create tabel' },
    })
  })
  afterAll(async () => await helix[Symbol.asyncDispose]())

  test('tells the names that there are when it is given another one', async () => {
    const wrong = helix.queue.send({ function: 'ddl', body: {} })
    await expect(wrong).rejects.toThrow('There is no queue function "ddl": there are nothing, ddl-generation')
    await expect(helix.cron.fire('sweep')).rejects.toThrow(/no scheduled function "sweep": there are .*sweep-zombies/)
    expect(await helix.queue.peek()).toEqual([])
  })

  test('names a time and a duration that it cannot read', async () => {
    await expect(helix.cron.fire('sweep-zombies', 'noon')).rejects.toThrow('at: "noon" is no time')
    await expect(helix.clock.advance('soon')).rejects.toThrow('"soon" is no duration: use 90s, 2h, 1d 12h or')
    await expect(helix.clock.advance(Number.POSITIVE_INFINITY)).rejects.toThrow('"Infinity" is no duration')
  })

  test('answers for an unknown source as the API does, and names a script that failed', async () => {
    const answer = await helix.fetch('/api/v0/data_pipeline/tasks', { json: { db_name: 'nowhere' } })
    expect(await answer.json()).toMatchObject({
      code: 'source_not_found',
      detail: expect.stringContaining('configured: shop, bad'),
    })
    const opened = helix.platform.sources.open({ name: 'bad' })
    await expect(opened).rejects.toThrow('sources: the script of "bad" failed: syntax error')
  })
})

test('a closed environment lets its record be read and says that nothing else can be done', async () => {
  const helix = await helixTest({ functions: [nothing] })
  await helix.queue.send({ function: 'nothing', body: {} })
  await helix.idle()
  await helix[Symbol.asyncDispose]()
  await helix[Symbol.asyncDispose]()
  expect(helix.queue.delivered).toMatchObject([{ function: 'nothing', outcome: 'done' }])
  expect(helix.effects.files).toEqual([])
  const closed = 'this environment is closed. Use it within the block of its `await using`'
  await expect(helix.fetch('/api/v1/health')).rejects.toThrow(`fetch: ${closed}`)
  await expect(helix.queue.drain()).rejects.toThrow(`queue.drain: ${closed}`)
  await expect(helix.queue.peek()).rejects.toThrow(`queue.peek: ${closed}`)
  await expect(helix.cron.fire('sweep-zombies')).rejects.toThrow(`cron.fire: ${closed}`)
  await expect(helix.clock.advance('1h')).rejects.toThrow(`clock.advance: ${closed}`)
  await expect(helix.idle()).rejects.toThrow(`idle: ${closed}`)
  expect(() => helix.store).toThrow(closed)
})
