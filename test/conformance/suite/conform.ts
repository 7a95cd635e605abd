import { renderMatrix } from '../matrix.ts'
import type { Target, TargetName } from '../target.ts'
import { type GivenSource, readSourceOption } from '../world/source-option.ts'
import type { OpenWorld } from '../world.ts'
import { type Arguments, readArguments, USAGE } from './arguments.ts'
import type { Case } from './case.ts'
import type { Result } from './play.ts'
import { playTarget, type TargetRun } from './play-target.ts'
import { line, summary } from './report.ts'
import { type Recorded, type Recordings, suiteOf } from './results.ts'

/** What the command works with; a test of the command brings its own. */
export interface ConformOptions {
  readonly cases: readonly Case[]
  /** The target, or why it can't run here, in a sentence. */
  load(name: TargetName): Promise<Target | string>
  openWorld(given: GivenSource | null): Promise<OpenWorld>
  /** Publishes whole runs: what `--write-readme` asks for. */
  publish(runs: Recordings): Promise<void>
  out(text: string): void
  err(text: string): void
  /** Aborts when the person has had enough. */
  readonly signal: AbortSignal
  /** The day of the runs: `2026-01-31`. */
  readonly today: string
}

const USAGE_EXIT = 2

/** `npm run conform`. @returns the exit code: 0 when everything held, 1 when something did not, 2 for a command that can't be read */
export async function conform(given: readonly string[], options: ConformOptions): Promise<number> {
  const { out, err } = options
  let args: Arguments
  let source: GivenSource | null
  try {
    args = readArguments(given)
    source = args.source === null ? null : await readSourceOption(args.source)
  } catch (error) {
    err(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return USAGE_EXIT
  }
  if (args.help) {
    out(USAGE)
    return 0
  }
  const cases = chosen(options.cases, args.only)
  if (cases.length === 0) {
    err(`No case has "${args.only}" in its subject or name\n`)
    return USAGE_EXIT
  }
  return await conformAll({ ...args, cases, source }, options)
}

async function conformAll(
  args: Omit<Arguments, 'source'> & { cases: readonly Case[]; source: GivenSource | null },
  options: ConformOptions,
): Promise<number> {
  const say = args.json ? options.err : options.out // stdout is for the JSON then
  const runs: Partial<Record<TargetName, Recorded>> = {}
  let failed = false
  for (const name of args.targets) {
    if (options.signal.aborted) return 1
    const target = await options.load(name)
    if (typeof target === 'string') {
      say(`${name}: can't run here. ${target}\n`)
      failed ||= args.named
      continue
    }
    say(`${name}: ${args.cases.length} cases\n`)
    const told = (result: Result) => say(line(name, result))
    const run = await playTarget(target, args.cases, { ...options, given: args.source, told })
    say(summary(name, run))
    failed ||= run.trouble !== null || run.results.some(({ outcome }) => outcome === 'failed')
    if (run.trouble === null) runs[name] = recordedOf(run, options)
  }
  if (args.json) options.out(`${JSON.stringify(runs)}\n`)
  if (Object.keys(runs).length > 0) say(`\n${renderMatrix(runs, 'en')}\n`)
  if (args.writeReadme) await options.publish(runs)
  return failed ? 1 : 0
}

function recordedOf({ results, how }: TargetRun, { cases, today }: ConformOptions): Recorded {
  return { on: today, suite: suiteOf(cases), results, ...(how === undefined ? {} : { how }) }
}

function chosen(cases: readonly Case[], only: string | null): readonly Case[] {
  if (only === null) return cases
  const wanted = only.toLowerCase()
  return cases.filter(({ subject, name }) => `${subject}: ${name}`.toLowerCase().includes(wanted))
}
