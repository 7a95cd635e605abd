import type { Sandbox } from '../platform/sandbox.ts'
import { prepared } from './prepare.ts'
import { Runner } from './runner.ts'

export interface InlineSandboxOptions {
  /** QuickJS, metered: asked for when something is run for the first time. */
  readonly module: () => Promise<WebAssembly.Module>
  /** Milliseconds since some moment; may stand still while code runs. */
  readonly steadyMs: () => number
}

/** Runs code in the thread that asks, which waits: for a process that has nothing else to do, as a function has. */
export function inlineSandbox({ module, steadyMs }: InlineSandboxOptions): Sandbox {
  let runner: Promise<Runner> | null = null
  let ready: Runner | null = null
  const opened = () => {
    runner ??= module().then(
      (compiled) => {
        ready = new Runner(compiled, steadyMs)
        return ready
      },
      (cause) => {
        runner = null // the next run tries again
        throw cause
      },
    )
    return runner
  }
  return {
    async run(request, signal) {
      const run = prepared(request, signal)
      return 'success' in run ? run : (ready ?? (await opened())).run(run)
    },
    async close() {
      runner = null
      ready = null
    },
  }
}
