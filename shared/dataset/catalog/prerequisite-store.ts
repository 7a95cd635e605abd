// The statements that find and describe what relations need to exist before them. Objects are keyed `class/oid`.

/**
 * The dependency graph below relations, down to types, functions, sequences and extensions: one row an arrow.
 * Relies on pg_depend's index on (classid, objid). `$1`: relations and partitions. `$2`: relations that also stand for
 * the types of their schema that no relation uses.
 */
export const DEPENDENCIES = `
  with recursive arrow(from_class, from_oid, to_class, to_oid) as (
    select 'pg_class'::regclass::oid, part.relation, part.class, part.oid
      from (select oid, 'pg_class'::regclass::oid, oid from pg_catalog.pg_class where oid = any($1::oid[])
            union all
            select adrelid, 'pg_attrdef'::regclass::oid, oid from pg_catalog.pg_attrdef where adrelid = any($1::oid[])
            union all
            select conrelid, 'pg_constraint'::regclass::oid, oid from pg_catalog.pg_constraint where conrelid = any($1::oid[])
            union all
            select indrelid, 'pg_class'::regclass::oid, indexrelid from pg_catalog.pg_index where indrelid = any($1::oid[])
            union all
            select ev_class, 'pg_rewrite'::regclass::oid, oid from pg_catalog.pg_rewrite where ev_class = any($1::oid[])
            union all
            select home.oid, 'pg_type'::regclass::oid, t.oid
              from pg_catalog.pg_class home
              join pg_catalog.pg_type t on t.typnamespace = home.relnamespace and t.typtype in ('e', 'd', 'r')
             where home.oid = any($2::oid[])
               and not exists (select from pg_catalog.pg_depend d
                                where d.refclassid = 'pg_type'::regclass and d.refobjid in (t.oid, t.typarray)
                                  and d.deptype = 'n' and d.classid in ('pg_class'::regclass, 'pg_type'::regclass))
               and not exists (select from pg_catalog.pg_depend d
                                where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')
           ) part(relation, class, oid)
    union
    select a.to_class, a.to_oid, next.class, next.oid
      from arrow a
     cross join lateral (
           select d.refclassid, d.refobjid
             from pg_catalog.pg_depend d
            where d.classid = a.to_class and d.objid = a.to_oid
              and (d.refclassid in ('pg_type'::regclass, 'pg_proc'::regclass, 'pg_extension'::regclass,
                                    'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass,
                                    'pg_collation'::regclass)
                   or (d.refclassid = 'pg_class'::regclass
                       and exists (select from pg_catalog.pg_class c where c.oid = d.refobjid and c.relkind in ('S', 'c'))))
            union all
           select 'pg_constraint'::regclass::oid, k.oid
             from pg_catalog.pg_constraint k
            where a.to_class = 'pg_type'::regclass and k.contypid = a.to_oid
           ) next(class, oid)
  )
  select from_class::regclass::text || '/' || from_oid as needing, to_class::regclass::text || '/' || to_oid as needed
    from arrow`

/** Enums, domains, composite and range types. `$1`: types. */
export const TYPES = `
  select 'pg_type/' || t.oid as key, n.nspname as schema, t.typname as name, t.typtype::text as kind,
         obj_description(t.oid, 'pg_type') as comment,
         (select json_agg(e.enumlabel order by e.enumsortorder)
            from pg_catalog.pg_enum e where e.enumtypid = t.oid) as labels,
         format_type(t.typbasetype, t.typtypmod) as base, t.typnotnull as not_null, t.typdefault as default_text,
         case when t.typtype = 'd' and t.typcollation <> b.typcollation then (
           select case when s.nspname = 'pg_catalog' then '' else quote_ident(s.nspname) || '.' end || quote_ident(l.collname)
             from pg_catalog.pg_collation l
             join pg_catalog.pg_namespace s on s.oid = l.collnamespace
            where l.oid = t.typcollation) end as collation,
         (select coalesce(json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
                                   order by k.conname collate "C"), '[]')
            from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype = 'c') as checks,
         (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                                            'comment', col_description(a.attrelid, a.attnum),
                                            'collation', case when a.attcollation <> y.typcollation
                                                              then a.attcollation::regcollation::text end)
                          order by a.attnum)
            from pg_catalog.pg_attribute a
            join pg_catalog.pg_type y on y.oid = a.atttypid
           where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as attributes,
         (select json_build_object('subtype', format_type(r.rngsubtype, null),
                                   'difference', nullif(r.rngsubdiff::text, '-'),
                                   'collation', case when r.rngcollation <> y.typcollation
                                                     then r.rngcollation::regcollation::text end,
                                   'multirange', (to_jsonb(r) ->> 'rngmultitypid')::oid::regtype::text)
            from pg_catalog.pg_range r
            join pg_catalog.pg_type y on y.oid = r.rngsubtype
           where r.rngtypid = t.oid) as range
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    left join pg_catalog.pg_type b on b.oid = t.typbasetype
    left join pg_catalog.pg_class c on c.oid = t.typrelid
   where t.oid = any($1::oid[])
     and (t.typtype in ('e', 'd', 'r') or (t.typtype = 'c' and c.relkind = 'c'))`

/** Functions as Postgres prints them; aggregates in parts, since it prints none. `$1`: routines. */
export const ROUTINES = `
  select 'pg_proc/' || p.oid as key, n.nspname as schema, p.proname as name,
         case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end as definition,
         pg_get_function_identity_arguments(p.oid) as arguments,
         a.aggtransfn::text as transition, format_type(a.aggtranstype, null) as state,
         nullif(a.aggfinalfn::text, '-') as final, nullif(a.aggcombinefn::text, '-') as combine, a.agginitval as initial,
         p.proparallel::text as parallel, a.aggkind::text as aggregate_kind, a.aggfinalextra as final_extra,
         case when p.prokind = 'a' then 'aggregate' else 'function' end as kind, obj_description(p.oid, 'pg_proc') as comment
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    left join pg_catalog.pg_aggregate a on a.aggfnoid = p.oid
   where p.oid = any($1::oid[])`

/** Sequences with their owner. `$1`: sequences. */
export const SEQUENCES = `
  select 'pg_class/' || c.oid as key, n.nspname as schema, c.relname as name,
         d.refobjid::text as owner, a.attname as owner_column, obj_description(c.oid, 'pg_class') as comment,
         json_build_object('type', s.seqtypid::regtype::text, 'start', s.seqstart::text,
           'increment', s.seqincrement::text, 'min', s.seqmin::text, 'max', s.seqmax::text,
           'cache', s.seqcache::text, 'cycle', s.seqcycle) as sequence
    from pg_catalog.pg_sequence s
    join pg_catalog.pg_class c on c.oid = s.seqrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_depend d
           on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass
          and d.refobjsubid > 0 and d.deptype = 'a'
    left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
   where s.seqrelid = any($1::oid[])`

/** Collations with what differs between server versions as JSON. `$1`: collations. */
export const COLLATIONS = `
  select 'pg_collation/' || l.oid as key, n.nspname as schema, l.collname as name, l.collprovider::text as provider,
         l.collcollate as collate, l.collctype as ctype,
         coalesce(to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'colliculocale') as locale,
         to_jsonb(l) ->> 'collicurules' as rules, l.collisdeterministic as deterministic,
         obj_description(l.oid, 'pg_collation') as comment
    from pg_catalog.pg_collation l
    join pg_catalog.pg_namespace n on n.oid = l.collnamespace
   where l.oid = any($1::oid[]) and n.nspname <> 'pg_catalog'`

/** `$1`: extensions. */
export const EXTENSIONS = `
  select 'pg_extension/' || e.oid as key, n.nspname as schema, e.extname as name
    from pg_catalog.pg_extension e
    join pg_catalog.pg_namespace n on n.oid = e.extnamespace
   where e.oid = any($1::oid[])`
