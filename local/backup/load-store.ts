import type { Queryable, Store } from '../../shared/platform/store.ts'
import { readArchive, textOf } from './archive-reader.ts'
import { entryOf, type Manifest } from './manifest.ts'
import { FAITHFUL, quoted, readRows, writeRows } from './store-rows.ts'
import { readTables, type Table } from './store-tables.ts'

const SET_SEQUENCE = `
  select setval(pg_get_serial_sequence($1, $2), $3)`

/**
 * Fills a store that has the tables of the backup with its rows, in one transaction, and reads them back before it is
 * committed: either the store is exactly what was backed up, or nothing has happened.
 * @param beforeCommit the last thing that is done in it
 */
export async function loadStore(
  store: Store,
  archive: string,
  manifest: Manifest,
  beforeCommit: (tx: Queryable) => Promise<void> = async () => undefined,
): Promise<void> {
  await store.transaction(async (tx) => {
    // The files of an archive are passed over between two pages.
    await tx.query(`set local idle_in_transaction_session_timeout = '10min'`)
    for (const statement of FAITHFUL) await tx.query(statement)
    const tables = await readTables(tx)
    const all = tables.map(({ name }) => quoted(name))
    await tx.query(`truncate ${all.join(', ')}`)
    for (const table of all) await tx.query(`alter table ${table} disable trigger user`)
    await loadTables(tx, archive, manifest, tables)
    await compareTables(tx, manifest, tables)
    for (const { table, column, last } of manifest.sequences)
      await tx.query(SET_SEQUENCE, [quoted(table), column, last])
    for (const table of all) await tx.query(`alter table ${table} enable trigger user`)
    await beforeCommit(tx)
  })
}

/** Reads every table and compares it with the manifest. @throws {Error} where a hash differs */
export async function compareStore(store: Store, manifest: Manifest): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only')
    for (const statement of FAITHFUL) await tx.query(statement)
    await compareTables(tx, manifest, await readTables(tx))
  })
}

/** An archive has its tables in the order in which they may be filled, which is that of the tables themselves. */
async function loadTables(tx: Queryable, archive: string, manifest: Manifest, tables: readonly Table[]): Promise<void> {
  for await (const entry of readArchive(archive)) {
    const kind = entryOf(entry.name)
    if (kind !== null && typeof kind === 'object' && 'table' in kind) {
      const table = tables.find(({ name }) => name === kind.table)
      const columns = manifest.tables.find(({ name }) => name === kind.table)?.columns
      if (table === undefined || columns === undefined)
        throw new Error(`There is no table ${kind.table} to restore into`)
      await writeRows(tx, table, columns, await textOf(entry))
      continue
    }
    for await (const _ of entry.body); // not of the store
  }
}

async function compareTables(tx: Queryable, manifest: Manifest, tables: readonly Table[]): Promise<void> {
  for (const expected of manifest.tables) {
    const table = tables.find(({ name }) => name === expected.name)
    if (table === undefined) throw new Error(`The table ${expected.name} is missing`)
    const found = await readRows(tx, table)
    if (found.rows === expected.rows && found.sha256 === expected.sha256) continue
    throw new Error(
      `Table ${expected.name} was to have ${expected.rows} rows of hash ${expected.sha256}, but has ${found.rows} of ${found.sha256}`,
    )
  }
}
