import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { withClient } from '../../shared/platform/postgres-store.ts'

/** Where the numbered `.sql` files are. */
export const MIGRATIONS_DIR = fileURLToPath(new URL('../../shared/platform/migrations', import.meta.url))

const TABLE = 'helix_migrations'
const LOCK_ID = '7241865325823964' // node-pg-migrate's own, so that its command line waits for us too
const MIGRATION_FILE = /^\d{4}_[a-z0-9-]+\.sql$/
const UNDEFINED_TABLE = '42P01'

/**
 * Brings a store to the newest schema: forward only, all pending files in one transaction, one process at a time.
 * @returns the names of the files that ran, oldest first; none when there was nothing to do
 * @throws {Problem} `store_unavailable`
 */
export async function migrate(pool: pg.Pool, dir: string = MIGRATIONS_DIR): Promise<string[]> {
  return await withClient(pool, async (client) => {
    // The library takes a moment to load; a start usually finds nothing to do.
    const pending = await pendingOn(client, dir)
    return pending.length === 0 ? [] : await runPending(client, dir)
  })
}

/** Names of the files that have not run on this store yet, oldest first. @throws {Problem} `store_unavailable` */
export async function pendingMigrations(pool: pg.Pool, dir: string = MIGRATIONS_DIR): Promise<string[]> {
  return await withClient(pool, (client) => pendingOn(client, dir))
}

/** The text of every migration: what a prepared database depends on. */
export function migrationTexts(dir: string = MIGRATIONS_DIR): string[] {
  return migrationNames(dir).map((name) => `${name}\n${readFileSync(join(dir, `${name}.sql`), 'utf8')}`)
}

async function runPending(client: pg.PoolClient, dir: string): Promise<string[]> {
  const { runner } = await import('node-pg-migrate')
  // The lock ends with the transaction, unlike the library's own, which would be left behind by a pooler that lends
  // connections by transaction. The library's `begin` is then only a warning, and its `commit` ends ours.
  await client.query('begin')
  try {
    await client.query(`select pg_advisory_xact_lock(${LOCK_ID})`)
    const done = await runner({
      dbClient: client,
      dir,
      direction: 'up',
      migrationsTable: TABLE,
      ignorePattern: '(?!\\d{4}_[a-z0-9-]+\\.sql$).*',
      noLock: true,
      singleTransaction: true,
      log: () => undefined,
    })
    await client.query('commit')
    return done.map(({ name }) => name)
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

async function pendingOn(client: pg.PoolClient, dir: string): Promise<string[]> {
  const names = migrationNames(dir)
  try {
    const { rows } = await client.query<{ name: string }>(`select name from ${TABLE}`)
    const done = new Set(rows.map(({ name }) => name))
    return names.filter((name) => !done.has(name))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return names
    throw error
  }
}

/** Names of the migration files, oldest first. */
export function migrationNames(dir: string = MIGRATIONS_DIR): string[] {
  return readdirSync(dir)
    .filter((file) => MIGRATION_FILE.test(file))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort()
}
