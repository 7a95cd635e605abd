import type pg from 'pg'
import { postgresStore } from '../../shared/platform/postgres-store.ts'
import type { Store } from '../../shared/platform/store.ts'
import { type DatabaseTemplate, openEmbedded, openTemporary } from './embedded-postgres.ts'
import { MIGRATIONS_DIR, migrate, migrationTexts } from './migrate.ts'

/** How an embedded store is made: every migration on an empty database. */
export function storeTemplate(dir: string = MIGRATIONS_DIR): DatabaseTemplate {
  return {
    name: 'store',
    ingredients: migrationTexts(dir),
    prepare: async (pool) => {
      await migrate(pool, dir)
    },
  }
}

/**
 * Opens the embedded store in `dir`, creating it where there is none and bringing an older one to the newest schema.
 * @param cacheDir where prepared copies are kept: `templateCacheDir(…)`
 * @returns the store and the migrations that ran on it, none for a new one
 */
export async function openEmbeddedStore(
  dir: string,
  cacheDir: string,
): Promise<{ store: Store; pool: pg.Pool; migrated: string[] }> {
  const embedded = await openEmbedded(dir, { template: storeTemplate(), cacheDir })
  const migrated = await migrate(embedded.pool)
  const { pool, close } = embedded
  return { store: { ...postgresStore({ pool, kind: 'embedded' }), close }, pool, migrated }
}

/** A migrated embedded store of its own for a test or a trial, gone when closed. */
export async function openTemporaryStore(cacheDir: string): Promise<Store> {
  const embedded = await openTemporary({ template: storeTemplate(), cacheDir })
  return { ...postgresStore({ pool: embedded.pool, kind: 'embedded' }), close: embedded.close }
}
