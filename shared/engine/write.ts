import { Problem } from '../platform/problems.ts'
import type { Store } from '../platform/store.ts'
import type { Checkpoint } from './checkpoints.ts'
import type { Execution } from './execution.ts'
import { type LogLine, lineRecord } from './log-lines.ts'
import { type Output, type OutputRecord, outputRecord } from './outputs.ts'
import type { taskRecord } from './save-task.ts'
import type { AdmissionRules, Admitted } from './schedule.ts'
import type { ExecutionStatus } from './transitions.ts'

/**
 * The one statement of a running execution. Its function fences each item by claim and status before it writes anything
 * of it; executions that write at the same time share it.
 */
export const WRITE = `
  select helix_write($1) as answers`

/** What has happened since the last write of a claim. */
export interface Pending {
  /** Lines of this claim that were written before these: a write that is sent twice adds none of them twice. */
  readonly firstLine: number
  readonly lines: readonly LogLine[]
  readonly checkpoints: readonly Checkpoint[]
}

export const NOTHING: Pending = { firstLine: 0, lines: [], checkpoints: [] }

/** The execution that follows, as `helix_write` inserts it. */
export interface NextRecord {
  /** Without the suffix that it gets where this id is taken. */
  readonly execution_id: string
  readonly step: string
  readonly run_id: string
  readonly remaining: readonly string[]
  readonly timeout_ms: number
  readonly max_attempts: number
  readonly priority: number
  readonly concurrency_key: string
  /** Whether an older run of the step may have left checkpoints. */
  readonly forget: boolean
  /** Null: promised to a message. */
  readonly owner: string | null
  readonly lease_expires_at: Date
}

/** One that follows an end: it begins with it, and may have ended since. */
export interface FollowerRecord extends NextRecord {
  readonly at: Date
  readonly completed_at?: Date
  readonly result?: Record<string, unknown>
}

/** What a write says of its execution, beyond what is pending. */
export interface Change {
  readonly at: Date
  /** The statuses from which the change may start. */
  readonly sources: readonly ExecutionStatus[]
  /** Wants a lapsed lease, and raises the claim. */
  readonly takeover?: boolean
  /** Refused when somebody has asked for a cancellation. */
  readonly unless_cancelled?: boolean
  readonly status?: ExecutionStatus
  readonly result?: Record<string, unknown>
  readonly error_message?: string
  readonly error_code?: string
  readonly attempt?: number
  readonly available_at?: Date
  /** Of the step that is done, 0 to 1. */
  readonly share?: number
  /** Of the task, in percent. */
  readonly task_progress?: number
  readonly lease_expires_at?: Date
  readonly task?: ReturnType<typeof taskRecord>
  /** In the order in which they begin; all but the last have ended. */
  readonly next?: readonly FollowerRecord[]
  readonly admit?: AdmissionRules
}

export interface Written {
  /** The claim number that the next message must carry. */
  readonly claim: number
  readonly cancel_requested: boolean
  /** The id of the execution that was inserted. */
  readonly next: string | null
  /** Runs that were let in: their messages are to be sent. */
  readonly admitted: readonly Admitted[]
}

/** Files that belong to no checkpoint: the step's, and the task's own. */
export interface EndFiles {
  readonly step: readonly Output[]
  readonly task: readonly Output[]
}

/** What an execution has written under its claim. */
export interface Report {
  readonly execution: Execution
  readonly pending: Pending
  readonly files?: EndFiles
}

/** An item of `helix_write`. @param followers executions that have begun and ended since */
export function writeItem(
  execution: Execution,
  change: Change,
  pending: Pending,
  files: EndFiles = NO_FILES,
  followers: readonly Report[] = [],
) {
  const { executionId, taskId, step, claim } = execution
  const outputs = outputsOf({ execution, pending, files })
  return {
    execution_id: executionId,
    task_id: taskId,
    step,
    claim,
    takeover: false,
    unless_cancelled: false,
    ...change,
    first_line: pending.firstLine,
    lines: [...pending.lines.map(lineRecord), ...followers.flatMap(linesOf)],
    checkpoints: [...pending.checkpoints.map(checkpointRecord), ...followers.flatMap(checkpointsOf)],
    outputs: lastOfEach(followers.length === 0 ? outputs : [...outputs, ...followers.flatMap(outputsOf)]),
  }
}

const NO_FILES: EndFiles = { step: [], task: [] }

function outputsOf({ execution, pending, files = NO_FILES }: Report): OutputRecord[] {
  const { taskId } = execution
  const own = [...pending.checkpoints.flatMap(({ outputs }) => outputs), ...files.step]
  return [
    ...own.map((output) => outputRecord(taskId, execution, output)),
    ...files.task.map((output) => outputRecord(taskId, null, output)),
  ]
}

function checkpointRecord({ item, value, at }: Checkpoint) {
  return { item, value, at }
}

function checkpointsOf({ execution: { executionId, step, claim }, pending }: Report) {
  return pending.checkpoints.map((checkpoint) => ({
    ...checkpointRecord(checkpoint),
    execution_id: executionId,
    step,
    claim,
  }))
}

function linesOf({ execution: { executionId, step }, pending }: Report) {
  return pending.lines.map((line) => ({ ...lineRecord(line), execution_id: executionId, step }))
}

/** @returns null when the claim was superseded: nothing at all was written */
export async function write(store: Store, item: ReturnType<typeof writeItem>): Promise<Written | null> {
  return await store.together<Written | null>(WRITE, item)
}

/** A file that was written twice has one row, the later one. */
function lastOfEach(records: readonly OutputRecord[]): OutputRecord[] {
  return [...new Map(records.map((record) => [record.file_name, record])).values()]
}

/** Said of a claim that another worker has superseded. */
export function superseded({ executionId, claim }: Pick<Execution, 'executionId' | 'claim'>): Problem {
  return new Problem('lease_lost', `Claim ${claim} of ${executionId} was superseded`)
}
