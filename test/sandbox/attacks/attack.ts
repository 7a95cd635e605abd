import type { SandboxErrorCode, SandboxLimits } from '../../../shared/platform/sandbox.ts'

/** Code that tries to do harm, and how that must end. */
export interface Attack {
  readonly name: string
  readonly code: string
  /** Each end that contains it: the code of a failure, or the outputs as JSON. */
  readonly ends: readonly (SandboxErrorCode | `{${string}`)[]
  readonly limits: Partial<SandboxLimits>
}

type End = Attack['ends'][number]

/** Attacks from the bodies of their `main`, that all end in one way. */
export function bodies(ends: End | readonly End[], named: Readonly<Record<string, string>>, limits = {}): Attack[] {
  return scripts(
    ends,
    Object.fromEntries(Object.entries(named).map(([name, body]) => [name, `function main(inputs) { ${body} }`])),
    limits,
  )
}

/** Attacks from whole scripts, that all end in one way. */
export function scripts(ends: End | readonly End[], named: Readonly<Record<string, string>>, limits = {}): Attack[] {
  const all = typeof ends === 'string' ? [ends] : ends
  return Object.entries(named).map(([name, code]) => ({ name, code, ends: all, limits }))
}
