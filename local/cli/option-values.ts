import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CliContext } from './context.ts'

/** Reads an option's whole number. @throws {InvalidArgumentError} outside the range */
export function integerBetween(context: Pick<CliContext, 'say'>, min: number, max: number) {
  return (value: string): number => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    throw new InvalidArgumentError(
      context.say({ zh: `应为 ${min} 到 ${max} 的整数`, en: `It must be a whole number from ${min} to ${max}.` }),
    )
  }
}

const PAGE_MAX = 200 // what one page of the API holds, of most lists
const LIMIT_USUAL = 20

export interface ListOptions {
  /** Which `--status` there are; the list has no such option when absent. */
  readonly statuses?: readonly string[]
  readonly limitMax?: number
}

/** Adds what every list takes: `--status` where there are any, `--limit` and `--json`. */
export function addListOptions(
  command: Command,
  { say }: Pick<CliContext, 'say'>,
  { statuses, limitMax = PAGE_MAX }: ListOptions = {},
): Command {
  if (statuses !== undefined) {
    const status = new Option('--status <status>', say({ zh: '只列出此状态', en: 'only those of this status' }))
    command.addOption(status.choices(statuses))
  }
  return command
    .option(
      '-n, --limit <number>',
      say({ zh: '最多列出多少个', en: 'how many at most' }),
      integerBetween({ say }, 1, limitMax),
      LIMIT_USUAL,
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
}
