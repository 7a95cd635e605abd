// The statements that read pg_catalog, Postgres 12 to 18. They take arrays of oids, so that their number is fixed.

/** Makes every name in a definition bare in `public` and qualified elsewhere, whatever the role's own path says. */
export const FIX_NAMES = `
  select set_config('search_path', 'public', true),
         current_setting('server_version_num')::int as version`

/** Readable relations; partitions come with their parent's rights, since they are read through it. */
export const RELATIONS = `
  select c.oid::text, n.nspname as schema, c.relname as name, c.relkind::text as kind,
         i.inhparent::text as parent,
         pg_get_expr(c.relpartbound, c.oid) as bound,
         case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partition_key,
         obj_description(c.oid, 'pg_class') as comment,
         c.relispopulated as populated, c.reltuples::float8 as rows_estimated, to_json(c.reloptions) as options,
         (select json_agg(h.inhparent::text order by h.inhseqno)
            from pg_catalog.pg_inherits h where h.inhrelid = c.oid and not c.relispartition) as inherits,
         c.relpersistence = 'u' as unlogged, obj_description(n.oid, 'pg_namespace') as schema_comment
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_inherits i on i.inhrelid = c.oid and c.relispartition
   where c.relkind in ('r', 'p', 'v', 'm', 'f')
     and c.relpersistence <> 't'
     and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     and (c.relispartition or (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')))
     and not exists (select from pg_catalog.pg_depend d
                      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
   order by n.nspname collate "C", c.relname collate "C"`

/** Columns with the type that lies below domains and arrays. `$1`: relations. */
export const COLUMNS = `
  with recursive wanted as (
    select a.* from pg_catalog.pg_attribute a where a.attrelid = any($1::oid[]) and a.attnum > 0 and not a.attisdropped
  ), below(top, oid, is_array) as (
    select distinct atttypid, atttypid, false from wanted
    union
    select b.top, case when t.typtype = 'd' then t.typbasetype else t.typelem end, b.is_array or t.typtype <> 'd'
      from below b join pg_catalog.pg_type t on t.oid = b.oid
     where t.typtype = 'd' or (t.typcategory = 'A' and t.typelem <> 0)
  ), base as (
    select b.top, b.is_array, t.typname, t.typcategory,
           (select json_agg(e.enumlabel order by e.enumsortorder)
              from pg_catalog.pg_enum e where e.enumtypid = t.oid) as labels
      from below b join pg_catalog.pg_type t on t.oid = b.oid
     where t.typtype <> 'd' and not (t.typcategory = 'A' and t.typelem <> 0)
  )
  select a.attrelid::text as relation, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
         base.typname as base_type, base.is_array, base.typcategory::text as category, base.labels,
         a.attnotnull as not_null, not a.attislocal as inherited, a.attidentity::text as identity, a.attgenerated::text as generated,
         pg_get_expr(d.adbin, d.adrelid) as expression, col_description(a.attrelid, a.attnum) as comment,
         case when a.attcollation <> t.typcollation then (
             select case when n.nspname = 'pg_catalog' then '' else quote_ident(n.nspname) || '.' end || quote_ident(l.collname)
               from pg_catalog.pg_collation l
               join pg_catalog.pg_namespace n on n.oid = l.collnamespace
              where l.oid = a.attcollation) end as collation,
         case when s.seqrelid is not null then json_build_object(
           'type', s.seqtypid::regtype::text, 'start', s.seqstart::text, 'increment', s.seqincrement::text,
           'min', s.seqmin::text, 'max', s.seqmax::text, 'cache', s.seqcache::text, 'cycle', s.seqcycle) end as sequence
    from wanted a
    join base on base.top = a.atttypid
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join pg_catalog.pg_depend i
           on a.attidentity <> '' and i.refclassid = 'pg_class'::regclass and i.refobjid = a.attrelid
          and i.refobjsubid = a.attnum and i.classid = 'pg_class'::regclass and i.deptype = 'i'
    left join pg_catalog.pg_sequence s on s.seqrelid = i.objid
   order by a.attrelid, a.attnum`

/** Keys and checks; what a partition has from its parent is left out. `$1`: relations and partitions. */
export const CONSTRAINTS = `
  select k.conrelid::text as relation, k.confrelid::text as target, k.contype::text as kind, k.conname as name,
         pg_get_constraintdef(k.oid) as definition,
         (select coalesce(json_agg(a.attname order by u.place), '[]')
            from unnest(k.conkey) with ordinality u(number, place)
            join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as columns,
         (select coalesce(json_agg(a.attname order by u.place), '[]')
            from unnest(k.confkey) with ordinality u(number, place)
            join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number) as target_columns,
         obj_description(k.oid, 'pg_constraint') as comment, not k.conislocal as inherited
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class c on c.oid = k.conrelid
   where k.conrelid = any($1::oid[])
     and k.contype in ('p', 'u', 'c', 'x', 'f')
     and k.conparentid = 0
     and not (k.contype = 'c' and c.relispartition and k.coninhcount > 0)
   order by k.conname collate "C", k.conrelid`

/** Valid indexes that neither a constraint nor a partitioned parent made. `$1`: relations and partitions. */
export const INDEXES = `
  select i.indrelid::text as relation, c.relname as name, pg_get_indexdef(i.indexrelid, 0, true) as definition,
         obj_description(i.indexrelid, 'pg_class') as comment
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
   where i.indrelid = any($1::oid[])
     and i.indisvalid
     and not exists (select from pg_catalog.pg_inherits h where h.inhrelid = i.indexrelid)
     and not exists (select from pg_catalog.pg_constraint k
                      where k.conrelid = i.indrelid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
   order by c.relname collate "C"`

/** A partition's own comments and defaults, as DDL. `$1`: partitions. */
export const PARTITION_EXTRAS = `
  select d.objoid::text as relation,
         case when a.attname is null then format('comment on table %s is %L', d.objoid::regclass, d.description)
              else format('comment on column %s.%I is %L', d.objoid::regclass, a.attname, d.description) end as ddl
    from pg_catalog.pg_description d
    left join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid and d.objsubid > 0
   where d.classoid = 'pg_class'::regclass and d.objoid = any($1::oid[])
  union all
  select a.attrelid::text,
         format('alter table %s alter column %I %s', a.attrelid::regclass, a.attname,
                coalesce('set default ' || pg_get_expr(own.adbin, own.adrelid), 'drop default'))
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_attribute a on a.attrelid = i.inhrelid and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_attribute p on p.attrelid = i.inhparent and p.attname = a.attname
    left join pg_catalog.pg_attrdef own on own.adrelid = a.attrelid and own.adnum = a.attnum
    left join pg_catalog.pg_attrdef theirs on theirs.adrelid = p.attrelid and theirs.adnum = p.attnum
   where i.inhrelid = any($1::oid[])
     and a.attgenerated = '' and a.attidentity = ''
     and pg_get_expr(own.adbin, own.adrelid) is distinct from pg_get_expr(theirs.adbin, theirs.adrelid)
   order by 1, 2`

/** Queries of views and what they read. `$1`: views. */
export const VIEWS = `
  select c.oid::text as relation, pg_get_viewdef(c.oid, true) as definition,
         (select coalesce(json_agg(distinct d.refobjid::text), '[]')
            from pg_catalog.pg_rewrite r
            join pg_catalog.pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
           where r.ev_class = c.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> c.oid) as reads
    from pg_catalog.pg_class c
   where c.oid = any($1::oid[])`
