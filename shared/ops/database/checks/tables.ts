import { bytes, count, type DatabaseCheck, percent, span } from '../check.ts'
import { serverAge } from '../server-time.ts'

const DEAD_SHARE_MAX = 0.2
const DEAD_ROWS_MIN = 1_000 // below that a table is read in a moment however many of its rows are dead
const BLOAT_SHARE_MAX = 0.5
const BLOAT_BYTES_MIN = 10 * 1024 * 1024
const CHANGED_SHARE_MAX = 0.2
const ROWS_UNKNOWN_MIN = 1_000
const VACUUM_LATE_SECONDS = 86_400
const SCANNED_ROWS_MIN = 10_000
const SCANS_MIN = 50
const GROWTH_FACTOR_MAX = 2
const GROWTH_BYTES_MIN = 100 * 1024 * 1024

const NAME = `format('%I.%I', schemaname, relname)`

export const TABLE_CHECKS: readonly DatabaseCheck[] = [
  {
    name: 'dead_rows',
    severity: 'P2',
    meaning: {
      zh: '表里有大量死行，查询要白读它们',
      en: 'Tables hold many dead rows, which every query reads for nothing',
    },
    nextStep: {
      zh: '执行 `helix db maintain`（每晚也会自动执行）',
      en: 'Run `helix db maintain`; it also runs each night',
    },
    query: `select ${NAME} as name, n_live_tup as live, n_dead_tup as dead from pg_stat_user_tables
             where n_dead_tup >= ${DEAD_ROWS_MIN} and n_dead_tup > ${DEAD_SHARE_MAX} * (n_live_tup + n_dead_tup)
             order by n_dead_tup desc limit 100`,
    judge: (rows) =>
      rows.map(({ name, live, dead }) => ({
        name,
        detail: `${count(dead)} / ${count(live + dead)} (${percent(dead / (live + dead))})`,
      })),
  },
  {
    name: 'vacuum_late',
    severity: 'P2',
    meaning: {
      zh: '表早已达到自动清理的条件，却超过一天没有被清理',
      en: 'Tables are past the point where autovacuum should come, and it has not for more than a day',
    },
    nextStep: {
      zh: '执行 `helix db maintain`；反复出现时检查是否有长事务或废弃的复制槽，并调高 autovacuum_max_workers',
      en: 'Run `helix db maintain`; if it comes again, look for long transactions and forgotten replication slots, and raise autovacuum_max_workers',
    },
    query: `select ${NAME} as name, n_dead_tup as dead, ${serverAge('greatest(last_vacuum, last_autovacuum)')} as seconds
              from pg_stat_user_tables
             where n_dead_tup >= ${DEAD_ROWS_MIN}
               and n_dead_tup > current_setting('autovacuum_vacuum_threshold')::float8
                   + current_setting('autovacuum_vacuum_scale_factor')::float8 * n_live_tup
               and coalesce(${serverAge('greatest(last_vacuum, last_autovacuum)')}, 1e9) > ${VACUUM_LATE_SECONDS}
             order by n_dead_tup desc limit 100`,
    judge: (rows, { statisticsSeconds }) =>
      rows
        .filter(({ seconds }) => seconds !== null || statisticsSeconds > VACUUM_LATE_SECONDS)
        .map(({ name, dead, seconds }) => ({
          name,
          detail: `${count(dead)}, ${seconds === null ? '–' : span(seconds)}`,
        })),
  },
  {
    name: 'autovacuum_off',
    severity: 'P1',
    meaning: { zh: '自动清理被关闭，死行会不断累积', en: 'Autovacuum is switched off: dead rows pile up' },
    nextStep: {
      zh: '打开 autovacuum（整个服务器或该表的 autovacuum_enabled）',
      en: 'Switch autovacuum on, for the server or by autovacuum_enabled of the table',
    },
    skip: ({ embedded }) => (embedded ? 'embedded' : null),
    query: `select 'server' as name where current_setting('autovacuum') = 'off' or current_setting('track_counts') = 'off'
            union all
            select format('%I.%I', n.nspname, c.relname)
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind = 'r' and c.reloptions && array['autovacuum_enabled=false', 'autovacuum_enabled=off'] limit 100`,
    judge: (rows) => rows.map(({ name }) => ({ name, detail: 'off' })),
  },
  {
    name: 'table_bloat',
    severity: 'P2',
    meaning: {
      zh: '表的一半以上是空洞（按统计信息估算）',
      en: 'More than half of a table is empty space (estimated from its statistics)',
    },
    nextStep: {
      zh: '在维护时段执行 VACUUM FULL（会锁表），或用 pg_repack 在线整理',
      en: 'Run VACUUM FULL while nobody needs it (it locks the table), or pg_repack while they do',
    },
    query: `select format('%I.%I', n.nspname, c.relname) as name, c.relpages::float8 * 8192 as size,
                   ceil(c.reltuples * (28 + w.width) / 8168)::float8 * 8192 as needed
              from pg_class c join pg_namespace n on n.oid = c.relnamespace,
                   lateral (select coalesce(sum((1 - s.null_frac) * s.avg_width), 0)::float8 as width, count(*) as columns
                              from pg_stats s where s.schemaname = n.nspname and s.tablename = c.relname) w
             where c.relkind = 'r' and c.reltuples >= 0 and w.columns > 0 and n.nspname !~ '^(pg_|information_schema)'
               and c.relpages * 8192::float8 > ${BLOAT_BYTES_MIN} order by c.relpages desc limit 200`,
    judge: (rows) =>
      rows
        .map(({ name, size, needed }) => ({ name, size, wasted: Math.max(0, size - needed) }))
        .filter(({ size, wasted }) => wasted > BLOAT_BYTES_MIN && wasted / size > BLOAT_SHARE_MAX)
        .map(({ name, size, wasted }) => ({
          name,
          detail: `${bytes(wasted)} / ${bytes(size)} (${percent(wasted / size)})`,
        })),
  },
  {
    name: 'statistics_missing',
    severity: 'P2',
    meaning: {
      zh: '表从未收集过统计信息，查询计划只能靠猜',
      en: 'Statistics were never gathered for a table: plans of its queries are guesses',
    },
    nextStep: {
      zh: '执行 `helix db maintain`，或对这些表执行 ANALYZE',
      en: 'Run `helix db maintain`, or ANALYZE those tables',
    },
    query: `select ${NAME} as name, n_live_tup as live from pg_stat_user_tables
             where last_analyze is null and last_autoanalyze is null and n_live_tup >= ${ROWS_UNKNOWN_MIN}
               and not exists (select from pg_stats s where s.schemaname = pg_stat_user_tables.schemaname and s.tablename = relname)
             order by n_live_tup desc limit 100`,
    judge: (rows) => rows.map(({ name, live }) => ({ name, detail: count(live) })),
  },
  {
    name: 'statistics_stale',
    severity: 'P2',
    meaning: {
      zh: '收集统计信息之后，表已有很大变化',
      en: 'A table has changed much since its statistics were gathered',
    },
    nextStep: {
      zh: '执行 `helix db maintain`，或对这些表执行 ANALYZE',
      en: 'Run `helix db maintain`, or ANALYZE those tables',
    },
    query: `select ${NAME} as name, n_mod_since_analyze as changed, n_live_tup as live from pg_stat_user_tables
             where n_mod_since_analyze >= ${ROWS_UNKNOWN_MIN} and n_mod_since_analyze > ${CHANGED_SHARE_MAX} * greatest(n_live_tup, 1)
             order by n_mod_since_analyze desc limit 100`,
    judge: (rows) => rows.map(({ name, changed, live }) => ({ name, detail: `${count(changed)} / ${count(live)}` })),
  },
  {
    name: 'table_scans',
    severity: 'P2',
    meaning: {
      zh: '大表经常被整表扫描，很可能缺少索引',
      en: 'A large table is often read from end to end: most likely an index is missing',
    },
    nextStep: {
      zh: '用 `helix perf` 找出是哪些语句，为其过滤列建索引',
      en: 'See with `helix perf` which statements do so, and index the columns that they filter by',
    },
    query: `select ${NAME} as name, seq_scan as scans, seq_tup_read as read, n_live_tup as live, coalesce(idx_scan, 0) as by_index
              from pg_stat_user_tables
             where seq_scan >= ${SCANS_MIN} and seq_tup_read / seq_scan >= ${SCANNED_ROWS_MIN} and n_live_tup >= ${SCANNED_ROWS_MIN}
               and seq_scan > coalesce(idx_scan, 0) / 10
             order by seq_tup_read desc limit 100`,
    judge: (rows) =>
      rows.map(({ name, scans, read }) => ({ name, detail: `${count(scans)} × ${count(read / scans)}` })),
  },
  {
    name: 'table_growth',
    severity: 'P2',
    meaning: { zh: '表在一周内增大了一倍以上', en: 'A table has more than doubled within a week' },
    nextStep: {
      zh: '确认增长是否正常；Helix 自己的表可缩短 HELIX_TASK_KEEP_DAYS 等保留天数',
      en: "See whether that is meant; for Helix's own tables shorten HELIX_TASK_KEEP_DAYS and the like",
    },
    query: `with sizes as (
              select labels ->> 'table' as name, at, value from metric_samples where metric = 'database_table_bytes'
            )
            select last.name, first.value as first, last.value as last, extract(epoch from last.at - first.at)::float8 as seconds
              from (select distinct on (name) * from sizes order by name, at desc) last
              cross join lateral (select s.value, s.at from sizes s
                                   where s.name = last.name and s.at >= last.at - interval '8 days' order by s.at limit 1) first
             where last.value > first.value + ${GROWTH_BYTES_MIN} and last.value > first.value * ${GROWTH_FACTOR_MAX}
             order by last.value - first.value desc limit 100`,
    judge: (rows) =>
      rows.map(({ name, first, last, seconds }) => ({
        name,
        detail: `${bytes(first)} → ${bytes(last)} (${span(seconds)})`,
      })),
  },
]
