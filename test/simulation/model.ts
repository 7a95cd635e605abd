import type { Triggers } from '../../functions/triggers.ts'
import type { Config } from '../../shared/platform/config.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import type { Message } from '../../shared/platform/queue.ts'
import type { Source } from '../../shared/platform/source.ts'
import type { Draws } from './chance.ts'
import type { ExecutionState, Mirror } from './mirror.ts'
import type { FaultKind, Plan } from './plan.ts'
import type { SyncPostgres } from './sync-postgres.ts'

/** What all worlds of a process share: made once, since it takes seconds. */
export interface Stage {
  readonly postgres: SyncPostgres
  readonly triggers: Triggers
  readonly source: Source
}

/** What one trigger has set in motion: it lives and dies as one. */
export interface Invocation {
  readonly runner: Runner
  readonly label: string
  readonly deadlineAt: number | null
  alive: boolean
}

export interface Transaction {
  readonly invocation: Invocation
  open: boolean
}

export type CallKind = 'store' | 'files' | 'queue' | 'source'

/** A port call that waits to be let through: the places where the schedule decides. */
export interface Call {
  readonly kind: CallKind
  readonly label: string
  readonly invocation: Invocation
  readonly transaction: Transaction | null
  notBefore: number
  readonly perform: (fault: FaultKind | null) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface Sleeper {
  readonly invocation: Invocation
  readonly dueAt: number
  readonly wake: () => void
}

/** A simulated process of Helix. */
export interface Runner {
  readonly number: number
  readonly workerId: string
  readonly skewMs: number
  readonly alive: boolean
  frozenUntil: number
  readonly restartAt: number
  /** Takes new work now. */
  readonly ready: boolean
  /** And has room for a step. */
  readonly hasRoom: boolean
  readonly idle: boolean
  readonly invocations: ReadonlySet<Invocation>
  /** Something went wrong for it since it was last idle. */
  troubled: boolean
  /** Messages that its commits have promised and that it has not sent yet: `execution claim`. */
  readonly promised: Set<string>
  boot(): void
  /** The process ends where it stands, and is started again in a while. */
  kill(): void
  /** Ends one invocation where it stands. */
  crash(invocation: Invocation): void
  /** @param untilSeen wakes it as soon as somebody reads that it holds what has lapsed: between a look and what follows from it */
  freeze(ms: number, untilSeen?: boolean): void
  /** Somebody has read that it holds what has lapsed. */
  seen(): void
  stop(): void
  start(label: string, work: (platform: Platform) => Promise<unknown>): Invocation
  together<Answer>(invocation: Invocation, statement: string, item: unknown): Promise<Answer>
}

/** What one worker did under one claim, as the step itself saw it. */
export interface Turn {
  readonly taskId: string
  readonly executionId: string
  readonly runId: string
  readonly worker: string | null
  readonly step: string
  readonly claim: number
  readonly attempt: number
  readonly timeoutMs: number
  readonly concurrency: number
  readonly beganAt: number
  /** How often each item was begun. */
  readonly items: Map<string, number>
  readonly lines: string[]
  /** Whether the store has known of it. */
  written: boolean
  /** Items that are being worked now. */
  inFlight: number
  /** Its last report has told it of a cancellation. */
  toldToStop: boolean
  /** What it failed with, where it failed by itself. */
  problem: { readonly code: string; readonly retryable: boolean } | null
  returned: { readonly required: readonly string[]; readonly items: readonly string[]; readonly total: number } | null
}

/** A turn as its worker is given it. */
export type Beginning = Pick<
  Turn,
  'taskId' | 'executionId' | 'runId' | 'worker' | 'step' | 'claim' | 'attempt' | 'timeoutMs' | 'concurrency'
>

export interface StoredFile {
  readonly bytes: Buffer
  readonly version: number
  readonly modifiedAt: number
}

/** Everything that there is in one run: time, chance, runners, messages, files, and the one thread that all of it shares. */
export interface World {
  readonly stage: Stage
  readonly plan: Plan
  readonly config: Config
  /** Draws of the step under way. */
  readonly draws: Draws
  readonly calm: boolean
  /** Whether nothing goes wrong in this world, and clocks agree: then nobody may be taken for dead. */
  readonly quiet: boolean
  readonly now: number
  nextCronAt: number
  transaction: Transaction | null
  readonly files: Map<string, StoredFile>
  readonly runners: readonly Runner[]
  readonly calls: Call[]
  readonly sleepers: Sleeper[]
  /** The committed rows. */
  readonly mirror: Mirror
  /** What was left after the first step of each run, when it began. */
  readonly starts: Map<string, readonly string[]>
  readonly ledger: {
    begin(turn: Beginning): Turn
    item(turn: Turn, item: string, timeLeftMs: number): void
    /** Somebody holds an execution: from then on its attempt takes time. */
    held(executionId: string, attempt: number, at: number): void
    /** When an attempt was first held by anybody; null before. */
    attemptBegan(executionId: string, attempt: number): number | null
    line(turn: Turn, text: string): string
    /** An execution is in the store. */
    inserted(execution: ExecutionState, workerId: string): void
    /** A step has touched something outside its process. */
    reached(turn: Turn): void
    find(executionId: string, claim: number): Turn | undefined
  }
  readonly broker: {
    /** When a message comes next. */
    readonly nextAt: number
    send(message: Message, delaySeconds: number, fault: FaultKind | null): Promise<void>
    deliver(runner: Runner, fault: FaultKind | null): Promise<void>
  }
  readonly clients: {
    readonly left: number
    readonly nextAt: number
    readonly mayCancel: boolean
    next(runner: Runner): void
  }
  /** Whether an execution or a run of that id was ever committed. */
  knows(id: string): boolean
  /** Remembers the first thing that must not happen; the run ends there. */
  violate(invariant: string, message: string): void
  count(what: string, by?: number): void
  readonly counts: Readonly<Record<string, number>>
  /** A line of the trace. */
  note(text: string): void
  /** Hands what triggers told to the checker, once it is committed. */
  committed(notices: readonly string[], invocation: Invocation): void
  /** Ends an invocation where it stands: nothing that it waits for will ever come. */
  kill(invocation: Invocation): void
  rollBack(): void
}
