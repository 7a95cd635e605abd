import type { Catalog, Relation } from '../../shared/dataset/catalog/catalog.ts'
import { inFileOrder, renderDdl } from '../../shared/dataset/documents/ddl.ts'

/** Runs every DDL file in order of the names, then the failed ones again until nothing moves. Answers what failed at first. */
export async function replayDdl(catalog: Catalog, script: (sql: string) => Promise<void>): Promise<Relation[]> {
  const run = async (relations: readonly Relation[]): Promise<Relation[]> => {
    const failed: Relation[] = []
    for (const relation of relations) {
      await script(renderDdl(catalog, relation)).catch(() => failed.push(relation))
    }
    return failed
  }
  const first = await run(inFileOrder(catalog))
  let left = first
  while (left.length > 0) {
    const failed = await run(left)
    if (failed.length === left.length) {
      for (const relation of failed) await script(renderDdl(catalog, relation)) // throws the database's own words
    }
    left = failed
  }
  return first
}

/** A catalog without what depends on the database's name and its rows. */
export function structureOf(catalog: Catalog): Catalog {
  const relations = catalog.relations.map((relation) => ({ ...relation, rowsEstimated: 0 }))
  return { ...catalog, database: '', relations }
}
