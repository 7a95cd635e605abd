import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { postgresSource } from '../../../shared/platform/postgres-source.ts'
import { textTypes } from '../../../shared/platform/postgres-values.ts'
import type { Source } from '../../../shared/platform/source.ts'
import { type DatabaseTemplate, openEmbedded, templateKey } from '../../drivers/embedded-postgres.ts'
import { templateCacheDir, templateName } from '../../drivers/template-cache.ts'
import { highwayScript } from './script.ts'

export const SAMPLE_NAME = 'highway_db'

/** The tables in the order of the schema, then its view. */
export const SAMPLE_TABLES: readonly string[] = [
  ...['bss_company', 'bss_branch', 'bss_section_route', 'bss_service_area', 'bss_section_route_area_link'],
  ...['bss_merchant', 'bss_business_day_data', 'bss_car_day_count', 'bss_facility', 'bss_complaint'],
  'bss_service_area_month_revenue',
]

/**
 * Opens the bundled business database in `{dataDir}/sample`, making it on first use and again when a newer release
 * brings another one. Disposing of the source closes the database. One data directory's sample must be open only once
 * at a time, in all processes: `localSources` shares it among tasks.
 */
export async function openSample(dataDir: string): Promise<Source> {
  const template = sampleTemplate()
  const dir = join(dataDir, 'sample', templateName(await templateKey(template)))
  const isNew = !existsSync(dir)
  const embedded = await openEmbedded(dir, { template, cacheDir: await templateCacheDir(dataDir), types: textTypes })
  try {
    if (isNew) await removeOthers(dir)
    const options = { name: SAMPLE_NAME, database: SAMPLE_NAME, pool: embedded.pool, stopsStatements: false }
    return { ...(await postgresSource(options)), [Symbol.asyncDispose]: embedded.close }
  } catch (error) {
    await embedded.close()
    throw error
  }
}

function sampleTemplate(): DatabaseTemplate {
  return {
    name: 'highway',
    ingredients: sourceTexts(),
    prepare: async (pool) => {
      await pool.query('begin')
      for (const statements of highwayScript()) await pool.query(statements)
      await pool.query('commit')
      await pool.query('vacuum (freeze, analyze)') // statistics for the planner, and nothing left for readers to write
    },
  }
}

/** Everything that the rows depend on, without making them: the text of this folder and of the dice. */
function sourceTexts(): string[] {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const files = readdirSync(folder).filter((file) => /\.(ts|sql)$/.test(file))
  const random = fileURLToPath(new URL('../../../shared/platform/random.ts', import.meta.url))
  return [...files.toSorted().map((file) => join(folder, file)), random].map((path) => readFileSync(path, 'utf8'))
}

/** Samples of other releases; nobody has written anything into them. */
async function removeOthers(dir: string): Promise<void> {
  const parent = join(dir, '..')
  for (const entry of await readdir(parent)) {
    if (entry !== basename(dir)) await rm(join(parent, entry), { recursive: true, force: true })
  }
}
