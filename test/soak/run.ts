import { runProgram } from '../support/program.ts'
import { readArguments, USAGE } from './arguments.ts'
import { judge } from './judge.ts'
import { countsOf, tableOf } from './report.ts'
import { soak } from './soak.ts'

const exitCode = await runProgram(
  {
    usage: USAGE,
    readArguments,
    async play(given, say, signal) {
      const run = await soak(given, say, signal)
      if (signal.aborted) return null
      const violations = judge(run)
      return { counts: countsOf(run, violations.length), lines: tableOf(run), violations }
    },
  },
  process.argv.slice(2),
)
process.exit(exitCode)
