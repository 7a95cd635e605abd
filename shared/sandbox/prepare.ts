import {
  EXIT_CODES,
  SANDBOX_LIMITS,
  type SandboxErrorCode,
  type SandboxRequest,
  type SandboxRun,
} from '../platform/sandbox.ts'
import type { PreparedRun } from './runner.ts'
import type { Text } from './text.ts'
import { offsetSecondsAt } from './time-zone.ts'

const NOW = Date.UTC(2000, 0, 1)

/** Checks what a request brings along, and turns it into text; gives the answer at once where it can't be run. */
export function prepared(request: SandboxRequest, signal?: AbortSignal): PreparedRun | SandboxRun {
  const limits = { ...SANDBOX_LIMITS, ...request.limits }
  const { code, timeZone = 'UTC', seed = '', now, language = 'en' } = request
  const refused = (why: SandboxErrorCode, told: Text) => refusal(why, told[language])
  if (signal?.aborted === true) {
    return refused('sandbox_cancelled', { zh: '运行在开始之前被取消', en: 'The run was cancelled before it began' })
  }
  if (longerThan(code, limits.source_bytes)) {
    return refused('source_too_large', {
      zh: `代码长度超过 source_bytes（${limits.source_bytes}）`,
      en: `The code is longer than source_bytes (${limits.source_bytes}) allows`,
    })
  }
  let inputs: string | undefined
  try {
    inputs = JSON.stringify(request.inputs)
    offsetSecondsAt(timeZone, 0)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return refused('input_not_json', { zh: `输入无法传入：${why}`, en: `The inputs can't be handed over: ${why}` })
  }
  if (inputs === undefined) {
    const type = typeof request.inputs
    return refused('input_not_json', {
      zh: `输入是 ${type}，无法用 JSON 表示`,
      en: `The inputs are ${type}, which JSON has no word for`,
    })
  }
  if (longerThan(inputs, limits.input_bytes)) {
    return refused('input_too_large', {
      zh: `输入大小超过 input_bytes（${limits.input_bytes}）`,
      en: `The inputs are larger than input_bytes (${limits.input_bytes}) allows`,
    })
  }
  return { code, inputs, limits, seed, now: now?.getTime() ?? NOW, timeZone, language }
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
