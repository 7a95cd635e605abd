import type { FunctionDefinition } from './manifest.ts'
import type { Scheduled } from './triggers.ts'

/** What a Lambda serves, and the environment that says how. */
export interface LambdaParts {
  readonly functions: readonly FunctionDefinition[]
  readonly scheduled: readonly Scheduled[]
  readonly env: Readonly<Record<string, unknown>>
}

/**
 * All of the manifests, or the functions that `HELIX_FUNCTION` names, separated by commas. Steps belong together: one
 * hands over to the next in its own process.
 * @throws {Error} for a name that there is not
 */
export function servedHere(parts: LambdaParts): LambdaParts {
  const { HELIX_FUNCTION: setting } = parts.env
  if (typeof setting !== 'string' || setting.trim() === '') return parts
  const names = setting.split(',').map((name) => name.trim())
  const known = [...parts.functions, ...parts.scheduled].map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`HELIX_FUNCTION: there is no function "${unknown.join('", "')}"`)
  return {
    ...parts,
    functions: parts.functions.filter(({ name }) => names.includes(name)),
    scheduled: parts.scheduled.filter(({ name }) => names.includes(name)),
  }
}

/** @throws {Error} for a message to a function that runs in another Lambda: a wiring fault, not poison */
export function assertServed(all: LambdaParts, here: LambdaParts, name: string): void {
  const isIn = ({ functions }: LambdaParts) => functions.some((definition) => definition.name === name)
  if (isIn(all) && !isIn(here)) throw new Error(`The function "${name}" does not run in this Lambda (HELIX_FUNCTION)`)
}
