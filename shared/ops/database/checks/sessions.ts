import { count, type DatabaseCheck, onServerOnly, percent, span } from '../check.ts'
import { serverAge } from '../server-time.ts'
import { statementShape } from '../statement-shape.ts'

const CONNECTION_SHARE_MAX = 0.8 // a burst of one runner (20 connections) still fits a usual server of 100
const CONNECTION_SHARE_CRITICAL = 0.95
const CONNECTIONS_MIN = 40 // two runners with a full pool each
const IDLE_SECONDS_MAX = 60 // Helix's own are ended after 15 s by the server
const TRANSACTION_SECONDS_MAX = 300
const WAIT_SECONDS_MAX = 15

const who = (row: { pid: number; user_name: string | null; application: string | null }) =>
  `pid ${row.pid} (${[row.user_name, row.application].filter((part) => part !== null && part !== '').join(', ')})`

const SESSION = `s.pid, s.usename as user_name, s.application_name as application, left(s.query, 500) as query`

export const SESSION_CHECKS: readonly DatabaseCheck[] = [
  {
    name: 'connections_near_limit',
    severity: 'P1',
    meaning: {
      zh: '连接数接近上限，新的连接将被拒绝',
      en: 'The server has few connections left; the next ones will be refused',
    },
    nextStep: {
      zh: '找出占用连接最多的应用，缩小其连接池，在前面加 PgBouncer（事务模式），或调高 max_connections',
      en: 'See who holds them, make their pools smaller, put PgBouncer (transaction mode) in front, or raise max_connections',
    },
    skip: onServerOnly,
    query: `select count(*) filter (where backend_type = 'client backend') as used from pg_stat_activity`,
    judge: ([row], { settings }) => {
      const max = Number(settings.max_connections) - Number(settings.superuser_reserved_connections ?? 0)
      const share = row.used / max
      if (share < CONNECTION_SHARE_MAX) return []
      const detail = `${row.used} / ${max} (${percent(share)})`
      return [
        { name: 'connections', detail, ...(share >= CONNECTION_SHARE_CRITICAL ? { severity: 'P0' as const } : {}) },
      ]
    },
  },
  {
    name: 'connections_too_few',
    severity: 'P2',
    meaning: {
      zh: 'max_connections 太小，容不下两个运行器的连接池',
      en: 'max_connections has no room for the pools of two runners',
    },
    nextStep: {
      zh: `把 max_connections 调到 ${CONNECTIONS_MIN} 以上，或通过 PgBouncer 连接`,
      en: `Raise max_connections to ${CONNECTIONS_MIN} or more, or connect through PgBouncer`,
    },
    skip: onServerOnly,
    query: `select current_setting('max_connections')::int as max`,
    judge: ([row]) => (row.max < CONNECTIONS_MIN ? [{ name: 'max_connections', detail: String(row.max) }] : []),
  },
  {
    name: 'idle_in_transaction',
    severity: 'P1',
    meaning: {
      zh: '有会话开着事务却什么也不做：它占着锁，也使 VACUUM 无法清理死行',
      en: 'A session holds a transaction and does nothing: its locks stay, and VACUUM can not remove what died since',
    },
    nextStep: {
      zh: 'Helix 自己的会话会被自动结束；其他应用的会话请联系其负责人，或设置 idle_in_transaction_session_timeout',
      en: "Helix ends its own by itself; ask the owner of another's, or set idle_in_transaction_session_timeout",
    },
    skip: onServerOnly,
    needsStatistics: true,
    query: `select ${SESSION}, ${serverAge('s.state_change')} as seconds
              from pg_stat_activity s
             where s.datname = current_database() and s.state like 'idle in transaction%'
               and ${serverAge('s.state_change')} > ${IDLE_SECONDS_MAX}
             order by s.state_change limit 100`,
    judge: (rows) =>
      rows.map((row) => ({ name: who(row), detail: `${span(row.seconds)}: ${statementShape(row.query)}` })),
  },
  {
    name: 'long_transactions',
    severity: 'P2',
    meaning: {
      zh: '有事务已经运行很久，期间的死行都无法清理',
      en: 'A transaction has been open for long; nothing that died since can be removed',
    },
    nextStep: {
      zh: '确认它仍有必要；没有必要时用 pg_terminate_backend 结束',
      en: 'See whether it is still needed; end it with pg_terminate_backend where it is not',
    },
    skip: onServerOnly,
    needsStatistics: true,
    query: `select ${SESSION}, ${serverAge('s.xact_start')} as seconds
              from pg_stat_activity s
             where s.xact_start is not null and s.backend_type = 'client backend' and s.pid <> pg_backend_pid()
               and ${serverAge('s.xact_start')} > ${TRANSACTION_SECONDS_MAX}
             order by s.xact_start limit 100`,
    judge: (rows) =>
      rows.map((row) => ({ name: who(row), detail: `${span(row.seconds)}: ${statementShape(row.query)}` })),
  },
  {
    name: 'lock_waits',
    severity: 'P1',
    meaning: { zh: '有语句在长时间等待别人持有的锁', en: 'Statements wait for long for locks that others hold' },
    nextStep: {
      zh: '处理排在最前面的会话（blocked_by）：若是 Helix 自己的，会被自动结束',
      en: 'See to the session at the head (blocked by): one of Helix is ended by itself',
    },
    skip: onServerOnly,
    needsStatistics: true,
    query: `select ${SESSION}, ${serverAge('s.query_start')} as seconds, pg_blocking_pids(s.pid) as blocked_by
              from pg_stat_activity s
             where s.wait_event_type = 'Lock' and s.datname = current_database()
               and ${serverAge('s.query_start')} > ${WAIT_SECONDS_MAX}
             order by s.query_start limit 100`,
    judge: (rows) =>
      rows.map((row) => ({
        name: who(row),
        detail: `${span(row.seconds)}, blocked by ${row.blocked_by.join(', ')}: ${statementShape(row.query)}`,
      })),
  },
  {
    name: 'deadlocks',
    severity: 'P2',
    meaning: { zh: '经常发生死锁', en: 'Deadlocks happen often' },
    nextStep: {
      zh: '在服务器日志中查看 "deadlock detected"，让相关应用按同一顺序加锁',
      en: 'Look for "deadlock detected" in the server log, and have those who lock do so in one order',
    },
    skip: onServerOnly,
    query: `select deadlocks from pg_stat_database where datname = current_database()`,
    judge: ([row], { statisticsSeconds }) => {
      const perDay = (row?.deadlocks ?? 0) / Math.max(1, statisticsSeconds / 86_400)
      return perDay >= 1 ? [{ name: 'deadlocks', detail: `${count(row.deadlocks)} (${perDay.toFixed(1)} / d)` }] : []
    },
  },
  {
    name: 'prepared_transactions',
    severity: 'P1',
    meaning: {
      zh: '有两阶段提交的事务一直没有结束，它占着锁',
      en: 'A prepared transaction was never ended; it holds its locks',
    },
    nextStep: {
      zh: '用 COMMIT PREPARED 或 ROLLBACK PREPARED 结束它',
      en: 'End it with COMMIT PREPARED or ROLLBACK PREPARED',
    },
    query: `select gid, ${serverAge('prepared')} as seconds from pg_prepared_xacts
             where database = current_database() and ${serverAge('prepared')} > ${TRANSACTION_SECONDS_MAX} limit 100`,
    judge: (rows) => rows.map((row) => ({ name: row.gid, detail: span(row.seconds) })),
  },
]
