import { RELATIONS } from '../../../shared/dataset/catalog/store.ts'
import type { Sources } from '../../../shared/platform/source.ts'
import type { Queryable } from '../../../shared/platform/store.ts'

const RELATION = {
  oid: '1',
  schema: 'public',
  name: 'orders',
  kind: 'r',
  parent: null,
  bound: null,
  partition_key: null,
  comment: null,
  populated: true,
  rows_estimated: 17,
  options: null,
}

/** A business database of one table that answers from memory: no peer has one, so that none is measured. */
export function oneTableSources(name: string): Sources {
  const tx: Queryable = {
    query: async <Row>(text: string) => {
      const rows = text.startsWith(RELATIONS)
        ? [RELATION]
        : text.includes('server_version_num')
          ? [{ version: 150_000 }]
          : []
      return { rows: rows as Row[], rowCount: rows.length }
    },
  }
  const refused = async (): Promise<never> => {
    throw new Error('Nothing is read from this source')
  }
  return {
    list: () => [{ name, kind: 'server', address: `memory/${name}` }],
    open: async () => ({
      name,
      database: name,
      stopsStatements: true,
      readOnly: (work) => work(tx),
      read: refused,
      explain: refused,
      [Symbol.asyncDispose]: async () => undefined,
    }),
  }
}
