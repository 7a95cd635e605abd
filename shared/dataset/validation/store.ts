import type { Source } from '../../platform/source.ts'

// What a function does can be other than what it says it does: one whose body runs text, sleeps, locks, calls the
// server's own functions or writes is taken for volatile, and so is any in a language that may do everything.
// Names alone: an overload that is safe beside one that is not is refused with it. The security definers of extensions
// and of the server itself are covered by the same rule. An aggregate is what its steps are.
const VOLATILE_FUNCTIONS = String.raw`
  with unsafe as (
    select p.oid, p.proname, p.proargtypes
      from pg_catalog.pg_proc p
      join pg_catalog.pg_language l on l.oid = p.prolang
     where (p.provolatile = 'v' or p.prosecdef
            or (l.lanname not in ('internal', 'c') and p.oid >= 16384 -- of users and extensions
                and (not l.lanpltrusted
                     or p.prosrc ~* '\m(execute|copy|insert|update|delete|truncate|notify|lock|set_config|nextval|setval|pg_[a-z_]+|lo_[a-z_]+|dblink[a-z_]*)\M')))
       and p.prokind <> 'a'
  )
  select proname::text as name from unsafe
  union
  select p.proname
    from pg_catalog.pg_aggregate a
    join pg_catalog.pg_proc p on p.oid = a.aggfnoid
   where exists (select from unsafe u where u.oid in (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggmfinalfn))
  union
  select 'row ' || u.proname
    from unsafe u
    join pg_catalog.pg_type t on t.oid = u.proargtypes[0]
   where t.typtype = 'c' or t.typname = 'record'
  union
  select 'operator ' || o.oprname
    from pg_catalog.pg_operator o
    join unsafe u on u.oid = o.oprcode
  union
  select 'cast ' || t.typname
    from pg_catalog.pg_cast c
    join unsafe u on u.oid = c.castfunc
    join pg_catalog.pg_type t on t.oid = c.casttarget`

/**
 * Functions that the database calls volatile or security definer, by name: no pair may call them. With them, where
 * such a function is called without its name: `operator ===`, `cast money_text`, `row total` for `(t).total`.
 */
export async function volatileFunctions(source: Source): Promise<ReadonlySet<string>> {
  const { rows } = await source.readOnly((tx) => tx.query<{ name: string }>(VOLATILE_FUNCTIONS))
  return new Set(rows.map((row) => row.name))
}
