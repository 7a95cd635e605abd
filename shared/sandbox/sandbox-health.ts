import type { Log } from '../platform/log.ts'
import type { Sandbox, SandboxErrorCode, SandboxLimits } from '../platform/sandbox.ts'

/** What a sandbox must be able to do on this platform before anybody's code may run in it. */
export interface SandboxHealth {
  readonly engine: 'quickjs'
  /** It computes what is expected. */
  readonly evaluates: boolean
  readonly stops_loops: boolean
  readonly bounds_memory: boolean
  readonly bounds_stack: boolean
}

const LIMITS: Partial<SandboxLimits> = { timeout_ms: 2_000, memory_bytes: 8 * 1024 * 1024 } // a busy machine is no ill one
const LOOP_MS_MAX = 20

const SUM_OF_SQUARES =
  'function main({ numbers }) { return { sum: numbers.map((n) => n * n).reduce((a, b) => a + b) } }'
const ENDLESS_LOOP = 'function main() { for (;;) {} }'
const TOO_LARGE = `function main() { return { bytes: new ArrayBuffer(${2 * 8 * 1024 * 1024}).byteLength } }`
const ENDLESS_RECURSION = 'function main() { return main() + 1 }'

/** Tries the sandbox out, in some milliseconds. Never throws: what is wrong is logged. */
export async function sandboxHealth({ sandbox, log }: { sandbox: Sandbox; log: Log }): Promise<SandboxHealth> {
  const holds = async (code: string, expected: SandboxErrorCode | string, limits = LIMITS): Promise<boolean> => {
    const answer = await answerTo(sandbox, code, limits)
    if (answer !== expected) log('background.failed', { what: 'try sandbox', message: `${code}: ${answer}` })
    return answer === expected
  }
  return {
    engine: 'quickjs',
    evaluates: await holds(SUM_OF_SQUARES, '{"sum":30}'),
    stops_loops: await holds(ENDLESS_LOOP, 'sandbox_timeout', { ...LIMITS, timeout_ms: LOOP_MS_MAX }),
    bounds_memory: await holds(TOO_LARGE, 'sandbox_memory'),
    bounds_stack: await holds(ENDLESS_RECURSION, 'sandbox_stack'),
  }
}

/** What fixed code of ours gives, or how it fails. */
async function answerTo(sandbox: Sandbox, code: string, limits: Partial<SandboxLimits>): Promise<string> {
  try {
    const { outputs, error } = await sandbox.run({ code, inputs: { numbers: [1, 2, 3, 4] }, limits })
    return error === null ? JSON.stringify(outputs) : error.code
  } catch (cause) {
    return String(cause)
  }
}
