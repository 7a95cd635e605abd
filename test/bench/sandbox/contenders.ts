import vm from 'node:vm'
import { sandboxThreadScript } from '../../../local/drivers/sandbox-thread-script.ts'
import { sandboxThreads } from '../../../local/drivers/sandbox-threads.ts'
import { steadyMs } from '../../../local/drivers/system-clock.ts'
import type { Sandbox } from '../../../shared/platform/sandbox.ts'
import { inlineSandbox } from '../../../shared/sandbox/inline-sandbox.ts'
import { quickJsModule } from '../../../shared/sandbox/quickjs-node.ts'
import type { Contender } from './contender.ts'
import { isolatedVm } from './peers/isolated-vm.ts'

export type Openers = Readonly<Record<string, () => Contender>>

/** @param peersDir where isolated-vm is installed; it is left out when null, since it has to be built first */
export function contendersWith(peersDir: string | null): Openers {
  return {
    'node:vm': nodeVm,
    inline: () => ours('inline', inlineSandbox({ module: quickJsModule, steadyMs })),
    threads: () => ours('threads', sandboxThreads({ module: quickJsModule, script: sandboxThreadScript })),
    'quickjs-emscripten': plainQuickJs,
    ...(peersDir === null ? {} : { 'isolated-vm': () => isolatedVm(peersDir) }),
  }
}

function ours(name: string, sandbox: Sandbox): Contender {
  return {
    name,
    async run(code, inputs, timeout_ms) {
      const { outputs, error } = await sandbox.run({ code, inputs, limits: { timeout_ms } })
      if (error !== null) throw new Error(error.code)
      return outputs
    },
    close: () => sandbox.close(),
  }
}

/** A context of its own for each run. It is no sandbox: code gets out of it in one line. */
function nodeVm(): Contender {
  return {
    name: 'node:vm',
    async run(code, inputs, timeout) {
      const context = vm.createContext({ text: JSON.stringify(inputs) })
      vm.runInContext(code, context, { timeout })
      const text = await vm.runInContext('(async () => JSON.stringify(await main(JSON.parse(text))))()', context, {
        timeout,
      })
      return JSON.parse(text as string)
    },
    close: async () => undefined,
  }
}

/** As its README has it: a runtime and a context for each run, limits set, all of it disposed of. */
function plainQuickJs(): Contender {
  return {
    name: 'quickjs-emscripten',
    async run(code, inputs, timeoutMs) {
      const { newQuickJSWASMModuleFromVariant, shouldInterruptAfterDeadline } = await import('quickjs-emscripten-core')
      quickJs ??= newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'))
      using runtime = (await quickJs).newRuntime({ memoryLimitBytes: 100 * 1024 * 1024, maxStackSizeBytes: 256 * 1024 })
      runtime.setInterruptHandler(shouldInterruptAfterDeadline(Date.now() + timeoutMs))
      using context = runtime.newContext()
      context.unwrapResult(context.evalCode(code)).dispose()
      using text = context.newString(JSON.stringify(inputs))
      context.setProp(context.global, 'text', text)
      using promise = context.unwrapResult(
        context.evalCode('(async () => JSON.stringify(await main(JSON.parse(text))))()'),
      )
      context.unwrapResult(runtime.executePendingJobs())
      const state = context.getPromiseState(promise)
      if (state.type !== 'fulfilled') throw new Error(state.type)
      using value = state.value
      return JSON.parse(context.getString(value))
    },
    close: async () => undefined,
  }
}

let quickJs: ReturnType<typeof import('quickjs-emscripten-core')['newQuickJSWASMModuleFromVariant']> | undefined
