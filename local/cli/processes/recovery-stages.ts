import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import * as z from 'zod'
import { maskText } from '../../../shared/platform/mask.ts'
import { endRestore, hasRestoreToEnd, type OnEnded } from '../../backup/cut-off.ts'
import { holdDataDir, runnerPort } from '../../runner/data-dir.ts'
import { placesOf } from '../../supervisor/places.ts'
import { servingOf } from '../../supervisor/recovery.ts'
import type { Situation } from '../../supervisor/situation.ts'
import { type Illness, illnessOf } from '../../supervisor/vital-signs.ts'
import { runnerUrl } from '../client.ts'
import { backUpNow } from '../commands/backup.ts'
import { type CliContext, withApi } from '../context.ts'
import { openOpsApi } from '../ops-api.ts'
import { pause } from '../pause.ts'
import { migrateStore } from './migrate-store.ts'

/** What the repair of a store came to. */
export interface StoreRepair {
  /** Names of the migrations that ran. */
  readonly migrated: readonly string[]
  /** Executions that said they ran while nobody worked on them. */
  readonly zombies_fixed: number
  /** What a look for dirty data has found; nothing of it was cleaned. */
  readonly dirty: {
    readonly total: number
    readonly counts: Readonly<Record<string, number>>
    readonly tasks: string[]
  }
}

/** How the runner that was started does. */
export interface Verdict {
  readonly health: 'healthy' | 'unhealthy' | 'unreachable'
  readonly components: Readonly<Record<string, string>>
}

const KEPT = 5 // recoveries in a row must not fill the disk that they may be about
const HEALTH_MS_MAX = 10_000
const TASKS_SHOWN_MAX = 10 // of those that have dirty data: as many as a command line can name
// The sweep's own measure: silent for this long, or taken so often.
const ZOMBIES = { stale_minutes: 5, min_claims: 3, reason: 'helix recover' }

const System = z.object({ components: z.record(z.string(), z.string()) })
const SERVER_MS_MAX = 5_000

/** Asks the runner that lives how it is; null when it is well, none lives, or it is just coming or going. */
export async function examine(situation: Situation, context: CliContext): Promise<Illness | null> {
  const { state } = situation
  const port = servingOf(situation)?.record.port ?? null
  if (port === null || state?.status === 'stopping') return null
  const config = context.config()
  const illness = await illnessOf(runnerUrl(state?.options.host ?? config.HELIX_HOST, port), { pause })
  if (illness !== 'store' || config.DATABASE_URL === undefined) return illness
  // A new runner would not reach a server that is down either, and this one goes on as soon as it is back.
  return (await serverAnswers(config.DATABASE_URL)) ? illness : null
}

async function serverAnswers(url: string): Promise<boolean> {
  const { serverPool } = await import('../../../shared/platform/postgres-store.ts')
  const pool = serverPool(url)
  const answer = pool.query('select 1').then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([answer, pause(SERVER_MS_MAX).then(() => false)])
  } finally {
    void pool.end().catch(() => undefined)
  }
}

/**
 * Keeps the data as they are before anything is started on them again. A recovery goes on without it: what can't be
 * backed up may yet start.
 * @returns where the backup is; null where there is nothing to back up
 * @throws {Problem} where none could be taken
 */
export async function snapshotBefore(context: CliContext): Promise<string | null> {
  const config = context.config()
  return hasStore(context) ? (await backUpNow(context, { keep: KEPT }, config)).path : null
}

/**
 * Ends a restore that was cut off, before anything is backed up or repaired: half a restore is neither. Who holds
 * the data directory has done so before.
 * @throws {Problem} `restore_refused` while one is under way
 */
export async function endCutOffRestore(situation: Situation, context: CliContext, onEnded: OnEnded): Promise<void> {
  const config = context.config()
  const isHeld = servingOf(situation) !== null || situation.runner.kind === 'refused'
  if (isHeld || !(await hasRestoreToEnd(config))) return
  const held = await holdDataDir(resolve(config.HELIX_DATA_DIR))
  await endRestore(config, onEnded).finally(() => held.release())
}

/** Whether there is a store at all, or one is yet to be made by the start. */
export function hasStore(context: CliContext): boolean {
  const config = context.config()
  return config.DATABASE_URL !== undefined || existsSync(placesOf(config).store)
}

/** Brings the store up to date, frees what nobody works on any more, and looks for dirty data, which it leaves. */
export async function repairStore(context: CliContext): Promise<StoreRepair> {
  const config = context.config()
  const isServed = (await runnerPort(resolve(config.HELIX_DATA_DIR))) !== null
  const migrated = isServed ? [] : await migrateStore(config) // a runner has done so as it started
  return await withApi(context, async (api, client) => {
    const ops = openOpsApi(api, client)
    const { fixed } = await ops.fixZombies(ZOMBIES)
    const { total, counts, findings } = await ops.scan(undefined)
    const tasks = [...new Set(findings.map(({ task_id }) => task_id))].slice(0, TASKS_SHOWN_MAX)
    return { migrated, zombies_fixed: fixed.length, dirty: { total, counts, tasks } }
  })
}

/** How the runner that was started says that it and its components are; `unreachable` when it says nothing. */
export async function verifyAfter(context: CliContext, url: string | null): Promise<Verdict> {
  if (url === null) return { health: 'unreachable', components: {} }
  try {
    // Asks the store as well, and needs no key.
    const signal = AbortSignal.timeout(HEALTH_MS_MAX)
    const response = await fetch(`${url}/api/v1/health/ready`, { signal })
    return { health: response.ok ? 'healthy' : 'unhealthy', components: await componentsOf(context) }
  } catch {
    return { health: 'unreachable', components: {} }
  }
}

async function componentsOf(context: CliContext): Promise<Verdict['components']> {
  return await withApi(context, async (_, client) => {
    const signal = AbortSignal.timeout(HEALTH_MS_MAX)
    const response = await client.fetch('/api/v1/health/system', { signal })
    const parsed = System.safeParse(await response.json().catch(() => null))
    return parsed.success ? parsed.data.components : {} // it is ready; more is not known
  }).catch(() => ({}))
}

/** A failure in a line, with no secret in it. */
export function reasonOf(error: unknown): string {
  return maskText(error instanceof Error ? error.message : String(error))
}
