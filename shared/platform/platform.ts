import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Embedder } from './embedder.ts'
import type { Files } from './files.ts'
import type { HeldClaims } from './held-claims.ts'
import type { Llm } from './llm.ts'
import type { Log } from './log.ts'
import type { Machine } from './machine.ts'
import type { Mail } from './mail.ts'
import type { Queue } from './queue.ts'
import type { Random } from './random.ts'
import type { RequestFigures } from './request-figures.ts'
import type { Sandbox } from './sandbox.ts'
import type { Secrets } from './secrets.ts'
import type { Sources } from './source.ts'
import type { SqlParser } from './sql-parser.ts'
import type { Store } from './store.ts'
import type { Trace } from './trace.ts'

/** The world, in one object: a function reaches nothing that is not here. Entries open it, functions find it at `c.env.platform`. */
export interface Platform {
  readonly config: Config
  readonly store: Store
  readonly sources: Sources
  readonly queue: Queue
  /** Messages that nobody could handle; absent where the queue can't be asked for them. */
  readonly deadLetters?: DeadLetters | undefined
  readonly files: Files
  /** Named lists of tables (`tables.txt`), one table per line; null when there is no such list. */
  readonly tableLists: { read(name: string): Promise<string | null> }
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The request that is answered, or that started the task at work; absent where nobody asked. */
  readonly trace?: Trace | undefined
  readonly machine: Machine
  /** What this process has answered lately. */
  readonly requests: RequestFigures
  /** Null where letters can't be sent. */
  readonly mail: Mail | null
  readonly secrets: Secrets
  readonly llm: Llm | null
  readonly embedder: Embedder
  readonly sqlParser: SqlParser
  /** Where the code of nodes runs. */
  readonly sandbox: Sandbox
  /** Work that outlives the response; awaited before the process (or the invocation) ends. */
  defer(work: Promise<unknown>): void
  /**
   * Calls another function in this process with a message, as the queue would. Not every message needs a queue.
   * @param handed what the caller gives along, past the message: what it has just claimed for the function
   */
  dispatch(message: { readonly function: string; readonly body: unknown }, handed?: unknown): Promise<Response>
  /** Whether a step may begin in this process now, beside what it does; otherwise its message goes through the queue. */
  takesSteps(): boolean
  /** Whoever starts this process again when it asks for that; absent where nobody would. */
  readonly restart?: { ask(reason: string): void } | undefined
  /** Who holds the leases that this process takes; unique per process and start. */
  readonly workerId: string
  /** What this process works on: its sweep leaves it alone. */
  readonly claims: HeldClaims
  /** When this invocation will be ended by its platform; null where nothing ends it. */
  readonly deadline: Date | null
  /** Aborts when the process is asked to stop: steps then checkpoint and hand their work back. With a `Problem` as reason they fail with it. */
  readonly stopping: AbortSignal
}

/** What every Hono app of Helix is given as its environment. */
export interface FunctionEnv {
  /** `tellFailure` hears what a 5xx was about, which the answer itself keeps from callers outside. */
  Bindings: { platform: Platform; handed?: unknown; tellFailure?: (message: string) => void }
  /** `subject` is the name of the caller's key; none where no key is asked for. */
  Variables: { requestId: string; language: 'zh' | 'en'; subject?: string }
}
