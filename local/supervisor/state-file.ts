import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import * as z from 'zod'

const Exit = z.object({
  at: z.string(),
  exit_code: z.number().nullable(),
  signal: z.string().nullable(),
  uptime_seconds: z.number(),
  /** The end of what it wrote to stderr. */
  last_words: z.string(),
})

const State = z.object({
  /** `gave_up` and the first four say that Helix is meant to run. */
  status: z.enum(['starting', 'running', 'waiting', 'gave_up', 'stopping', 'stopped']),
  /** The supervisor that wrote it. */
  pid: z.number(),
  /** With what it is started. */
  options: z.object({ port: z.number().nullable(), host: z.string().nullable() }),
  started_at: z.string(),
  /** The last runner that was started. */
  runner: z.object({ pid: z.number(), start: z.string().nullable(), bootId: z.string().nullable() }).nullable(),
  runner_started_at: z.string().nullable(),
  /** Where it listened last. */
  port: z.number().nullable(),
  restarts: z.number(),
  last_crash: Exit.nullable(),
  next_try_at: z.string().nullable(),
  /** Why it gave up. */
  reason: z.enum(['configuration', 'crash-loop']).nullable(),
})

/** What the supervisor says of itself and of its runner. Only the supervisor writes it while it lives. */
export type SupervisorState = Readonly<z.infer<typeof State>>

/** @returns null when there is none, or it can't be understood */
export function readState(path: string): SupervisorState | null {
  try {
    return State.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

/** Replaces the file; a reader sees the old one or the new one. */
export function writeState(path: string, state: SupervisorState): void {
  const temporary = `${path}.tmp`
  writeFileSync(temporary, `${JSON.stringify(state)}\n`, { mode: 0o600 })
  renameSync(temporary, path)
}

/**
 * Whether it is meant to run: a supervisor that was killed had no time to say otherwise. One that gave up before its
 * runner ever listened was told so to whoever started it.
 */
export function wasMeantToRun(state: SupervisorState | null): boolean {
  if (state === null || state.status === 'stopped' || state.status === 'stopping') return false
  return state.status !== 'gave_up' || state.port !== null
}
