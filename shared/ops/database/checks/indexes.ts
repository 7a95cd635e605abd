import { bytes, count, type DatabaseCheck } from '../check.ts'

const UNUSED_BYTES_MIN = 1024 * 1024
const UNUSED_SECONDS_MIN = 7 * 86_400 // a weekly report may need it
const REFERENCING_ROWS_MIN = 1_000

// Sizes by the pages that were counted last: asking for a size would wait for whoever has locked the table.
const INDEX_NAME = `format('%I.%I', n.nspname, i.relname)`
const OUR_SCHEMAS = `n.nspname !~ '^(pg_|information_schema)'`

export const INDEX_CHECKS: readonly DatabaseCheck[] = [
  {
    name: 'unused_indexes',
    severity: 'P2',
    meaning: {
      zh: '索引从未被用过，却让每次写入变慢',
      en: 'Indexes that nobody has ever used still make every write dearer',
    },
    nextStep: {
      zh: '确认备库和低频任务也不用它们之后，用 DROP INDEX CONCURRENTLY 删除',
      en: 'Drop them (DROP INDEX CONCURRENTLY) once you know that no standby and no rare job needs them',
    },
    skip: ({ statisticsSeconds }) => (statisticsSeconds < UNUSED_SECONDS_MIN ? 'no_history' : null),
    query: `select format('%I.%I', s.schemaname, s.indexrelname) as name, i.relpages * 8192::float8 as size
              from pg_stat_user_indexes s join pg_index x on x.indexrelid = s.indexrelid join pg_class i on i.oid = s.indexrelid
             where s.idx_scan = 0 and not x.indisunique and not x.indisprimary and x.indisvalid
               and i.relpages * 8192::float8 > ${UNUSED_BYTES_MIN}
             order by i.relpages * 8192::float8 desc limit 100`,
    judge: (rows) => rows.map(({ name, size }) => ({ name, detail: bytes(size) })),
  },
  {
    name: 'duplicate_indexes',
    severity: 'P2',
    meaning: { zh: '有内容完全相同的索引', en: 'Indexes say the same as others do' },
    nextStep: {
      zh: '保留一个，其余用 DROP INDEX CONCURRENTLY 删除',
      en: 'Keep one and drop the others (DROP INDEX CONCURRENTLY)',
    },
    query: `select array_agg(${INDEX_NAME} order by i.relname) as names, sum(i.relpages * 8192::float8) as size
              from pg_index x join pg_class i on i.oid = x.indexrelid join pg_namespace n on n.oid = i.relnamespace
             where ${OUR_SCHEMAS}
             group by x.indrelid, x.indkey::text, x.indclass::text, x.indcollation::text, x.indoption::text, i.relam,
                      coalesce(pg_get_expr(x.indexprs, x.indrelid), ''), coalesce(pg_get_expr(x.indpred, x.indrelid), '')
            having count(*) > 1 limit 100`,
    judge: (rows) => rows.map(({ names, size }) => ({ name: names.join(' = '), detail: bytes(size) })),
  },
  {
    name: 'invalid_indexes',
    severity: 'P1',
    meaning: {
      zh: '有无效的索引（并发创建失败的残留）：查询不用它，写入却要维护它',
      en: 'Indexes are invalid, left by a failed CREATE INDEX CONCURRENTLY: no query uses them, every write keeps them up',
    },
    nextStep: {
      zh: '用 REINDEX INDEX CONCURRENTLY 重建，或删除',
      en: 'Build them anew (REINDEX INDEX CONCURRENTLY) or drop them',
    },
    query: `select ${INDEX_NAME} as name, i.relpages * 8192::float8 as size
              from pg_index x join pg_class i on i.oid = x.indexrelid join pg_namespace n on n.oid = i.relnamespace
             where not x.indisvalid and ${OUR_SCHEMAS} and i.relkind = 'i'
               and not exists (select from pg_stat_progress_create_index p where p.index_relid = x.indexrelid) limit 100`,
    judge: (rows) => rows.map(({ name, size }) => ({ name, detail: bytes(size) })),
  },
  {
    name: 'foreign_keys_without_index',
    severity: 'P2',
    meaning: {
      zh: '外键列上没有索引：删除被引用的行要整表扫描',
      en: 'A foreign key has no index on its columns: each delete of what it refers to reads the whole table',
    },
    nextStep: {
      zh: '为这些列建索引（CREATE INDEX CONCURRENTLY）',
      en: 'Index those columns (CREATE INDEX CONCURRENTLY)',
    },
    query: `select format('%I.%I', n.nspname, c.relname) as name, k.conname as key, c.reltuples::float8 as live
              from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
             where k.contype = 'f' and c.reltuples >= ${REFERENCING_ROWS_MIN} and ${OUR_SCHEMAS}
               and not exists (
                 select from pg_index x
                  where x.indrelid = k.conrelid and x.indisvalid
                    and (string_to_array(x.indkey::text, ' ')::int2[])[1:cardinality(k.conkey)] @> k.conkey)
             order by c.reltuples desc limit 100`,
    judge: (rows) => rows.map(({ name, key, live }) => ({ name, detail: `${key}, ${count(live)}` })),
  },
]
