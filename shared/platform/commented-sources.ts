import type { Source, Sources } from './source.ts'
import type { Queryable } from './store.ts'

/** What a comment says of a statement, key by key. */
export type Comment = Readonly<Record<string, string>>

/**
 * `/*key='value',…*\/` as sqlcommenter has it: keys sorted, values encoded. Nothing in a value can end the comment, and the
 * quotes are even in number: an open literal before it stays open, and what was a syntax error stays one.
 */
export function sqlComment(comment: Comment): string {
  const pairs = Object.entries(comment).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `/*${pairs.map(([key, value]) => `${key}='${encoded(value)}'`).join(',')}*/`
}

/** Sources whose statements tell the server's own log, and its lists of what runs, what they are for. */
export function commentedSources(sources: Sources, comment: Comment): Sources {
  const suffix = ` ${sqlComment(comment)}`
  return { list: () => sources.list(), open: async (ref) => commented(await sources.open(ref), suffix) }
}

function commented(source: Source, suffix: string): Source {
  return {
    name: source.name,
    database: source.database,
    stopsStatements: source.stopsStatements,
    readOnly: (work, timeoutMs) => source.readOnly((tx) => work(commentedQueries(tx, suffix)), timeoutMs),
    read: (sql, limits) => source.read(sql, { ...limits, comment: suffix }),
    explain: (sql, timeoutMs) => source.explain(sql + suffix, timeoutMs),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  }
}

function commentedQueries(tx: Queryable, suffix: string): Queryable {
  return { query: (text, values) => tx.query(text + suffix, values) }
}

/** Of a URL's encoding the characters that mean something in SQL are encoded too. */
function encoded(value: string): string {
  return encodeURIComponent(value).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
