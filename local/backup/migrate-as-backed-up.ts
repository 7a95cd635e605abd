import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../shared/platform/problems.ts'
import { MIGRATIONS_DIR, migrationNames } from '../drivers/migrate.ts'

/**
 * Lends a folder with the migrations of a backup alone, so that a store gets the tables that its rows fit.
 * @throws {Problem} `restore_refused` when a newer Helix has made the backup
 */
export async function withMigrations<T>(names: readonly string[], work: (dir: string) => Promise<T>): Promise<T> {
  const known = migrationNames()
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new Problem('restore_refused', `The backup needs ${unknown.join(', ')}, which this Helix does not know`, {
      hint: 'Restore it with the Helix that has made it, or a newer one',
    })
  }
  const dir = await mkdtemp(join(tmpdir(), 'helix-migrations-'))
  try {
    for (const name of names) await copyFile(join(MIGRATIONS_DIR, `${name}.sql`), join(dir, `${name}.sql`))
    return await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
