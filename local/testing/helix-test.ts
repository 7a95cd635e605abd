import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FUNCTIONS } from '../../functions/manifest.ts'
import { SCHEDULED } from '../../scheduled/manifest.ts'
import type { Clock } from '../../shared/platform/clock.ts'
import { type Config, parseConfig } from '../../shared/platform/config.ts'
import type { Files } from '../../shared/platform/files.ts'
import { unseenMachine } from '../../shared/platform/machine.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { contentsOf } from '../../shared/platform/platform-layer.ts'
import { randomId, seededRandom, seedOf } from '../../shared/platform/random.ts'
import { adjustableClock } from '../clock/adjustable-clock.ts'
import { standingClock } from '../clock/standing-clock.ts'
import { systemClock } from '../drivers/system-clock.ts'
import { openRunner } from '../runner/open-runner.ts'
import { Deliveries } from './deliveries.ts'
import { EffectsRecorder } from './effects.ts'
import { Environment } from './environment.ts'
import type { HelixTest } from './kit.ts'
import { memoryFiles } from './memory-files.ts'
import { assertOptions, dateOf, type HelixTestOptions, openFaults } from './options.ts'
import { PortCalls } from './port-calls.ts'
import { openScratchFolder } from './scratch-folder.ts'
import { scriptedLlm } from './test-models.ts'
import { TestSources } from './test-sources.ts'

export type { Delivered } from './deliveries.ts'
export type { Effects, FileEffect, LogEffect, MessageEffect, ModelEffect, RowEffect } from './effects.ts'
export type { HelixTest, TestClock, TestCron, TestQueue, TestRequestInit } from './kit.ts'
export type { HelixTestOptions } from './options.ts'

const START = '2026-01-01T00:00:00Z'

/**
 * Opens a Helix of its own: a new store, files in memory, a queue, schedules and a clock. Close it with `await using`.
 * @throws {RangeError} naming the option that is not understood
 */
export async function helixTest(options: HelixTestOptions = {}): Promise<HelixTest> {
  assertOptions(options)
  const { seed = 1 } = options
  const faults = openFaults(options.faults, seed)
  const folder = await openScratchFolder()
  const calls = new PortCalls()
  const recorder = new EffectsRecorder()
  const sources = new TestSources(options.sources ?? {}, folder.path)
  try {
    const config = await configure(folder.path, options, seed)
    let settle = async (): Promise<void> => undefined
    const base = baseClock(options.clock ?? START, config.HELIX_TIME_ZONE ?? 'UTC')
    const clock = adjustableClock(base, { settle: () => settle(), wakesMax: Number.POSITIVE_INFINITY })
    const files = memoryFiles({
      root: config.HELIX_FILES_ROOT,
      now: () => clock.now(),
      onChange: (key, bytes) => recorder.file(key, bytes),
    })
    const functions = merged(options.functions, FUNCTIONS)
    const runner = await openRunner(config, {
      quiet: true,
      functions,
      scheduled: merged(options.scheduled, SCHEDULED),
      clock,
      random: seededRandom(seedOf(`${seed} chance`)),
      faults,
      consumes: false,
      wrap: (platform) => furnished(platform, { options, files, sources, recorder, calls }),
    })
    const deliveries = new Deliveries({ broker: runner.queue, platform: runner.platform, calls })
    settle = () => deliveries.follow(clock)
    await recorder.begin(runner.platform.store)
    return new Environment({ seed, runner, functions, deliveries, recorder, calls, sources, folder })
  } catch (error) {
    await folder.remove()
    throw error
  }
}

/** Settings of the test alone, and a name for the installation that the seed decides. */
async function configure(folder: string, options: HelixTestOptions, seed: number): Promise<Config> {
  const parsed = parseConfig({
    HELIX_DATA_DIR: folder,
    HELIX_TABLE_LISTS_DIR: join(folder, 'lists'),
    HELIX_TIME_ZONE: 'UTC',
    ...options.config,
  })
  await mkdir(parsed.HELIX_DATA_DIR, { recursive: true })
  await writeFile(join(parsed.HELIX_DATA_DIR, 'installation'), randomId(seededRandom(seedOf(`${seed} installation`))))
  return { ...parsed, sources: { ...parsed.sources, ...TestSources.urls(options.sources ?? {}) } }
}

function baseClock(at: Date | string, timeZone: string): Clock {
  if (at === 'system') return systemClock(timeZone)
  return standingClock(dateOf(at, 'clock'), timeZone)
}

/** What was given, then what is there by default and has another name. */
function merged<Definition extends { readonly name: string }>(
  given: readonly Definition[] = [],
  others: readonly Definition[],
): readonly Definition[] {
  const names = new Set(given.map(({ name }) => name))
  return [...given, ...others.filter(({ name }) => !names.has(name))]
}

interface Furniture {
  readonly options: HelixTestOptions
  readonly files: Files
  readonly sources: TestSources
  readonly recorder: EffectsRecorder
  readonly calls: PortCalls
}

/** The platform with what a test puts in place of ports; what goes through them is recorded and counted. */
function furnished(own: Platform, { options, files, sources, recorder, calls }: Furniture): Platform {
  const furniture: Platform = {
    ...contentsOf(own),
    stopping: own.stopping,
    files,
    sources: sources.before(own.sources),
    llm: options.llm === undefined ? own.llm : scriptedLlm(options.llm),
    embedder: options.embedder ?? own.embedder,
    machine: unseenMachine(), // how busy or full this one is must not decide what a run does
  }
  const recorded: Platform = {
    ...furniture,
    ...recorder.ports(furniture),
    takesSteps: () => false, // what begins goes through the queue, where a test sees it
  }
  return {
    ...recorded,
    ...calls.count(recorded),
    get stopping() {
      return own.stopping
    },
  }
}
