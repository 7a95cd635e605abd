import type { QuickJSContext, QuickJSWASMModule } from 'quickjs-emscripten-core'
import type { Log } from '../platform/log.ts'
import { quickJs } from './quickjs.ts'

/** What a sandbox must be able to do on this platform before anybody's code may run in it. */
export interface SandboxHealth {
  readonly engine: 'quickjs'
  /** It computes what is expected. */
  readonly evaluates: boolean
  readonly stops_loops: boolean
  readonly bounds_memory: boolean
  readonly bounds_stack: boolean
}

const MEMORY_BYTES_MAX = 8 * 1024 * 1024
const STACK_BYTES_MAX = 64 * 1024 // with a larger one guest recursion can abort the host
const INTERRUPT_CHECKS_MAX = 10 // counted, not timed: in a Worker the clock stands still while code runs

const SUM_OF_SQUARES = '[1, 2, 3, 4].map((n) => n * n).reduce((a, b) => a + b)'
const ENDLESS_LOOP = 'for (;;) {}'
const TOO_LARGE = `new ArrayBuffer(${2 * MEMORY_BYTES_MAX})`
const ENDLESS_RECURSION = '(function deeper() { return deeper() + 1 })()'

/** Tries the sandbox out, in some milliseconds. Never throws: what is wrong is logged. */
export async function sandboxHealth({ log }: { readonly log: Log }): Promise<SandboxHealth> {
  let quickjs: QuickJSWASMModule
  try {
    quickjs = await quickJs()
  } catch (cause) {
    log('background.failed', { what: 'load sandbox', message: String(cause) })
    return { engine: 'quickjs', evaluates: false, stops_loops: false, bounds_memory: false, bounds_stack: false }
  }
  const holds = (code: string, expected: string) => {
    const answer = answerTo(quickjs, code)
    if (answer !== expected) log('background.failed', { what: 'try sandbox', message: `${code}: ${answer}` })
    return answer === expected
  }
  return {
    engine: 'quickjs',
    evaluates: holds(SUM_OF_SQUARES, '30'),
    stops_loops: holds(ENDLESS_LOOP, 'InternalError: interrupted'),
    bounds_memory: holds(TOO_LARGE, 'InternalError: out of memory'),
    bounds_stack: holds(ENDLESS_RECURSION, 'InternalError: stack overflow'),
  }
}

/** What fixed code of ours gives, or how it fails, in a runtime of its own. */
function answerTo(quickjs: QuickJSWASMModule, code: string): string {
  try {
    using runtime = quickjs.newRuntime({ memoryLimitBytes: MEMORY_BYTES_MAX, maxStackSizeBytes: STACK_BYTES_MAX })
    let checks = 0
    runtime.setInterruptHandler(() => ++checks > INTERRUPT_CHECKS_MAX)
    using context = runtime.newContext()
    return evaluated(context, code)
  } catch (cause) {
    return String(cause)
  }
}

function evaluated(context: QuickJSContext, code: string): string {
  const answer = context.evalCode(code)
  if (answer.error === undefined) {
    using value = answer.value
    return context.getString(value)
  }
  using error = answer.error
  const { name, message }: { name?: string; message?: string } = context.dump(error) ?? {}
  return `${name}: ${message}`
}
