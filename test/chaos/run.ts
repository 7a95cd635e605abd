import { type Arguments, readArguments, USAGE } from './arguments.ts'
import { chaos } from './chaos.ts'
import { findPostgres, serverUser } from './find-postgres.ts'

const EVIDENCE_MAX = 40 // lines; the counts tell how many there are

const err = (text: string) => void process.stderr.write(`${text}\n`)
process.exit(await main(process.argv.slice(2)))

/** @returns the exit code: 0 clean or skipped, 1 for a violation, 2 for a wrong command line, 130 after Ctrl-C */
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
  const binaries = findPostgres()
  const user = serverUser()
  if (binaries === null || user === null || process.platform === 'win32') {
    err('Chaos is skipped: it needs initdb and pg_ctl of a Postgres server, and a user who may run one')
    return 0
  }
  const begun = Date.now()
  const say = (text: string) => err(`${((Date.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${text}`)
  const signal = interrupted()
  const outcome = await chaos({ given, binaries, user, say, signal })
  if (outcome === null) return 130
  process.stdout.write(`${JSON.stringify(outcome.counts)}\n`)
  for (const violation of outcome.violations.slice(0, EVIDENCE_MAX)) err(violation)
  if (outcome.violations.length > 0) err(`${outcome.violations.length} violations with --seed ${given.seed}`)
  return outcome.violations.length === 0 ? 0 : 1
}

/** Aborts at the first Ctrl-C or mishap. The guard takes everything away, also when this process ends at once. */
function interrupted(): AbortSignal {
  const abort = new AbortController()
  for (const mishap of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(mishap, (cause: unknown) => {
      err(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
      process.exit(1)
    })
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort.abort())
  return abort.signal
}
