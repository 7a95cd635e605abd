/** What a process can tell of the machine that it runs on. */
export interface Machine {
  /** Cheap enough to be asked each minute, and never fails: what can't be read is null. */
  read(): Promise<MachineReading>
  /**
   * Closes connections to the store that have been out for longer than so many milliseconds; absent where nobody watches
   * them, or where there is but one. Their holders meet an error at their next statement.
   * @returns how many
   */
  readonly reclaimConnections?: (olderThanMs: number) => number
}

/** Null where the platform can't tell: a Worker sees nothing of its machine. */
export interface MachineReading {
  /** Busy share of all processors since some seconds ago, 0 to 1. */
  readonly cpuShare: number | null
  /** What can't be given to anybody, of the machine's or of the container's limit. */
  readonly memory: { readonly usedBytes: number; readonly totalBytes: number } | null
  /** Where the files lie; free to this process. */
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | null
  /** By how much the slowest hundredth of turns of the event loop came late. */
  readonly eventLoopDelayMs: number | null
  readonly pool: PoolReading | null
  /** What went over the network since some seconds ago, all processes of the machine or its container together. */
  readonly network?: { readonly receivedPerSecond: number; readonly sentPerSecond: number } | null
}

/** The connections to the store that this process holds. */
export interface PoolReading {
  readonly total: number
  readonly idle: number
  /** Who waits for a connection. */
  readonly waiting: number
  readonly max: number
  /** Who has held one the longest, and where in the code it was taken; null when none is out, or nobody watches. */
  readonly longestCheckout: { readonly ms: number; readonly place: string } | null
}

const NOTHING: MachineReading = { cpuShare: null, memory: null, disk: null, eventLoopDelayMs: null, pool: null }

/** Of a platform that can tell nothing but, perhaps, how its connections are used. */
export function unseenMachine(pool: () => PoolReading | null = () => null): Machine {
  return { read: async () => ({ ...NOTHING, pool: pool() }) }
}

/** How a pool of `pg` is used. Nobody watches its checkouts here. */
export function poolReading(pool: {
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
  readonly options: { readonly max: number }
}): PoolReading {
  const { totalCount: total, idleCount: idle, waitingCount: waiting, options } = pool
  return { total, idle, waiting, max: options.max, longestCheckout: null }
}
