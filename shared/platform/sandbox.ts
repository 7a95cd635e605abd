import type { Language } from './problems.ts'

/** Runs code that nobody vouches for: it gets data, gives data, and reaches nothing else. */
export interface Sandbox {
  /**
   * Runs `function main(inputs)` of the code, which may be async, in a fresh state. Whatever the code does, this answers
   * in time: it never throws, and a failure is in the answer.
   * @param signal ends the run early, with `sandbox_cancelled`
   */
  run(request: SandboxRequest, signal?: AbortSignal): Promise<SandboxRun>
  /** Ends what runs and frees what is kept for the next run. */
  close(): Promise<void>
}

export interface SandboxRequest {
  readonly code: string
  /** What `main` is called with: anything that JSON carries. */
  readonly inputs: unknown
  readonly limits?: Partial<SandboxLimits>
  /** The same seed gives the same `Math.random`; the same for all by default. */
  readonly seed?: string
  /** What `Date` says throughout the run; the beginning of 2000 by default, so that a run repeats exactly. */
  readonly now?: Date
  /** IANA name; UTC by default. */
  readonly timeZone?: string
  /** In which errors are told and advised on; what the code itself or QuickJS says stays as it is. English by default. */
  readonly language?: Language
}

/** Whatever is exceeded ends the run, with an error that names the limit. */
export interface SandboxLimits {
  readonly timeout_ms: number
  /** What the code and its data may take at once. */
  readonly memory_bytes: number
  /** How deep calls may nest, as bytes of QuickJS's own stack. */
  readonly stack_bytes: number
  readonly source_bytes: number
  readonly input_bytes: number
  readonly result_bytes: number
  readonly result_depth: number
  /** What is logged beyond these is left out, which is no failure. */
  readonly log_lines: number
  readonly log_bytes: number
}

export const SANDBOX_LIMITS: SandboxLimits = {
  timeout_ms: 30_000,
  memory_bytes: 100 * 1024 * 1024,
  stack_bytes: 256 * 1024,
  source_bytes: 256 * 1024,
  input_bytes: 8 * 1024 * 1024,
  result_bytes: 8 * 1024 * 1024,
  result_depth: 100, // people and databases rarely go past ten
  log_lines: 200,
  log_bytes: 64 * 1024,
}

export interface SandboxRun {
  readonly success: boolean
  /** What `main` returned; null after a failure. */
  readonly outputs: Readonly<Record<string, unknown>> | null
  /** 0 on success; otherwise by what failed, see `EXIT_CODES`. */
  readonly exit_code: number
  readonly duration_ms: number
  /** The most that the code and its data took. */
  readonly memory_bytes: number
  readonly logs: readonly SandboxLogLine[]
  readonly error: SandboxError | null
}

export interface SandboxLogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly text: string
}

export interface SandboxError {
  readonly code: SandboxErrorCode
  readonly message: string
  /** Where in the code, from 1; null where no place is to blame. */
  readonly line: number | null
  readonly column: number | null
  /** The lines around the place, with a mark below it. */
  readonly frame?: string
  /** What usually helps. */
  readonly hint?: string
}

/** What a process would exit with, so that scripts can tell failures apart: 124 and 137 as `timeout` and `kill -9` have it. */
export const EXIT_CODES = {
  sandbox_error: 1,
  sandbox_syntax: 2,
  main_missing: 3,
  output_mismatch: 4,
  result_not_json: 5,
  result_too_large: 6,
  result_too_deep: 7,
  source_too_large: 8,
  input_too_large: 9,
  input_not_json: 10,
  never_settles: 11,
  sandbox_timeout: 124,
  sandbox_cancelled: 130,
  sandbox_stack: 134,
  sandbox_memory: 137,
  sandbox_crashed: 139,
} as const

export type SandboxErrorCode = keyof typeof EXIT_CODES
