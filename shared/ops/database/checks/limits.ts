import { bytes, count, type DatabaseCheck, onServerOnly, percent, span } from '../check.ts'
import { serverAge } from '../server-time.ts'

const IDS_OF_ALL = 2_147_483_648 // transaction ids before they come round
const IDS_SHARE_MAX = 0.5
const IDS_SHARE_CRITICAL = 0.8
const SEQUENCE_SHARE_MAX = 0.75
const SEQUENCE_SHARE_CRITICAL = 0.95
const LAG_SECONDS_MAX = 60
const LAG_BYTES_MAX = 1024 ** 3
const RETAINED_BYTES_MAX = 1024 ** 3

export const LIMIT_CHECKS: readonly DatabaseCheck[] = [
  {
    name: 'transaction_ids',
    severity: 'P1',
    meaning: {
      zh: '事务号即将回卷，用尽时数据库会拒绝所有写入',
      en: 'Transaction ids are running out; when they have, the database refuses every write',
    },
    nextStep: {
      zh: '找出并结束阻碍清理的长事务、两阶段事务和复制槽，然后对整个库执行 VACUUM FREEZE',
      en: 'End what holds VACUUM back (long and prepared transactions, replication slots), then VACUUM FREEZE the database',
    },
    query: `select datname as name, age(datfrozenxid) as age from pg_database where datallowconn order by 2 desc limit 100`,
    judge: (rows) => idsRunningOut(rows),
  },
  {
    name: 'multixact_ids',
    severity: 'P1',
    meaning: {
      zh: '多事务号即将回卷，用尽时数据库会拒绝写入',
      en: 'Multixact ids are running out; when they have, the database refuses writes',
    },
    nextStep: { zh: '对整个库执行 VACUUM FREEZE', en: 'VACUUM FREEZE the database' },
    query: `select datname as name, mxid_age(datminmxid) as age from pg_database where datallowconn order by 2 desc limit 100`,
    judge: (rows) => idsRunningOut(rows),
  },
  {
    name: 'sequences_near_end',
    severity: 'P1',
    meaning: { zh: '序列即将用尽，之后的插入会失败', en: 'A sequence is near its end; inserts will fail then' },
    nextStep: {
      zh: '把列和序列改为 bigint（alter table … alter column … type bigint; alter sequence … as bigint）',
      en: 'Make the column and its sequence bigint (alter table … type bigint; alter sequence … as bigint)',
    },
    query: `select format('%I.%I', schemaname, sequencename) as name, last_value::float8 as last,
                   case when increment_by > 0 then max_value::float8 else min_value::float8 end as bound
              from pg_sequences
             where not cycle and last_value is not null
               and last_value::float8 / (case when increment_by > 0 then max_value::float8 else min_value::float8 end) > ${SEQUENCE_SHARE_MAX}
             order by 1 limit 100`,
    judge: (rows) =>
      rows.map(({ name, last, bound }) => ({
        name,
        detail: `${count(last)} / ${count(bound)} (${percent(last / bound)})`,
        ...(last / bound > SEQUENCE_SHARE_CRITICAL ? { severity: 'P0' as const } : {}),
      })),
  },
  {
    name: 'replication_lag',
    severity: 'P1',
    meaning: { zh: '备库落后太多，此时切换会丢数据', en: 'A standby is far behind: to fail over now would lose data' },
    nextStep: {
      zh: '检查备库的磁盘、网络和长查询（hot_standby_feedback）',
      en: "Look at the standby's disk, its network and its long queries",
    },
    skip: (server) => onServerOnly(server) ?? (server.standby ? 'standby' : null),
    needsStatistics: true,
    query: `select coalesce(nullif(application_name, ''), host(client_addr), 'standby') as name,
                   coalesce(extract(epoch from replay_lag), 0)::float8 as seconds,
                   coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::float8 as behind
              from pg_stat_replication limit 100`,
    judge: (rows) =>
      rows
        .filter(({ seconds, behind }) => seconds > LAG_SECONDS_MAX || behind > LAG_BYTES_MAX)
        .map(({ name, seconds, behind }) => ({ name, detail: `${span(seconds)}, ${bytes(behind)}` })),
  },
  {
    name: 'replication_slots',
    severity: 'P1',
    meaning: {
      zh: '废弃的复制槽使 WAL 无法回收，会撑满磁盘',
      en: 'A replication slot that nobody reads keeps the write-ahead log, until the disk is full',
    },
    nextStep: {
      zh: '确认不再使用后执行 pg_drop_replication_slot，并设置 max_slot_wal_keep_size',
      en: 'pg_drop_replication_slot once you know that nobody needs it; set max_slot_wal_keep_size',
    },
    skip: (server) => onServerOnly(server) ?? (server.standby ? 'standby' : null),
    query: `select slot_name as name, active, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 as kept
              from pg_replication_slots where not active limit 100`,
    judge: (rows) =>
      rows.map(({ name, kept }) => ({
        name,
        detail: bytes(kept),
        ...(kept > RETAINED_BYTES_MAX ? {} : { severity: 'P2' as const }),
      })),
  },
  {
    name: 'log_archiving',
    severity: 'P1',
    meaning: {
      zh: 'WAL 归档失败：备份已不完整，日志在磁盘上堆积',
      en: 'Archiving of the write-ahead log fails: backups have a gap and the log piles up',
    },
    nextStep: {
      zh: '查看服务器日志中 archive_command 的错误',
      en: "See in the server's log why archive_command fails",
    },
    skip: onServerOnly,
    query: `select failed_count as failed, ${serverAge('last_failed_time')} as seconds
              from pg_stat_archiver
             where last_failed_time is not null and (last_archived_time is null or last_failed_time > last_archived_time)`,
    judge: (rows) =>
      rows.map(({ failed, seconds }) => ({ name: 'archive_command', detail: `${count(failed)}, ${span(seconds)}` })),
  },
]

function idsRunningOut(rows: readonly { name: string; age: number }[]) {
  return rows
    .filter(({ age }) => age / IDS_OF_ALL > IDS_SHARE_MAX)
    .map(({ name, age }) => ({
      name,
      detail: `${count(age)} (${percent(age / IDS_OF_ALL)})`,
      ...(age / IDS_OF_ALL > IDS_SHARE_CRITICAL ? { severity: 'P0' as const } : {}),
    }))
}
