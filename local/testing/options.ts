import type { FunctionDefinition } from '../../functions/manifest.ts'
import type { ScheduledDefinition } from '../../scheduled/manifest.ts'
import type { Embedder } from '../../shared/platform/embedder.ts'
import { NO_FAULTS, readFaultSettings } from '../../shared/platform/fault-settings.ts'
import { type Faults, replayedFaults, type StruckFault, seededFaults } from '../faults/faults.ts'
import type { LlmAnswers } from './test-models.ts'

export interface HelixTestOptions {
  /** Decides chance and, where their text names none, the faults. The same seed gives the same effects. Default 1. */
  readonly seed?: number
  /** `drop=0.1,crash=0.05` as HELIX_FAULTS reads it, or exactly what `faults.struck` of another run told. None by default. */
  readonly faults?: string | readonly StruckFault[]
  /** When it is: time stands still there until `clock.advance`. `system` lets it go by. Default `2026-01-01T00:00:00Z`. */
  readonly clock?: Date | string
  /** Your functions, beside Helix's own; one with the name of another takes its place. */
  readonly functions?: readonly FunctionDefinition[]
  /** Your scheduled functions, as `functions`. */
  readonly scheduled?: readonly ScheduledDefinition[]
  /** Business databases by name: a script of SQL that makes one in memory, or the URL of a server. Default: the sample. */
  readonly sources?: Readonly<Record<string, string>>
  /** Settings by the name of their environment variable; the environment itself is not read. */
  readonly config?: Readonly<Record<string, string>>
  /** Answers for the language model; none is there by default. */
  readonly llm?: LlmAnswers
  /** In place of the embedded one, which loads a model with the first English text. */
  readonly embedder?: Embedder
}

const SEED_MAX = 2 ** 32 - 1
const NAMES = ['seed', 'faults', 'clock', 'functions', 'scheduled', 'sources', 'config', 'llm', 'embedder']

/** Settings that cannot be given, and why. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^HELIX_FAULTS$/, 'use the option "faults"'],
  [/^HELIX_SOURCE_.*_URL$/, 'use the option "sources"'],
  [/^HELIX_DATA_DIR$/, 'every environment has a folder of its own'],
]

/** @throws {RangeError} naming the option that makes no sense, before anything is opened */
export function assertOptions(options: HelixTestOptions): void {
  const { seed = 1, functions = [], scheduled = [], config = {} } = options
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw new RangeError(`There is no option "${unknown}": there are ${NAMES.join(', ')}`)
  if (!Number.isInteger(seed) || seed < 0 || seed > SEED_MAX)
    throw new RangeError(`seed: ${seed} must be a whole number from 0 to ${SEED_MAX}`)
  assertDistinct('functions', functions)
  assertDistinct('scheduled', scheduled)
  for (const setting of Object.keys(config)) {
    const why = REFUSED.find(([pattern]) => pattern.test(setting))?.[1]
    if (why !== undefined) throw new RangeError(`config: ${setting} cannot be given: ${why}`)
  }
}

/** @throws {RangeError} when the faults are not understood */
export function openFaults(given: HelixTestOptions['faults'], seed: number): Faults {
  if (given === undefined) return seededFaults({ ...NO_FAULTS, seed })
  if (typeof given !== 'string') return replayedFaults(given)
  const read = readFaultSettings(given)
  if (!read.ok) throw new RangeError(`faults: ${read.problems.join('; ')}`)
  return seededFaults(/(^|[\s,])seed=/.test(given) ? read.settings : { ...read.settings, seed })
}

/**
 * @param name of the option or parameter that gives it
 * @throws {RangeError} for a text that is no time
 */
export function dateOf(given: Date | string, name: string): Date {
  const date = new Date(given)
  if (!Number.isNaN(date.getTime())) return date
  const also = name === 'clock' ? ', or system' : ''
  throw new RangeError(`${name}: "${given}" is no time: use 2026-01-01T00:00:00Z, a Date${also}`)
}

function assertDistinct(option: string, definitions: readonly { readonly name: string }[]): void {
  const names = definitions.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new RangeError(`${option}: "${twice}" is there twice`)
}
