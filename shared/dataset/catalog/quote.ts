import type { RelationName } from './catalog.ts'

// Key words of Postgres 12 to 18 that can't stand bare everywhere a name can: every category but "unreserved".
const KEYWORDS: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
  char character check coalesce collate collation column concurrently constraint create cross current_catalog
  current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
  desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
  grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
  json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
  lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize not
  notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real
  references returning right row select session_user setof similar smallint some substring symmetric system_user table
  tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose
  when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
  xmlserialize xmltable`.split(/\s+/),
)

const BARE = /^[a-z_][a-z0-9_]*$/

/** A name as SQL must write it: quoted only where it has to be (capitals, key words, anything beyond ASCII). */
export function quoteIdentifier(name: string): string {
  return BARE.test(name) && !KEYWORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** A text as an SQL literal, right whatever `standard_conforming_strings` says. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/** A relation as SQL must write it: bare in `public`, else with its schema. */
export function quoteRelation({ schema, name }: RelationName): string {
  return schema === 'public' ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

/** The statement that comments on a constraint of a table; none without a comment. */
export function constraintCommentDdl(
  table: RelationName,
  { name, comment }: { readonly name: string; readonly comment?: string | null },
): string[] {
  if (comment === null || comment === undefined) return []
  return [`comment on constraint ${quoteIdentifier(name)} on ${quoteRelation(table)} is ${quoteLiteral(comment)}`]
}

/** A list of columns in parentheses. */
export function quoteColumns(columns: readonly string[]): string {
  return `(${columns.map(quoteIdentifier).join(', ')})`
}
