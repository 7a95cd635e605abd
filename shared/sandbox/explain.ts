import type { SandboxError, SandboxErrorCode, SandboxLimits } from '../platform/sandbox.ts'
import { frameAt, type Place, placeIn } from './code-frame.ts'
import { hintFor } from './hints.ts'
import { type Outputs, outputsOf } from './outputs.ts'
import type { Verdict } from './verdict.ts'

export interface Explained {
  readonly outputs: Outputs | null
  readonly error: SandboxError | null
}

interface Circumstances {
  readonly code: string
  readonly limits: SandboxLimits
  /** The stack trace of where the code was cut off. */
  readonly place: string
}

/** What the guest tells of a failure. It may be made up, so that nothing but words is taken from it. */
interface Told {
  readonly kind?: unknown
  readonly name?: unknown
  readonly message?: unknown
  readonly stack?: unknown
  readonly key?: unknown
  readonly what?: unknown
}

/** Turns the verdict of the host into what people read. */
export function explained(verdict: Verdict, circumstances: Circumstances): Explained {
  if (verdict.kind !== 'answer') return failed(errorOf(verdict, circumstances))
  const outputs = outputsOf(verdict.text, circumstances.limits)
  return 'code' in outputs
    ? failed(errorWith(outputs.code, outputs.message, null, circumstances))
    : { outputs: outputs.value, error: null }
}

function failed(error: SandboxError): Explained {
  return { outputs: null, error }
}

function errorOf(verdict: Exclude<Verdict, { kind: 'answer' }>, circumstances: Circumstances): SandboxError {
  const { code, limits } = circumstances
  const at = placeIn(circumstances.place, code)
  switch (verdict.kind) {
    case 'told':
      return toldError(verdict.text, circumstances)
    case 'too-large':
      return errorWith(
        'result_too_large',
        `The result has ${verdict.length} characters, more than result_bytes (${limits.result_bytes}) allows`,
        null,
        circumstances,
      )
    case 'time':
      return errorWith(
        'sandbox_timeout',
        `The code did not end within timeout_ms (${limits.timeout_ms})`,
        at,
        circumstances,
      )
    case 'memory':
      return errorWith(
        'sandbox_memory',
        `The code needs more than memory_bytes (${limits.memory_bytes})`,
        at,
        circumstances,
      )
    case 'stack':
      return errorWith(
        'sandbox_stack',
        `Calls are nested deeper than stack_bytes (${limits.stack_bytes}) allows`,
        at,
        circumstances,
      )
    case 'unsettled':
      return errorWith(
        'never_settles',
        'What main awaits never comes: nothing is left that could settle it',
        null,
        circumstances,
      )
    case 'crash':
      return errorWith('sandbox_crashed', `The sandbox itself failed: ${verdict.message}`, null, circumstances)
  }
}

function toldError(text: string, circumstances: Circumstances): SandboxError {
  const told = JSON.parse(text) as Told
  const { kind } = told
  const name = typeof told.name === 'string' ? told.name : null
  const message = typeof told.message === 'string' ? told.message : ''
  const whole = name === null ? message : `${name}: ${message}`
  const at = placeIn(typeof told.stack === 'string' ? told.stack : '', circumstances.code)
  if (kind === 'lost')
    return errorWith(
      'result_not_json',
      `"${told.key}" of the result is ${told.what}, which JSON has no word for`,
      null,
      circumstances,
    )
  if (kind === 'mismatch')
    return errorWith(
      'output_mismatch',
      `main returned ${told.what} instead of an object of outputs`,
      null,
      circumstances,
    )
  if (kind === 'no-main') return errorWith('main_missing', 'The code defines no function main', null, circumstances)
  if (kind === 'stringify')
    return errorWith('result_not_json', `The result can't be turned into JSON: ${whole}`, at, circumstances)
  if (kind === 'top' && name === 'SyntaxError') return errorWith('sandbox_syntax', whole, at, circumstances)
  return errorWith('sandbox_error', whole, at, circumstances)
}

function errorWith(
  code: SandboxErrorCode,
  message: string,
  at: Place | null,
  { code: source }: Circumstances,
): SandboxError {
  const hint = hintFor(code, message)
  return {
    code,
    message,
    line: at?.line ?? null,
    column: at?.column ?? null,
    ...(at === null ? {} : { frame: frameAt(source, at) }),
    ...(hint === null ? {} : { hint }),
  }
}
