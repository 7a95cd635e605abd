import { parseArgs } from 'node:util'

export const USAGE = `npm run soak -- [options]

  --minutes <n>    how long the weather lasts; 20 by default, 10 with --days
  --days <n>       sends the clock ahead by so many days meanwhile; 0 by default
  --store <kind>   server (default where there is one) or embedded
  --seed <n>       what the dice are seeded with; 1 by default
  --faults <text>  what goes wrong, as HELIX_FAULTS; "none" for nothing
  --keep           leaves the directory with store, files, samples and log
  --help           show this

The server is that of HELIX_TEST_DATABASE_URL (on which it makes a database and drops it), else one of its own.
`

export const FAULTS = 'drop=0.02,duplicate=0.02,delay=0..2s,reorder=0.05,crash=0.01,store=0.002,files=0.01'

export interface Arguments {
  readonly minutes: number
  /** By how much the clock is sent ahead, in all. */
  readonly days: number
  /** Null for the server where there is one. */
  readonly store: 'server' | 'embedded' | null
  readonly seed: number
  /** As HELIX_FAULTS has it, without the seed; empty for none. */
  readonly faults: string
  readonly keep: boolean
  readonly help: boolean
}

/** Reads the command line. @throws {Error} in words for whoever typed it */
export function readArguments(given: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...given],
    options: {
      minutes: { type: 'string' },
      days: { type: 'string', default: '0' },
      store: { type: 'string' },
      seed: { type: 'string', default: '1' },
      faults: { type: 'string', default: FAULTS },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const days = numberOf('days', values.days)
  return {
    minutes: numberOf('minutes', values.minutes ?? (days > 0 ? '10' : '20')),
    days,
    store: storeOf(values.store),
    seed: numberOf('seed', values.seed),
    faults: values.faults === 'none' ? '' : values.faults,
    keep: values.keep,
    help: values.help,
  }
}

function storeOf(text: string | undefined): Arguments['store'] {
  if (text === undefined) return null
  if (text === 'server' || text === 'embedded') return text
  throw new Error(`--store is server or embedded, not "${text}"`)
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new Error(`--${name} takes a number of at least 0, not "${text}"`)
}
