import type { SqlParser } from '../../platform/sql-parser.ts'
import type { Relation } from '../catalog/catalog.ts'
import { acceptStatement } from './statement.ts'

/**
 * Why reading a view would do what no pair may: call a function of the server that sleeps, locks, writes or reaches
 * beyond the data, or lock rows. Null where it would not. Functions of its own are left to the read-only transaction:
 * they are volatile unless somebody thought of saying otherwise.
 */
export async function unsafeView(
  parser: SqlParser,
  { kind, definition }: Pick<Relation, 'kind' | 'definition'>,
): Promise<string | null> {
  if (kind !== 'view' || definition === null) return null
  const verdict = await acceptStatement(parser, definition)
  if (verdict.kind !== 'refused') return null
  return verdict.reason === 'function' || verdict.reason === 'locks_rows' ? verdict.message : null
}
