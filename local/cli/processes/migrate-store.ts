import { join, resolve } from 'node:path'
import type { Config } from '../../../shared/platform/config.ts'

/**
 * Brings the configured store up to date, which nobody else may have open if it is embedded.
 * @returns the names of the migrations that ran
 * @throws {Problem} `store_unavailable`, `data_dir_taken`
 */
export async function migrateStore(config: Config): Promise<string[]> {
  const { endRestore } = await import('../../backup/cut-off.ts')
  if (config.DATABASE_URL !== undefined) {
    const { migrate } = await import('../../drivers/migrate.ts')
    const { serverPool } = await import('../../../shared/platform/postgres-store.ts')
    await endRestore(config)
    const pool = serverPool(config.DATABASE_URL)
    return await migrate(pool).finally(() => pool.end())
  }
  const dataDir = resolve(config.HELIX_DATA_DIR)
  const { holdDataDir } = await import('../../runner/data-dir.ts')
  const { openEmbeddedStore } = await import('../../drivers/embedded-store.ts')
  const { templateCacheDir } = await import('../../drivers/template-cache.ts')
  const held = await holdDataDir(dataDir)
  try {
    await endRestore(config)
    const { store, migrated } = await openEmbeddedStore(join(dataDir, 'store'), await templateCacheDir(dataDir))
    await store.close()
    return migrated
  } finally {
    await held.release()
  }
}
