import type { Clock } from '../../shared/platform/clock.ts'
import type { ProcessRecord } from '../drivers/process-files.ts'
import { type Role, signalRecorded, standingOfRecord } from './standing.ts'

/** A process that was verified once, and is verified again before every signal. */
export interface Target {
  readonly role: Role
  readonly record: ProcessRecord
}

export interface StopOptions {
  readonly clock: Clock
  /** How long to wait for work in flight to be checkpointed. */
  readonly timeoutMs: number
  /** Kills what is still alive after that time. */
  readonly force: boolean
}

/** What became of it. `alive`: it is still stopping, and was left to it. */
export type StopEnd = 'stopped' | 'killed' | 'alive'

const LOOK_MS = 50
const KILLED_MS_MAX = 5_000 // the system takes a moment to end a process, and a supervisor to notice

/**
 * Asks a process to stop, and waits. Its supervisor passes the wish on, so asking that one is enough.
 * @param also processes that are to end with it, and are killed with it
 */
export async function stopProcess(target: Target, also: readonly Target[], options: StopOptions): Promise<StopEnd> {
  const all = [...also, target] // a runner before its supervisor
  signalRecorded(target.record, target.role, 'SIGTERM')
  if (await goneWithin(all, options.timeoutMs, options.clock)) return 'stopped'
  if (!options.force) return 'alive'
  for (const { role, record } of all) {
    signalRecorded(record, role, 'SIGKILL')
    // A supervisor whose runner was killed ends by itself, and says so in its files.
    if (await goneWithin(all, KILLED_MS_MAX, options.clock)) return 'killed'
  }
  return 'alive'
}

async function goneWithin(targets: readonly Target[], ms: number, clock: Clock): Promise<boolean> {
  for (let waited = 0; !targets.every(isGone); waited += LOOK_MS) {
    if (waited >= ms) return false
    await clock.sleep(LOOK_MS)
  }
  return true
}

function isGone({ role, record }: Target): boolean {
  return standingOfRecord(record, role).kind === 'stale'
}
