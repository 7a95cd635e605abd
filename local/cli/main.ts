import { CommanderError } from 'commander'
import { readEnvFile } from '../drivers/env-file.ts'
import { createContext } from './context.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { type CliFailure, failureOf } from './failure.ts'
import { tellFailure } from './follow-run.ts'
import { askedLanguage, chooseLanguage } from './language.ts'
import { openOutput } from './output/output.ts'
import { createProgram, usageFailure } from './program.ts'
import { failureDocument } from './run-report.ts'
import type { World } from './world.ts'

/**
 * Runs one command.
 * @param argv what follows `helix`; nothing prints help
 * @returns the exit code
 */
export async function main(argv: readonly string[], world: World): Promise<ExitCode> {
  const options = optionsOf(argv)
  const output = openOutput(world, options.includes('--no-color') ? false : undefined)
  const language = chooseLanguage(askedLanguage(argv), { ...readEnvFile('.env'), ...world.env })
  let code: ExitCode = EXIT.ok
  const context = createContext({
    world,
    output,
    language,
    finish: (given) => {
      code = given
    },
  })
  try {
    await createProgram(context).parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' })
    return code
  } catch (thrown) {
    const usage = thrown instanceof CommanderError ? usageFailure(thrown, context) : null
    if (typeof usage === 'number') return usage
    const failure = usage ?? failureOf(thrown, language)
    // A program that asked for a document gets one, whatever happened.
    if (options.includes('--json')) output.json({ task_id: null, status: 'error', error: failureDocument(failure) })
    tellFailure(context, failure)
    if (failure.code === 'internal' && world.env.HELIX_LOG_LEVEL === 'debug') output.note(String(causeOf(failure)))
    return failure.exitCode
  }
}

function causeOf({ cause }: CliFailure): unknown {
  return cause instanceof Error ? cause.stack : cause
}

function optionsOf(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}
