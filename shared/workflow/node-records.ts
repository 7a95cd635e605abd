import { jsonbText } from '../platform/jsonb-text.ts'
import type { Platform } from '../platform/platform.ts'
import type { JsonObject, NodeDefinition } from './definition/definition.ts'
import type { NodeRun, RunOrigin } from './node-run.ts'

const INSERT_SANDBOX_RUN = `
  insert into sandbox_runs
    (node_name, node_version, origin, task_id, execution_id, success, exit_code, error_code, duration_ms, memory_bytes, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

const INSERT_CREATION = `
  insert into node_creations (name, version, status, error_code, message, created_at, created_by)
  values ($1, $2, $3, $4, $5, $6, $7)`

const INSERT_TRIAL = `
  insert into node_trials (node_name, node_version, success, inputs, result, duration_ms, memory_bytes, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`

type World = Pick<Platform, 'store' | 'clock'>
type Named = Pick<NodeDefinition, 'name' | 'version'>

/** Counts a run of code; metrics and alerts are computed from these rows. */
export async function recordSandboxRun(
  { store, clock }: World,
  { name, version }: Named,
  { success, exit_code, error, duration_ms, memory_bytes }: NodeRun,
  { origin, taskId, executionId }: { origin: RunOrigin; taskId?: string; executionId?: string },
): Promise<void> {
  await store.query(INSERT_SANDBOX_RUN, [
    name,
    version,
    origin,
    taskId ?? null,
    executionId ?? null,
    success,
    exit_code,
    error?.code ?? null,
    duration_ms,
    Math.round(memory_bytes),
    clock.now(),
  ])
}

export interface Creation {
  readonly name: string
  readonly version: string | null
  /** Null when it succeeded. */
  readonly failure: { readonly code: string; readonly message: string } | null
  readonly by: string
}

const MESSAGE_LENGTH_MAX = 2_000

/** Counts an attempt to add a node, also one that failed. */
export async function recordCreation({ store, clock }: World, creation: Creation): Promise<void> {
  const { name, version, failure, by } = creation
  await store.query(INSERT_CREATION, [
    storable(name, 100),
    version === null ? null : storable(version, 50),
    failure === null ? 'success' : 'failure',
    failure?.code ?? null,
    failure === null ? null : storable(failure.message, MESSAGE_LENGTH_MAX),
    clock.now(),
    by,
  ])
}

/** Keeps what a trial has found. */
export async function recordTrial(
  { store, clock }: World,
  { name, version }: Named,
  trial: { success: boolean; inputs: JsonObject | null; result: unknown; duration_ms: number; memory_bytes: number },
): Promise<void> {
  await store.query(INSERT_TRIAL, [
    name,
    version,
    trial.success,
    trial.inputs === null ? null : jsonbText(trial.inputs),
    jsonbText(trial.result),
    Math.round(trial.duration_ms),
    Math.round(trial.memory_bytes),
    clock.now(),
  ])
}

/** A caller's text as the store takes it. */
function storable(text: string, max: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character is what is taken out
  return text.replaceAll(/\u0000|\p{Cs}/gu, '').slice(0, max)
}
