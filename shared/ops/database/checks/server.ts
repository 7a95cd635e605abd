import { bytes, count, type DatabaseCheck, onServerOnly, percent } from '../check.ts'

const HIT_SHARE_MIN = 0.95
const BLOCKS_MIN = 100_000 // 800 MB read: below that a share says nothing
const TEMPORARY_BYTES_PER_DAY_MAX = 1024 ** 3
const REQUESTED_SHARE_MAX = 0.5
const CHECKPOINTS_MIN = 20
const BUFFERS_SHARE_MIN = 0.1
const DATABASE_BYTES_MIN = 1024 ** 3
const VERSION_MIN = 140_000 // the oldest that still gets mended

export const SERVER_CHECKS: readonly DatabaseCheck[] = [
  {
    name: 'cache_hits',
    severity: 'P2',
    meaning: { zh: '缓存命中率低，大量数据要从磁盘读取', en: 'Too much is read from the disk rather than from memory' },
    nextStep: {
      zh: '调高 shared_buffers（约为内存的四分之一）或增加内存；先用 `helix perf` 看是否有缺索引的语句',
      en: 'Raise shared_buffers (a quarter of the memory) or add memory; first see with `helix perf` whether an index is missing',
    },
    query: `select blks_hit as hit, blks_read as read from pg_stat_database where datname = current_database()`,
    judge: ([row]) => {
      const all = (row?.hit ?? 0) + (row?.read ?? 0)
      const share = all < BLOCKS_MIN ? 1 : row.hit / all
      return share < HIT_SHARE_MIN ? [{ name: 'shared_buffers', detail: percent(share) }] : []
    },
  },
  {
    name: 'temporary_files',
    severity: 'P2',
    meaning: {
      zh: '排序和连接放不进内存，频繁写临时文件',
      en: 'Sorts and joins do not fit into memory and spill into temporary files',
    },
    nextStep: {
      zh: '用 `helix perf` 找出这些语句，或调高 work_mem',
      en: 'Find those statements with `helix perf`, or raise work_mem',
    },
    skip: onServerOnly,
    query: `select temp_files as files, temp_bytes as size from pg_stat_database where datname = current_database()`,
    judge: ([row], { statisticsSeconds }) => {
      const perDay = (row?.size ?? 0) / Math.max(1, statisticsSeconds / 86_400)
      return perDay > TEMPORARY_BYTES_PER_DAY_MAX
        ? [{ name: `${count(row.files)} files`, detail: `${bytes(perDay)} / d` }]
        : []
    },
  },
  {
    name: 'checkpoints_requested',
    severity: 'P2',
    meaning: {
      zh: '检查点多由 WAL 写满触发，而不是按时间触发，写入会周期性变慢',
      en: 'Checkpoints come because the log is full rather than in time: writes slow down now and then',
    },
    nextStep: { zh: '调高 max_wal_size', en: 'Raise max_wal_size' },
    skip: onServerOnly,
    query: ({ version }) =>
      version >= 170_000
        ? 'select num_timed as timed, num_requested as requested from pg_stat_checkpointer'
        : 'select checkpoints_timed as timed, checkpoints_req as requested from pg_stat_bgwriter',
    judge: ([row]) => {
      const all = row.timed + row.requested
      const share = all < CHECKPOINTS_MIN ? 0 : row.requested / all
      return share > REQUESTED_SHARE_MAX
        ? [{ name: 'checkpoints', detail: `${count(row.requested)} / ${count(all)}` }]
        : []
    },
  },
  {
    name: 'durability',
    severity: 'P0',
    meaning: {
      zh: '服务器断电后可能丢失或损坏已提交的数据',
      en: 'A power cut may lose or spoil what was committed',
    },
    nextStep: {
      zh: '打开 fsync、full_page_writes 和 synchronous_commit；fsync 曾关闭时断过电的库应从备份恢复',
      en: 'Switch fsync, full_page_writes and synchronous_commit on; restore from a backup if there was a power cut without fsync',
    },
    skip: onServerOnly,
    query: `select name, setting from pg_settings
             where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name`,
    judge: (rows) =>
      rows.map(({ name }) => ({
        name,
        detail: 'off',
        ...(name === 'synchronous_commit' ? { severity: 'P1' as const } : {}), // loses the last moments, spoils nothing
      })),
  },
  {
    name: 'checksum_failures',
    severity: 'P0',
    meaning: {
      zh: '磁盘上的数据页校验失败：数据已损坏',
      en: 'Pages on the disk fail their checksums: data is spoiled',
    },
    nextStep: {
      zh: '立即备份还能读取的数据，检查磁盘，从备份恢复',
      en: 'Back up what can still be read, check the disk, restore from a backup',
    },
    query: `select coalesce(checksum_failures, 0) as failures from pg_stat_database where datname = current_database()`,
    judge: ([row]) => ((row?.failures ?? 0) > 0 ? [{ name: 'pages', detail: count(row.failures) }] : []),
  },
  {
    name: 'no_time_limits',
    severity: 'P2',
    meaning: {
      zh: '服务器对空闲事务没有时间限制：忘记结束的事务会一直占着锁',
      en: 'The server sets no limit to idle transactions: one that was forgotten keeps its locks for ever',
    },
    nextStep: {
      zh: "执行 alter database … set idle_in_transaction_session_timeout = '5min'（Helix 自己的事务已限制为 15 秒）",
      en: "alter database … set idle_in_transaction_session_timeout = '5min' (Helix limits its own to 15 s)",
    },
    skip: onServerOnly,
    query: `select setting from pg_settings where name = 'idle_in_transaction_session_timeout' and setting = '0'`,
    judge: (rows) => rows.map(() => ({ name: 'idle_in_transaction_session_timeout', detail: '0' })),
  },
  {
    name: 'shared_buffers_small',
    severity: 'P2',
    meaning: { zh: 'shared_buffers 相对数据量太小', en: 'shared_buffers is small for so much data' },
    nextStep: {
      zh: '把 shared_buffers 调到内存的四分之一左右',
      en: 'Raise shared_buffers to about a quarter of the memory',
    },
    skip: onServerOnly,
    query: `select setting::float8 * 8192 as size from pg_settings where name = 'shared_buffers'`,
    judge: ([row], { databaseBytes }) =>
      databaseBytes > DATABASE_BYTES_MIN && row.size < BUFFERS_SHARE_MIN * databaseBytes
        ? [{ name: 'shared_buffers', detail: `${bytes(row.size)} / ${bytes(databaseBytes)}` }]
        : [],
  },
  {
    name: 'vector_missing',
    severity: 'P2',
    meaning: {
      zh: '没有 vector 扩展：向量以 real[] 保存并逐条比较，检索较慢',
      en: 'There is no vector extension: vectors are kept as real[] and compared one by one, which is slower',
    },
    nextStep: {
      zh: '安装 pgvector 后执行 create extension vector，再重新加载训练数据',
      en: 'Install pgvector, create extension vector, and load the training data again',
    },
    query: `select count(*) as n from pg_extension where extname = 'vector'`,
    judge: ([row]) => (row.n === 0 ? [{ name: 'vector', detail: '–' }] : []),
  },
  {
    name: 'extensions_outdated',
    severity: 'P2',
    meaning: { zh: '有扩展未更新到已安装的版本', en: 'Extensions are older than what is installed for them' },
    nextStep: { zh: '执行 alter extension … update', en: 'alter extension … update' },
    query: `select name, installed_version as installed, default_version as available from pg_available_extensions
             where installed_version is not null and installed_version <> default_version order by name limit 100`,
    judge: (rows) => rows.map(({ name, installed, available }) => ({ name, detail: `${installed} → ${available}` })),
  },
  {
    name: 'statements_not_counted',
    severity: 'P2',
    meaning: {
      zh: '没有 pg_stat_statements：性能分析只能看到正在执行的语句',
      en: 'Without pg_stat_statements the analysis of performance sees those statements only that run while it looks',
    },
    nextStep: {
      zh: '在 shared_preload_libraries 中加入 pg_stat_statements，重启后执行 create extension pg_stat_statements',
      en: 'Add pg_stat_statements to shared_preload_libraries, restart, and create extension pg_stat_statements',
    },
    skip: onServerOnly,
    query: `select count(*) as n from pg_extension where extname = 'pg_stat_statements'`,
    judge: ([row]) => (row.n === 0 ? [{ name: 'pg_stat_statements', detail: '–' }] : []),
  },
  {
    name: 'version_old',
    severity: 'P1',
    meaning: {
      zh: '此版本的 PostgreSQL 已停止维护，不再修补漏洞',
      en: 'This version of PostgreSQL is maintained no more: holes stay open',
    },
    nextStep: { zh: '升级到仍在维护的主版本', en: 'Upgrade to a major version that is maintained' },
    query: `select current_setting('server_version') as version`,
    judge: ([row], { version }) => (version < VERSION_MIN ? [{ name: 'server_version', detail: row.version }] : []),
  },
]
