import { importPeer } from '../../engine/peers/import-peer.ts'
import type { Contender } from '../contender.ts'

interface Context {
  eval(code: string, options: object): Promise<unknown>
  evalClosure(code: string, values: readonly unknown[], options: object): Promise<unknown>
  release(): void
}

interface Isolate {
  readonly isDisposed: boolean
  createContext(): Promise<Context>
  dispose(): void
}

interface Package {
  readonly Isolate: new (options: { memoryLimit: number }) => Isolate
}

const MEMORY_MB = 100
const CALL_MAIN = 'return (async () => JSON.stringify(await main(JSON.parse($0))))()'

/** As its README has it: one isolate with a memory limit, a context for each run; another isolate once one was used up. */
export function isolatedVm(peersDir: string): Contender {
  let isolate: Isolate | null = null
  return {
    name: 'isolated-vm',
    async run(code, inputs, timeout) {
      const loaded = await importPeer<Partial<Package> & { default: Package }>(peersDir, 'isolated-vm')
      const { Isolate } = loaded.default // a native module, whose names can't be spread
      if (isolate === null || isolate.isDisposed) isolate = new Isolate({ memoryLimit: MEMORY_MB })
      const context = await isolate.createContext()
      try {
        await context.eval(code, { timeout })
        const options = { timeout, result: { promise: true, copy: true } }
        return JSON.parse((await context.evalClosure(CALL_MAIN, [JSON.stringify(inputs)], options)) as string)
      } finally {
        if (!isolate.isDisposed) context.release()
      }
    },
    close: async () => isolate?.dispose(),
  }
}
