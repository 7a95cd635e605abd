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

// Asking the system costs more than short invocations do. Limits are of seconds and of megabytes: no limit is near these.
const CPU_FRESH_MS = 50 // of all threads, for which a process with many of them is kept waiting
const FRESH_MS = 10

/** Those of this process. */
export const processGauges: Gauges = processGaugesOver(steadyMs)

function processGaugesOver(nowMs: () => number): Gauges {
  const cpu = freshly(nowMs, CPU_FRESH_MS, () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  })
  const heap = freshly(nowMs, FRESH_MS, () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  })
  const active = freshly(nowMs, CPU_FRESH_MS, () => performance.eventLoopUtilization().active)
  return {
    nowMs,
    cpuMs: cpu.read,
    activeMs: active.read,
    embeddedMs: embeddedWorkMs,
    heapBytes: heap.read,
    collectGarbage: () => {
      collect ??= collector()
      collect()
      heap.forget()
    },
  }
}

/** What was read within the last moments is not read again. */
function freshly(nowMs: () => number, freshMs: number, ask: () => number): { read(): number; forget(): void } {
  let value = 0
  let askedAtMs = Number.NEGATIVE_INFINITY
  return {
    read: () => {
      const now = nowMs()
      if (now - askedAtMs < freshMs) return value
      value = ask()
      askedAtMs = now
      return value
    },
    forget: () => {
      askedAtMs = Number.NEGATIVE_INFINITY
    },
  }
}

let collect: (() => void) | undefined

/** The engine's own collector, which is reached without an option on the command line through a context made for it. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  const exposed = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  return exposed
}
