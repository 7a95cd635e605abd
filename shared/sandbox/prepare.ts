import {
  EXIT_CODES,
  SANDBOX_LIMITS,
  type SandboxErrorCode,
  type SandboxRequest,
  type SandboxRun,
} from '../platform/sandbox.ts'
import type { PreparedRun } from './runner.ts'
import { offsetSecondsAt } from './time-zone.ts'

const NOW = Date.UTC(2000, 0, 1)

/** Checks what a request brings along, and turns it into text; gives the answer at once where it can't be run. */
export function prepared(request: SandboxRequest, signal?: AbortSignal): PreparedRun | SandboxRun {
  const limits = { ...SANDBOX_LIMITS, ...request.limits }
  const { code, timeZone = 'UTC', seed = '', now } = request
  if (signal?.aborted === true) return refusal('sandbox_cancelled', 'The run was cancelled before it began')
  if (longerThan(code, limits.source_bytes)) {
    return refusal('source_too_large', `The code is longer than source_bytes (${limits.source_bytes}) allows`)
  }
  let inputs: string | undefined
  try {
    inputs = JSON.stringify(request.inputs)
    offsetSecondsAt(timeZone, 0)
  } catch (cause) {
    return refusal(
      'input_not_json',
      `The inputs can't be handed over: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
  if (inputs === undefined)
    return refusal('input_not_json', `The inputs are ${typeof request.inputs}, which JSON has no word for`)
  if (longerThan(inputs, limits.input_bytes)) {
    return refusal('input_too_large', `The inputs are larger than input_bytes (${limits.input_bytes}) allows`)
  }
  return { code, inputs, limits, seed, now: now?.getTime() ?? NOW, timeZone }
}

/** The answer to what was not run, or not to its end. */
export function refusal(code: SandboxErrorCode, message: string, duration_ms = 0): SandboxRun {
  const error = { code, message, line: null, column: null }
  return { success: false, outputs: null, exit_code: EXIT_CODES[code], duration_ms, memory_bytes: 0, logs: [], error }
}

function longerThan(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return true
  return text.length * 3 > bytesMax && new TextEncoder().encode(text).length > bytesMax
}
