import { EXECUTION_COLUMNS, type Execution, type ExecutionRow, executionOf } from '../../engine/execution.ts'
import { admitAndSend } from '../../engine/messages.ts'
import { type Rescued, rescueExecutions } from '../../engine/sweep.ts'
import { writeAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/platform.ts'
import { isAbandoned, momentFor } from './abandoned.ts'

export interface ZombieQuery {
  /** Without a sign of life for at least so long. */
  readonly staleMinutes: number
  /** Or taken so often and dead again, however lately. */
  readonly minClaims: number
}

/** An execution that says it runs, while nobody works on it. */
export interface Zombie {
  readonly execution: Execution
  /** When anything was last heard of it. */
  readonly lastSeenAt: Date
  readonly reason: 'silent' | 'taken_again_and_again'
}

const CANDIDATES_MAX = 1_000 // as many as the configuration lets run: those that wait for room must not hide a zombie
const ZOMBIES_MAX = 200 // one answer, one repair; what is left is there the next time

// Any of these columns may be null, and a comparison with null finds nothing: that kept a task going round for ever once.
// A lease that has not lapsed says that its worker is alive, however slow it is. By the index on status.
const FIND_ZOMBIES = `
  select ${EXECUTION_COLUMNS}
    from data_pipeline_task_executions
   where status = 'running'
     and (lease_expires_at is null or lease_expires_at <= $1)
     and (coalesce(heartbeat_at, started_at, admitted_at, available_at, created_at) <= $2 or claim >= $3)
   order by coalesce(heartbeat_at, started_at, admitted_at, available_at, created_at), id
   limit $4`

/** The zombies of all tasks, the longest silent first. */
export async function findZombies(platform: Platform, query: ZombieQuery): Promise<Zombie[]> {
  const { store, clock } = platform
  const now = clock.now()
  const staleSince = new Date(now.getTime() - query.staleMinutes * 60_000)
  const { rows } = await store.query<ExecutionRow>(FIND_ZOMBIES, [now, staleSince, query.minClaims, CANDIDATES_MAX])
  const executions = rows.map(executionOf)
  const moment = await momentFor(platform, store, executions)
  return executions
    .filter((execution) => isAbandoned(execution, moment))
    .slice(0, ZOMBIES_MAX)
    .map((execution) => {
      const { heartbeatAt, startedAt, admittedAt, availableAt } = execution
      const lastSeenAt = heartbeatAt ?? startedAt ?? admittedAt ?? availableAt
      return { execution, lastSeenAt, reason: lastSeenAt <= staleSince ? 'silent' : 'taken_again_and_again' }
    })
}

export interface ZombieFix {
  readonly found: readonly Zombie[]
  readonly rescued: readonly Rescued[]
}

/** Takes zombies over as the sweep does, and writes each to the audit log. Safe to run twice at once. */
export async function fixZombies(
  platform: Platform,
  query: ZombieQuery,
  change: { by: string; reason?: string | undefined; requestId?: string | undefined },
): Promise<ZombieFix> {
  const found = await findZombies(platform, query)
  const rescued = await rescueExecutions(
    platform,
    found.map(({ execution }) => execution),
  )
  for (const { execution, kind } of rescued) {
    const { executionId, status, claim, attempt, leaseOwner, heartbeatAt } = execution
    await writeAudit(platform.store, {
      at: platform.clock.now(),
      actor: change.by,
      action: 'zombie.fixed',
      target: executionId,
      reason: change.reason ?? null,
      before: { status, claim, attempt, lease_owner: leaseOwner, heartbeat_at: heartbeatAt },
      after: { ending: kind },
      requestId: change.requestId ?? null,
    })
  }
  if (rescued.length > 0) await admitAndSend(platform)
  return { found, rescued }
}
