import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { postgresStore, serverPool } from '../../shared/platform/postgres-store.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Queryable } from '../../shared/platform/store.ts'
import { openEmbedded } from '../drivers/embedded-postgres.ts'
import { storeTemplate } from '../drivers/embedded-store.ts'
import { migrate } from '../drivers/migrate.ts'
import { templateCacheDir } from '../drivers/template-cache.ts'
import { holdDataDir } from '../runner/data-dir.ts'
import { buildingPath, type OnEnded, removeBuilding } from './cut-off.ts'
import { loadStore } from './load-store.ts'
import type { Manifest } from './manifest.ts'
import { withMigrations } from './migrate-as-backed-up.ts'
import { quoted } from './store-rows.ts'
import { readMigrations, readTables } from './store-tables.ts'
import type { Swap } from './swap.ts'

export interface StoreChoice {
  readonly archive: string
  readonly manifest: Manifest
  /** Gives up what is there already. */
  readonly replace: boolean
}

/** What was restored beside the old one, whose place it has not taken yet. */
export interface Prepared {
  readonly swap: Swap
  /** Lets others have what this restore held. */
  release(): Promise<void>
  /** Removes what was prepared, and releases. */
  discard(): Promise<void>
}

// What a store that nobody has used yet holds already, or gets by being looked at.
const UNUSED = new Set(['langchain_pg_collection', 'leases'])

const READ_USERS = `
  select count(*)::integer as users
    from pg_stat_activity
   where datname = current_database()
     and application_name like 'helix%'
     and pid <> pg_backend_pid()`

/**
 * Restores an embedded store beside the one that `dataDir` has: nothing of that is touched before the swap.
 * @throws {Problem} `data_dir_taken` while a runner uses it, `restore_refused` when there is one and it is not to be replaced
 */
export async function restoreEmbedded(
  dataDir: string,
  { stamp, onEnded, ...choice }: StoreChoice & { stamp: string; onEnded?: OnEnded | undefined },
): Promise<Prepared> {
  const held = await holdDataDir(dataDir)
  const target = join(dataDir, 'store')
  const building = buildingPath(target, stamp)
  const discard = async () => {
    await rm(building, { recursive: true, force: true })
    await held.release()
  }
  try {
    await removeBuilding(target, onEnded)
    if (existsSync(target) && !choice.replace) throw notEmpty(target)
    await fillEmbedded(building, dataDir, choice)
  } catch (error) {
    await discard()
    throw error
  }
  const kept = existsSync(target) ? join(dataDir, `store.replaced-${stamp}`) : null
  return { swap: { from: building, to: target, kept }, release: () => held.release(), discard }
}

/** Makes an embedded store in `dir` that holds what the archive does. */
export async function fillEmbedded(
  dir: string,
  dataDir: string,
  { archive, manifest }: Omit<StoreChoice, 'replace'>,
): Promise<void> {
  const cacheDir = await templateCacheDir(dataDir)
  const embedded = await withMigrations(manifest.migrations, (migrations) =>
    openEmbedded(dir, { template: storeTemplate(migrations), cacheDir }),
  )
  try {
    await loadStore(postgresStore({ pool: embedded.pool, kind: 'embedded' }), archive, manifest)
    await migrate(embedded.pool)
    await embedded.pool.query('checkpoint')
  } finally {
    await embedded.close()
  }
}

/**
 * Restores into a database of a server, which is made what the backup was in one transaction.
 * @param beforeCommit is done once everything is in its place and compared; if it fails, nothing has happened
 * @throws {Problem} `store_unavailable`, `restore_refused`
 */
export async function restoreServer(
  url: string,
  { archive, manifest, replace }: StoreChoice,
  beforeCommit: (tx: Queryable) => Promise<void>,
): Promise<void> {
  const pool = serverPool(url)
  const store = postgresStore({ pool, kind: 'server' })
  try {
    await requireFit(pool, store, manifest, replace)
    await withMigrations(manifest.migrations, (dir) => migrate(pool, dir))
    await loadStore(store, archive, manifest, beforeCommit)
    await migrate(pool)
    for (const { name } of manifest.tables) await store.query(`analyze ${quoted(name)}`)
  } finally {
    await store.close()
  }
}

async function requireFit(pool: pg.Pool, store: Queryable, manifest: Manifest, replace: boolean): Promise<void> {
  const { rows } = await pool.query<{ exists: boolean }>(`select to_regclass('helix_migrations') is not null as exists`)
  if (rows[0]?.exists !== true) return
  const newer = (await readMigrations(store)).filter((name) => !manifest.migrations.includes(name))
  if (newer.length > 0) {
    throw new Problem('restore_refused', `The store is newer than the backup: it has ${newer.join(', ')}`, {
      hint: 'Restore into an empty database (`createdb`), which is brought up to date afterwards, and let DATABASE_URL name that',
    })
  }
  for (const { name } of await readTables(store)) {
    if (UNUSED.has(name) || replace) continue
    const found = await store.query(`select from ${quoted(name)} limit 1`)
    if (found.rowCount > 0) throw notEmpty(`The table ${name} of the store`)
  }
  const users = await store.query<{ users: number }>(READ_USERS)
  if ((users.rows[0]?.users ?? 0) > 0) {
    throw new Problem('restore_refused', `${users.rows[0]?.users} connections of Helix are open on this store`, {
      hint: 'Stop every runner on it first (`helix stop`)',
    })
  }
}

function notEmpty(what: string): Problem {
  return new Problem('restore_refused', `${what} is not empty`, {
    hint: 'Restore somewhere else (--into, --data-dir), or give up what is there with --replace',
  })
}
