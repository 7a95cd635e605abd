import { ConfigError } from '../../shared/platform/config.ts'
import { maskText } from '../../shared/platform/mask.ts'
import { type FieldError, type Language, PROBLEMS, Problem } from '../../shared/platform/problems.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Text } from './language.ts'

/** Why a command could not do what it was asked: told to the person, and its exit code to the shell. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure'
  readonly exitCode: ExitCode
  /** A problem's code (`source_unreachable`), or one of the command line's own (`runner_unreachable`). */
  readonly code: string
  readonly hint: string | undefined
  readonly errors: readonly FieldError[]

  constructor(
    exitCode: ExitCode,
    code: string,
    message: string,
    options: { hint?: string | undefined; errors?: readonly FieldError[] | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.exitCode = exitCode
    this.code = code
    this.hint = options.hint
    this.errors = options.errors ?? []
  }
}

const EXIT_OF_PROBLEM: Readonly<Record<string, ExitCode>> = {
  invalid_request: EXIT.usage,
  invalid_table_list: EXIT.usage,
  source_not_found: EXIT.usage,
  secret_key_missing: EXIT.configuration,
  address_unavailable: EXIT.configuration,
  data_dir_taken: EXIT.configuration,
  source_unreachable: EXIT.unreachable,
  source_refused: EXIT.unreachable,
  store_unavailable: EXIT.unreachable,
  files_unavailable: EXIT.unreachable,
}

/** The exit code that a problem of the API leads to. */
export function exitCodeOf(problemCode: string): ExitCode {
  return EXIT_OF_PROBLEM[problemCode] ?? EXIT.failed
}

const BAD_CONFIGURATION: Text = { zh: '配置无效', en: 'The configuration is not valid' }
const CHECK_CONFIGURATION: Text = {
  zh: '请检查环境变量和 .env 文件，然后运行 `helix doctor`',
  en: 'Check the environment and .env, then run `helix doctor`',
}
/** Anything thrown, as what the person is told. Passwords in URLs are masked. */
export function failureOf(thrown: unknown, language: Language): CliFailure {
  if (thrown instanceof CliFailure) return thrown
  if (thrown instanceof ConfigError) {
    const message = `${BAD_CONFIGURATION[language]}\n${thrown.problems.map((problem) => `  ${problem}`).join('\n')}`
    return new CliFailure(EXIT.configuration, 'invalid_configuration', message, { hint: CHECK_CONFIGURATION[language] })
  }
  if (thrown instanceof Problem) {
    const title = PROBLEMS[thrown.code].title[language]
    const message = sentence(title, maskText(thrown.message), language)
    return new CliFailure(exitCodeOf(thrown.code), thrown.code, message, { hint: thrown.hint, cause: thrown })
  }
  const text = maskText(thrown instanceof Error ? thrown.message : String(thrown))
  return new CliFailure(EXIT.failed, 'internal', text, { cause: thrown })
}

/** What is wrong, then what exactly, unless that says the same. */
export function sentence(title: string, detail: string | undefined, language: Language): string {
  if (detail === undefined || detail === '' || detail === title) return title
  return language === 'zh' ? `${title}：${detail}` : `${title}: ${detail}`
}

const TASK_FAILED: Text = { zh: '任务失败', en: 'The task failed' }

/** Why a task failed, in the person's language: the store keeps the Chinese title of a problem, then what was attempted. */
export function taskErrorText(
  {
    error_message: message,
    error_code: code,
  }: { error_message?: string | null | undefined; error_code?: string | null | undefined },
  language: Language,
): string {
  if (!message) return TASK_FAILED[language]
  const titles = Object.entries(PROBLEMS).find(([known]) => known === code)?.[1].title
  const stored = titles === undefined ? undefined : `${titles.zh}：`
  if (titles === undefined || stored === undefined || !message.startsWith(stored)) return message
  return sentence(titles[language], message.slice(stored.length), language)
}
