import { type Config, parseConfig } from '../../shared/platform/config.ts'
import type { Language } from '../../shared/platform/problems.ts'
import { readEnvFile } from '../drivers/env-file.ts'
import { type HelixApi, openApi } from './api.ts'
import { type ConnectOptions, connect, type HelixClient } from './client.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Text } from './language.ts'
import type { Output } from './output/output.ts'
import type { World } from './world.ts'

/** What every command is given. */
export interface CliContext {
  readonly world: World
  readonly output: Output
  readonly language: Language
  /** A text in the person's language. */
  say(text: Text): string
  /** The environment over `.env`, and `changes` over both: undefined takes a variable away. @throws {ConfigError} */
  config(changes?: Readonly<Record<string, string | undefined>>): Config
  /** With what the process is to end; 0 unless told. */
  finish(code: ExitCode): void
}

export interface ContextOptions {
  readonly world: World
  readonly output: Output
  readonly language: Language
  readonly finish: (code: ExitCode) => void
}

export function createContext({ world, output, language, finish }: ContextOptions): CliContext {
  return {
    world,
    output,
    language,
    say: (text) => text[language],
    config: (changes = {}) => parseConfig({ ...environment(world), ...changes }),
    finish,
  }
}

/** The variables of the environment, and those of `.env` that it does not set. */
export function environment(world: World): Record<string, string | undefined> {
  return { ...readEnvFile('.env'), ...world.env }
}

/** Connects, does the work, and disconnects whatever happens. */
export async function withApi<T>(
  context: CliContext,
  work: (api: HelixApi, client: HelixClient) => Promise<T>,
  config: Config = context.config(),
  options: ConnectOptions = {},
): Promise<T> {
  const client = await connect(config, options)
  try {
    return await work(openApi(client, context.language), client)
  } finally {
    await client.stop()
  }
}
