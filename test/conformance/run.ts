import { fileURLToPath } from 'node:url'
import { CASES } from './cases/all.ts'
import { renderMatrix, writeMatrix } from './matrix.ts'
import { type Arguments, readArguments, USAGE } from './suite/arguments.ts'
import type { Case } from './suite/case.ts'
import type { Result } from './suite/play.ts'
import { playTarget } from './suite/play-target.ts'
import { line, summary } from './suite/report.ts'
import { currentOf, type Recorded, type Recordings, record, suiteOf } from './suite/results.ts'
import { loadTarget } from './suite/targets.ts'
import type { TargetName } from './target.ts'
import { readSourceOption } from './world/source-option.ts'

const USAGE_EXIT = 2

process.exitCode = await main(process.argv.slice(2))

/** @returns the exit code: 0 when everything held, 1 when something did not, 2 for a command that can't be read */
async function main(given: readonly string[]): Promise<number> {
  let args: Arguments
  let source: Awaited<ReturnType<typeof readSourceOption>> | null
  try {
    args = readArguments(given)
    source = args.source === null ? null : await readSourceOption(args.source)
  } catch (error) {
    write(process.stderr, `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return USAGE_EXIT
  }
  if (args.help) {
    write(process.stdout, USAGE)
    return 0
  }
  const cases = chosen(args.only)
  if (cases.length === 0) {
    write(process.stderr, `No case has "${args.only}" in its subject or name\n`)
    return USAGE_EXIT
  }
  const signal = interrupted()
  const runs: Partial<Record<TargetName, Recorded>> = {}
  let failed = false
  for (const name of args.targets) {
    if (signal.aborted) return 1
    const found = await loadTarget(name)
    if (typeof found === 'string') {
      say(args, `${name}: can't run here. ${found}\n`)
      failed ||= args.named
      continue
    }
    say(args, `${name}: ${cases.length} cases\n`)
    const told = (result: Result) => say(args, line(name, result))
    const run = await playTarget(found, cases, { given: source, told, signal })
    const broken = run.trouble !== null || run.results.some(({ outcome }) => outcome === 'failed')
    failed ||= broken
    say(args, summary(name, run))
    if (run.trouble === null) {
      const how = run.how === undefined ? {} : { how: run.how }
      runs[name] = { on: today(), suite: suiteOf(CASES), results: run.results, ...how }
    }
  }
  if (args.json) write(process.stdout, `${JSON.stringify(runs)}\n`)
  say(args, `\n${renderMatrix(runs, 'en')}\n`)
  if (args.writeReadme) await publish(runs)
  return failed ? 1 : 0
}

/** Records these runs, and puts all recorded ones of this suite into both READMEs. */
async function publish(runs: Recordings): Promise<void> {
  const all = currentOf(await record(runs), suiteOf(CASES))
  await writeMatrix(pathOf('README.md'), renderMatrix(all, 'en'))
  await writeMatrix(pathOf('README.zh-CN.md'), renderMatrix(all, 'zh'))
}

function chosen(only: string | null): readonly Case[] {
  if (only === null) return CASES
  const wanted = only.toLowerCase()
  return CASES.filter(({ subject, name }) => `${subject}: ${name}`.toLowerCase().includes(wanted))
}

/** Aborts at the first Ctrl-C, so that everything is taken away; a second one ends the process at once. */
function interrupted(): AbortSignal {
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (abort.signal.aborted) process.exit(130)
      abort.abort()
    })
  }
  return abort.signal
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url))
}

/** For people: on stderr when stdout is for JSON. */
function say({ json }: Pick<Arguments, 'json'>, text: string): void {
  write(json ? process.stderr : process.stdout, text)
}

function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(text)
}
