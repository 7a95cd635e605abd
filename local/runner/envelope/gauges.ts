import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { embeddedWorkMs } from '../../drivers/embedded-work.ts'
import { steadyMs } from '../../drivers/system-clock.ts'

/** What the process tells about itself. */
export interface Gauges {
  /** A clock that never turns back. */
  nowMs(): number
  /** CPU time of the process, all threads. */
  cpuMs(): number
  /** How long the thread was not waiting for anything but a processor. */
  activeMs(): number
  /** The part of it that embedded databases took in the functions' thread. */
  embeddedMs(): number
  /** Bytes of objects and buffers, garbage included. The memory of WebAssembly (the databases, the parsers) is not in it. */
  heapBytes(): number
  /** Drops all garbage, which takes 20 to 200 ms. */
  collectGarbage(): void
}

/** Those of this process. */
export const processGauges: Gauges = {
  nowMs: steadyMs,
  cpuMs: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  },
  activeMs: () => performance.eventLoopUtilization().active,
  embeddedMs: embeddedWorkMs,
  heapBytes: () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  },
  collectGarbage: () => {
    collect ??= collector()
    collect()
  },
}

let collect: (() => void) | undefined

/** The engine's own collector, which is reached without an option on the command line through a context made for it. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  const exposed = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  return exposed
}
