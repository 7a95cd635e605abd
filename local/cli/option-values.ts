import { InvalidArgumentError } from 'commander'
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
