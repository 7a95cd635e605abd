import type { Files } from '../../shared/platform/files.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import type { Store } from '../../shared/platform/store.ts'
import type { Faults } from '../faults/faults.ts'
import type { DeadMessage, PeekedMessage } from '../queue/port.ts'
import type { CronEntry } from '../schedule/local-schedule.ts'
import type { Delivered } from './deliveries.ts'
import type { Effects } from './effects.ts'

/** A whole Helix in this process. Nothing moves but what the test moves. */
export interface HelixTest extends AsyncDisposable {
  readonly seed: number
  /** Calls a public function, without a network. @param input a path such as `/api/v1/health`, or a request */
  fetch(input: string | URL | Request, init?: TestRequestInit): Promise<Response>
  readonly queue: TestQueue
  readonly cron: TestCron
  readonly clock: TestClock
  /** Resolves when everything has happened that can without time passing: messages, and work in the background. */
  idle(): Promise<void>
  /** What functions did so far: plain values, the same for the same seed. */
  readonly effects: Effects
  /** The store, to ask and to prepare. */
  readonly store: Store
  readonly files: Files
  /** What goes wrong: `struck` tells what did, `change` makes it calm or wilder from now on. */
  readonly faults: Faults
  /** What functions find at `c.env.platform`. */
  readonly platform: Platform
}

export interface TestRequestInit extends RequestInit {
  /** Sent as the body, by POST unless a method is given. */
  readonly json?: unknown
}

export interface TestQueue {
  /** Delivers until nothing is ready. @returns these deliveries and what came of them */
  drain(): Promise<readonly Delivered[]>
  /** Every delivery so far, also those while the clock advanced. */
  readonly delivered: readonly Delivered[]
  send(message: { readonly function: string; readonly body: unknown }, delaySeconds?: number): Promise<void>
  /** Every message: those that come, in order, then the dead. */
  peek(): Promise<readonly PeekedMessage[]>
  dead(): Promise<readonly DeadMessage[]>
  /** Makes a dead message, or all, ready again. @returns how many */
  redrive(id?: string): Promise<number>
}

export interface TestCron {
  list(): readonly CronEntry[]
  /** Calls a scheduled function now. @param at what it is to see as now @returns its answer; null while its last tick runs */
  fire(name: string, at?: Date | string): Promise<{ readonly status: number; readonly answer: unknown } | null>
}

export interface TestClock {
  now(): Date
  /**
   * Lets time pass: `2h`, `90s`, `1d 12h` or milliseconds. On the way everything happens at its time: schedules fire,
   * sleepers wake, delays and leases lapse, messages are delivered.
   */
  advance(by: string | number): Promise<void>
}
