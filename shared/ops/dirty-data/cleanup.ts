import { timestampId } from '../../platform/clock.ts'
import type { Platform } from '../../platform/platform.ts'
import { Problem } from '../../platform/problems.ts'
import { randomId } from '../../platform/random.ts'
import { type Cleanup, type CleanupRequest, findCleanup, latestCleanup, savePlan } from './cleanup-store.ts'
import { execute } from './execute.ts'
import { foldersOf, takePictures } from './look.ts'
import { makePlan } from './plan.ts'
import { hasFolder } from './scan.ts'
import { taskExists } from './scan-store.ts'

const PLAN_MS_MAX = 3_600_000 // what was agreed on longer ago is looked at again first

/**
 * Plans the clean-up of one task, or executes a plan.
 * @throws {Problem} `task_not_found`, `cleanup_not_found`, `plan_expired`, `cleanup_refused`, `step_running`
 */
export async function cleanUp(platform: Platform, request: CleanupRequest): Promise<Cleanup> {
  const { store } = platform
  const { taskId } = request
  if (!(await taskExists(store, taskId)) && !(await hasFolder(platform, taskId))) {
    throw new Problem('task_not_found', `Cannot clean up the task "${taskId}"`, {
      hint: 'List what is dirty with `helix scan`',
    })
  }
  if (!request.execute) return await plan(platform, request)
  // Of some findings alone: no plan that somebody else has made.
  const given = request.only === undefined ? await planToExecute(platform, request) : null
  return await execute(platform, given ?? (await plan(platform, request)), request)
}

/** A dry run: in a transaction that may not write, so that it can't change anything. Only the plan itself is kept. */
async function plan(platform: Platform, { taskId, by, only }: CleanupRequest): Promise<Cleanup> {
  const folders = await foldersOf(platform, taskId)
  const planning = await platform.store.transaction(async (tx) => {
    await tx.query('set transaction read only')
    const [picture] = await takePictures(platform, tx, [taskId], folders)
    if (picture === undefined) throw new Problem('task_not_found', `Cannot clean up the task "${taskId}"`)
    return await makePlan(tx, picture, only)
  })
  const createdAt = platform.clock.now()
  const id = `cleanup_${timestampId(createdAt, platform.clock.timeZone)}_${randomId(platform.random, 6)}`
  const { plan, findings } = planning
  await savePlan(platform.store, { id, taskId, plan, findings, createdAt, createdBy: by })
  const kept = await findCleanup(platform.store, id)
  if (kept === null) throw new Problem('internal', `The plan ${id} was not kept`)
  return kept
}

/** @returns null when a plan is to be made first */
async function planToExecute({ store, clock }: Platform, request: CleanupRequest): Promise<Cleanup | null> {
  const { taskId, cleanupId } = request
  const found = cleanupId === undefined ? await latestCleanup(store, taskId) : await findCleanup(store, cleanupId)
  if (cleanupId !== undefined && found?.taskId !== taskId) {
    throw new Problem('cleanup_not_found', `Cannot find the plan "${cleanupId}" of ${taskId}`, {
      hint: 'List them with `helix cleanups`',
    })
  }
  if (found === null) return null
  if (found.executed) {
    if (cleanupId === undefined) return null
    throw new Problem('cleanup_refused', `${found.id} was executed already`, { hint: 'Plan a new one' })
  }
  const ageMs = clock.now().getTime() - found.createdAt.getTime()
  if (ageMs <= PLAN_MS_MAX) return found
  throw new Problem(
    'plan_expired',
    `The plan ${found.id} is ${Math.floor(ageMs / 60_000)} minutes old, at most ${PLAN_MS_MAX / 60_000} are allowed`,
    { hint: `Plan again without execute, read the plan, then execute it` },
  )
}
