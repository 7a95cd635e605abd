import { type Arguments, readArguments, USAGE } from './arguments.ts'
import { judge } from './judge.ts'
import { countsOf, tableOf } from './report.ts'
import { soak } from './soak.ts'

const EVIDENCE_MAX = 60 // lines; the count tells how many there are

const err = (text: string) => void process.stderr.write(`${text}\n`)
process.exit(await main(process.argv.slice(2)))

/** @returns the exit code: 0 clean, 1 for a violation, 2 for a wrong command line, 130 after Ctrl-C */
async function main(argv: readonly string[]): Promise<number> {
  let given: Arguments
  try {
    given = readArguments(argv)
  } catch (error) {
    err(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  if (given.help) {
    err(USAGE)
    return 0
  }
  const begun = Date.now()
  const say = (text: string) => err(`${((Date.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${text}`)
  const abort = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort.abort())
  const run = await soak(given, say, abort.signal)
  if (abort.signal.aborted) return 130
  const violations = judge(run)
  process.stdout.write(`${JSON.stringify(countsOf(run, violations.length))}\n`)
  for (const line of tableOf(run)) err(line)
  for (const violation of violations.slice(0, EVIDENCE_MAX)) err(violation)
  if (violations.length > 0) err(`${violations.length} violations with --seed ${given.seed}`)
  return violations.length === 0 ? 0 : 1
}
