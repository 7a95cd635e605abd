import type { Source } from '../../platform/source.ts'

// Names alone: an overload that is safe beside one that is not is refused with it. The security definers of extensions
// and of the server itself are covered by the same rule.
const VOLATILE_FUNCTIONS = `
  select distinct proname as name
    from pg_catalog.pg_proc
   where (provolatile = 'v' or prosecdef)
     and prokind <> 'a'`

/** Functions that the database calls volatile or security definer, by name: no pair may call them. */
export async function volatileFunctions(source: Source): Promise<ReadonlySet<string>> {
  const { rows } = await source.readOnly((tx) => tx.query<{ name: string }>(VOLATILE_FUNCTIONS))
  return new Set(rows.map((row) => row.name))
}
