import { type Language, Problem } from '../platform/problems.ts'
import { EXIT_CODES, type SandboxErrorCode, type SandboxLogLine, type SandboxRun } from '../platform/sandbox.ts'
import type { SourceRef } from '../platform/source.ts'
import type { Finding, JsonObject } from './definition/definition.ts'

/** What ends a node that is not run in the sandbox, or before it is. */
export type NodeErrorCode =
  | SandboxErrorCode
  | 'invalid_inputs'
  | 'llm_missing'
  | 'llm_failed'
  | 'query_refused'
  | 'query_failed'
  | 'source_failed'
  | 'node_timeout'
  | 'step_not_run'

export interface NodeError {
  readonly code: NodeErrorCode
  readonly message: string
  readonly line: number | null
  readonly column: number | null
  readonly frame?: string
  readonly hint?: string
  /** What does not fit, where inputs or outputs are to blame. */
  readonly findings?: readonly Finding[]
}

/** How a node ran, in one shape for every executor: that of a sandboxed run. */
export interface NodeRun {
  readonly success: boolean
  /** The declared outputs; null after a failure. */
  readonly outputs: JsonObject | null
  /** 0 on success. */
  readonly exit_code: number
  readonly duration_ms: number
  readonly memory_bytes: number
  readonly logs: readonly SandboxLogLine[]
  readonly error: NodeError | null
}

/** Who ran a node: somebody's trial, a test of its definition, a task. */
export type RunOrigin = 'trial' | 'test' | 'workflow'

export interface ExecuteOptions {
  /** What the run is counted under. */
  readonly origin: RunOrigin
  readonly taskId?: string
  readonly executionId?: string
  readonly signal?: AbortSignal
  /** Less than the node's own limit, where the caller has less time. */
  readonly timeoutMs?: number
  /** What `Date` says in code; without it the same for every run, so that a run repeats exactly. */
  readonly now?: Date
  /** What a `sql` node reads when it names no source: the task's. */
  readonly source?: SourceRef
  readonly language?: Language
}

/** The same, decided. */
export interface RunContext extends ExecuteOptions {
  readonly language: Language
  readonly timeoutMs: number
}

const EXIT_OF: Readonly<Partial<Record<NodeErrorCode, number>>> = {
  ...EXIT_CODES,
  node_timeout: EXIT_CODES.sandbox_timeout,
}

/** A run that ended in a failure, of whichever executor. */
export function failedRun(
  error: Pick<NodeError, 'code' | 'message'> & Partial<NodeError>,
  measured: Partial<Pick<NodeRun, 'duration_ms' | 'memory_bytes' | 'logs'>> = {},
): NodeRun {
  return {
    success: false,
    outputs: null,
    exit_code: EXIT_OF[error.code] ?? 1,
    duration_ms: measured.duration_ms ?? 0,
    memory_bytes: measured.memory_bytes ?? 0,
    logs: measured.logs ?? [],
    error: { line: null, column: null, ...error },
  }
}

export function succeededRun(outputs: JsonObject, measured: Pick<NodeRun, 'duration_ms'>): NodeRun {
  return { success: true, outputs, exit_code: 0, memory_bytes: 0, logs: [], error: null, ...measured }
}

/** A sandboxed run as a node's. */
export function runOfSandbox(run: SandboxRun): NodeRun {
  return { ...run, outputs: run.outputs as JsonObject | null }
}

// Several ways to fail are one kind of problem to whoever runs a workflow; the run itself keeps the exact code.
const PROBLEM_OF: Readonly<Partial<Record<NodeErrorCode, Problem['code']>>> = {
  sandbox_timeout: 'sandbox_timeout',
  node_timeout: 'sandbox_timeout',
  sandbox_memory: 'sandbox_memory',
  sandbox_stack: 'sandbox_memory',
  output_mismatch: 'output_mismatch',
  result_not_json: 'output_mismatch',
  result_too_large: 'output_mismatch',
  result_too_deep: 'output_mismatch',
  invalid_inputs: 'invalid_inputs',
  input_too_large: 'invalid_inputs',
  input_not_json: 'invalid_inputs',
  llm_missing: 'llm_missing',
  llm_failed: 'llm_failed',
  query_refused: 'query_refused',
}

/** A failed run as the problem that a task ends with. */
export function problemOfRun(name: string, { error }: NodeRun): Problem {
  const code = (error === null ? undefined : PROBLEM_OF[error.code]) ?? 'sandbox_error'
  const place = error === null || error.line === null ? '' : ` (line ${error.line}, column ${error.column ?? 1})`
  return new Problem(code, `Node "${name}": ${error?.message ?? 'it has not succeeded'}${place}`, {
    ...(error?.hint === undefined ? {} : { hint: error.hint }),
    ...(error?.findings === undefined ? {} : { errors: error.findings }),
  })
}
