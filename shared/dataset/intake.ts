import type { Config } from '../platform/config.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem, type ProblemCode } from '../platform/problems.ts'
import { openStoredSource, type StoredSource, storeSource } from '../platform/source-ref.ts'
import { type Catalog, displayName } from './catalog/catalog.ts'
import { type CatalogOptions, readCatalog } from './catalog/read-catalog.ts'
import { matchTables, parseTableList } from './catalog/relation-names.ts'
import { detectLanguage } from './documents/language.ts'

interface TableRequest {
  readonly table_list?: readonly string[] | undefined
  readonly table_list_file?: string | undefined
}

/** What reading a request's source may refuse. */
export const INTAKE_PROBLEMS = [
  'source_not_found',
  'invalid_table_list',
  'source_empty',
  'secret_key_missing',
  'source_unreachable',
  'source_refused',
] as const satisfies readonly ProblemCode[]

/**
 * Finds the source that a request means and the tables that it asks for, before anything is created.
 * @throws {Problem} one of `INTAKE_PROBLEMS`
 */
export async function readIntake(
  platform: Platform,
  request: TableRequest & Parameters<typeof storeSource>[1],
): Promise<{ source: StoredSource; tables: string[] | null }> {
  const source = await storeSource(platform, request)
  return { source, tables: await requestedTables(platform, source, request) }
}

/**
 * The relations that a request asks for, by the names that people use, checked against the source; null for all of them.
 * @throws {Problem} `invalid_table_list` (empty, missing file, or naming each table that is not there), `source_empty`,
 *   and what opening a source throws
 */
async function requestedTables(
  platform: Platform,
  stored: StoredSource,
  request: TableRequest,
): Promise<string[] | null> {
  const names = await requestedNames(platform, request)
  const catalog = await catalogOf(platform, stored, names)
  if (catalog.relations.length === 0) {
    throw new Problem('source_empty', `The source "${stored.name}" has no table that this user may read`, {
      hint: 'Grant SELECT on the tables to the user of the connection',
    })
  }
  if (names === null) return null
  const { found, missing } = matchTables(catalog, names)
  if (missing.length > 0) {
    const errors = missing.map((name) => ({ path: 'table_list', message: `${name} does not exist in ${stored.name}` }))
    throw new Problem('invalid_table_list', `Not in the source "${stored.name}": ${missing.join(', ')}`, { errors })
  }
  return found.map(displayName)
}

const CATALOG_MS_MAX = 5_000 // the first step reads it again; many tasks at once need not all ask
const SOURCES_MAX = 50 // remembered at once

// By what configures the sources: each request sees sources of its own, which comment its statements.
const catalogs = new WeakMap<Config, Map<string, { readonly at: number; readonly catalog: Catalog }>>()

/** The catalog of a source, as it was a moment ago where that answers the question. */
async function catalogOf(platform: Platform, stored: StoredSource, names: readonly string[] | null): Promise<Catalog> {
  const known = catalogs.get(platform.config) ?? new Map()
  catalogs.set(platform.config, known)
  const key = JSON.stringify(stored)
  const now = platform.clock.now().getTime()
  const found = known.get(key)
  const fresh = found !== undefined && now >= found.at && now - found.at < CATALOG_MS_MAX
  if (fresh && (names === null || matchTables(found.catalog, names).missing.length === 0)) return found.catalog
  await using source = await openStoredSource(platform, stored)
  const catalog = await readCatalog(source)
  known.delete(key)
  if (known.size >= SOURCES_MAX) known.clear()
  if (catalog.relations.length > 0) known.set(key, { at: now, catalog })
  return catalog
}

async function requestedNames(platform: Platform, request: TableRequest): Promise<string[] | null> {
  const { table_list: list, table_list_file: file } = request
  if (list === undefined && file === undefined) return null
  const names = [...new Set(list ?? (await namesInFile(platform, file ?? '')))]
  if (names.length === 0) {
    throw new Problem(
      'invalid_table_list',
      file === undefined ? 'The table list is empty' : `The table list "${file}" is empty`,
      {
        errors: [{ path: file === undefined ? 'table_list' : 'table_list_file', message: 'names no table' }],
      },
    )
  }
  return names
}

async function namesInFile(platform: Platform, file: string): Promise<string[]> {
  const text = await platform.tableLists.read(file)
  if (text !== null) return parseTableList(text)
  throw new Problem('invalid_table_list', `There is no table list "${file}"`, {
    hint: `Put it into ${platform.config.HELIX_TABLE_LISTS_DIR}, one table per line, or send table_list`,
    errors: [{ path: 'table_list_file', message: 'does not exist' }],
  })
}

/** What a task's steps ask of the catalog: its table list, and keys that nobody declared as well. */
export function tablesOption(tables: readonly string[] | undefined): CatalogOptions {
  return tables === undefined ? { inferKeys: true } : { tables, inferKeys: true }
}

/** In which language documents and questions are written: as the task asks, else the setting, else that of the context and comments. */
export function datasetLanguage(
  asked: 'zh' | 'en' | 'auto',
  setting: 'zh' | 'en' | 'auto',
  businessContext: string | undefined,
  catalog: Catalog,
): 'zh' | 'en' {
  const comments = catalog.relations.flatMap((relation) => [
    relation.comment,
    ...relation.columns.map((column) => column.comment),
  ])
  const texts = [businessContext, ...comments].filter((text) => typeof text === 'string')
  return detectLanguage(asked === 'auto' ? setting : asked, texts)
}
