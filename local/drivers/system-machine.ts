import { existsSync } from 'node:fs'
import { readFile, statfs } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { dirname, resolve } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Machine, MachineReading, PoolReading } from '../../shared/platform/machine.ts'
import { steadyMs } from './system-clock.ts'

export interface SystemMachineOptions {
  /** The folder whose disk is meant; it may not exist yet. */
  readonly filesRoot: string
  readonly pool: () => PoolReading | null
  readonly reclaimConnections?: (olderThanMs: number) => number
}

export interface SystemMachine extends Machine {
  /** Watches the event loop no more. */
  close(): void
}

const SPAN_MS = 10_000 // several readers in one minute see nearly the same span, and none a span of nothing
const LOOP_RESOLUTION_MS = 20
const SHARE_SPAN_MS_MIN = 200 // processor times are counted in ticks of 10 ms

interface Times {
  readonly atMs: number
  readonly busy: number
  readonly total: number
}

/** This machine, as the process sees it. */
export function systemMachine({ filesRoot, pool, reclaimConnections }: SystemMachineOptions): SystemMachine {
  let from = processorTimes()
  let cpuShare: number | null = null
  let sent: { readonly atMs: number; readonly bytes: NetworkBytes } | null = null
  let network: NonNullable<MachineReading['network']> | null = null
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  loop.enable()
  return {
    async read() {
      const now = processorTimes()
      const eventLoopDelayMs = Math.max(0, loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS)
      if (now.atMs - from.atMs >= SHARE_SPAN_MS_MIN && now.total > from.total) {
        cpuShare = (now.busy - from.busy) / (now.total - from.total)
      }
      if (now.atMs - from.atMs >= SPAN_MS) {
        from = now
        loop.reset()
      }
      const bytes = await networkBytes()
      const seconds = (now.atMs - (sent?.atMs ?? now.atMs)) / 1000
      if (sent !== null && bytes !== null && seconds * 1000 >= SHARE_SPAN_MS_MIN) {
        network = {
          receivedPerSecond: Math.max(0, bytes.received - sent.bytes.received) / seconds,
          sentPerSecond: Math.max(0, bytes.sent - sent.bytes.sent) / seconds,
        }
      }
      if (bytes !== null && (sent === null || seconds * 1000 >= SPAN_MS)) sent = { atMs: now.atMs, bytes }
      return { network, cpuShare, memory: memory(), disk: await disk(filesRoot), eventLoopDelayMs, pool: pool() }
    },
    ...(reclaimConnections === undefined ? {} : { reclaimConnections }),
    close: () => void loop.disable(),
  }
}

interface NetworkBytes {
  readonly received: number
  readonly sent: number
}

/** Since the machine started; null but on Linux, where a file tells it. */
async function networkBytes(): Promise<NetworkBytes | null> {
  try {
    return networkBytesIn(await readFile('/proc/net/dev', 'utf8'))
  } catch {
    return null
  }
}

/** Of `/proc/net/dev`: all devices but the loopback, which leads nowhere. */
export function networkBytesIn(text: string): NetworkBytes {
  let [received, sent] = [0, 0]
  for (const line of text.split('\n')) {
    const [, device, rest = ''] = /^\s*([^:\s]+):(.*)$/.exec(line) ?? []
    if (device === undefined || device === 'lo') continue
    const figures = rest.trim().split(/\s+/).map(Number)
    received += figures[0] ?? 0
    sent += figures[8] ?? 0
  }
  return { received, sent }
}

function processorTimes(): Times {
  let [busy, total] = [0, 0]
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle
    busy += all - times.idle
    total += all
  }
  return { atMs: steadyMs(), busy, total }
}

/** Of the container where it has a limit, else of the machine. */
function memory(): MachineReading['memory'] {
  const limit = process.constrainedMemory()
  const totalBytes = limit > 0 && limit < totalmem() ? limit : totalmem()
  return { usedBytes: Math.max(0, totalBytes - process.availableMemory()), totalBytes }
}

async function disk(folder: string): Promise<MachineReading['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(existingPart(resolve(folder)))
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return null // some file systems do not say
  }
}

function existingPart(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existingPart(dirname(path))
}
