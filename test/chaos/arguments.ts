import { parseArgs } from 'node:util'

export const USAGE = `npm run chaos -- [options]

  --tasks <n>           four-step tasks to post; 2000 by default
  --runners <n>         runner processes; 3 by default, at least 2
  --seed <n>            what the dice are seeded with; 1 by default
  --kill-every <s>      a random runner gets kill -9 this often; 2 by default, 0 for never
  --restart-every <s>   the server restarts this often, in turn fast and immediate; 10 by default, 0 for never
  --cut-every <s>       connections of a random runner are cut this often; 3 by default, 0 for never
  --freezes <n>         runners that are frozen past their lease, one after the other; 2 by default
  --over <s>            the time over which the tasks are posted; 80 by default
  --short               the form for CI: 150 tasks over 25 s, two restarts, one freeze
  --keep                leaves the directory with cluster, files and logs
  --help                show this
`

export interface Arguments {
  readonly tasks: number
  readonly runners: number
  readonly seed: number
  readonly killEveryMs: number
  readonly restartEveryMs: number
  readonly cutEveryMs: number
  /** Tasks come evenly over this time, so that all of the weather meets some of them. */
  readonly overMs: number
  /** Runners that are frozen past their lease, one after the other. */
  readonly freezes: number
  readonly keep: boolean
  readonly help: boolean
}

const WHOLE = { tasks: 2000, overMs: 80_000, restartEveryMs: 10_000, freezes: 2 }
const SHORT = { tasks: 150, overMs: 25_000, restartEveryMs: 15_000, freezes: 1 }

/** Reads the command line. @throws {Error} in words for whoever typed it */
export function readArguments(given: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...given],
    options: {
      tasks: { type: 'string' },
      runners: { type: 'string' },
      seed: { type: 'string' },
      'kill-every': { type: 'string' },
      'restart-every': { type: 'string' },
      'cut-every': { type: 'string' },
      freezes: { type: 'string' },
      over: { type: 'string' },
      short: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const form = values.short ? SHORT : WHOLE
  return {
    tasks: numberOf('tasks', values.tasks, 1) ?? form.tasks,
    runners: numberOf('runners', values.runners, 2) ?? 3,
    seed: numberOf('seed', values.seed, 0) ?? 1,
    killEveryMs: secondsOf('kill-every', values['kill-every']) ?? 2_000,
    restartEveryMs: secondsOf('restart-every', values['restart-every']) ?? form.restartEveryMs,
    cutEveryMs: secondsOf('cut-every', values['cut-every']) ?? 3_000,
    overMs: secondsOf('over', values.over) ?? form.overMs,
    freezes: numberOf('freezes', values.freezes, 0) ?? form.freezes,
    keep: values.keep,
    help: values.help,
  }
}

function secondsOf(name: string, text: string | undefined): number | undefined {
  const seconds = numberOf(name, text, 0)
  return seconds === undefined ? undefined : seconds * 1_000
}

function numberOf(name: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < min) {
    throw new Error(`--${name} takes a whole number of at least ${min}, not "${text}"`)
  }
  return value
}
