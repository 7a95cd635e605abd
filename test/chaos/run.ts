import { runProgram } from '../support/program.ts'
import { readArguments, USAGE } from './arguments.ts'
import { chaos } from './chaos.ts'
import { findPostgres, serverUser } from './find-postgres.ts'

const binaries = findPostgres()
const user = serverUser()

const exitCode = await runProgram(
  {
    usage: USAGE,
    readArguments,
    skips: () =>
      binaries === null || user === null || process.platform === 'win32'
        ? 'Chaos is skipped: it needs initdb and pg_ctl of a Postgres server, and a user who may run one'
        : null,
    play: (given, say, signal) =>
      binaries === null || user === null ? Promise.resolve(null) : chaos({ given, binaries, user, say, signal }),
  },
  process.argv.slice(2),
)
process.exit(exitCode)
