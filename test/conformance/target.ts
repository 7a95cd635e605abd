import type { DeadLetter } from '../../shared/platform/consume.ts'
import type { DrivenQueue } from './suite/drive.ts'

/** What a platform may lack, and the cases then leave out. Everything else must hold everywhere. */
export const CAPABILITIES = {
  'free-later': 'being told "later" does not count as a delivery',
  'shared-batches': 'one invocation may get several messages',
  streaming: 'an answer reaches its caller while it is being written',
  driven: 'a broker on an unreliable network can stand in for its queue',
  'many-runners': 'several long-lived processes share one store',
} as const

export type Capability = keyof typeof CAPABILITIES

export type TargetName = 'local' | 'workerd' | 'lambda' | 'container'

/** What the suite lends to a target: services that are not Helix's, each on loopback. */
export interface World {
  /** A migrated store that every process of the target shares, with pgvector where it could be had. */
  readonly storeUrl: string
  /** Business databases by the name under which the target configures them (`HELIX_SOURCE_<NAME>_URL`). */
  readonly sources: Readonly<Record<string, string>>
  /** Settings common to all targets: embedding endpoint, log level, secrets planted to be looked for in logs. */
  readonly settings: Readonly<Record<string, string>>
  /** A folder for whatever the target writes; removed by the suite. */
  readonly scratch: string
}

/** A phrase for people, in the languages of the README. */
export type Words = Readonly<Record<'en' | 'zh', string>>

/** One platform, started as its users start it, with the probes of `probes/` beside Helix's own functions. */
export interface OpenTarget extends AsyncDisposable {
  /** Where its HTTP entry answers: `http://127.0.0.1:…`, no slash at the end. */
  readonly url: string
  /** How it was made, where there are several ways; the matrix says so. */
  readonly how?: Words
  /** Whether an answer is of the tool that stands before the platform, about a fault of its own: it is then asked again. */
  readonly ofTheTool?: (status: number, text: string) => boolean
  /** What it lacks, with the reason in a few words for the matrix. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>
  /** Fires a cron expression once, as the platform's scheduler would; resolves when the invocation has ended. */
  fire(cron: string): Promise<void>
  /** What lies in the dead-letter queue, oldest first. Reading takes nothing away. */
  deadLetters(): Promise<readonly DeadLetter[]>
  /** Everything that its processes have printed so far. */
  output(): string
  /** Puts the local runner's broker in the place of the platform's queue, on a network by a seed. Only with `driven`. */
  drive?(seed: number): Promise<DrivenQueue>
  /** Kills one of several runners, without warning; the others go on. Only with `many-runners`. */
  killOne?(): Promise<void>
}

export interface Target {
  readonly name: TargetName
  /** Why it can't run on this machine, in a sentence; null when it can. */
  unavailable(): Promise<string | null>
  open(world: World): Promise<OpenTarget>
}
