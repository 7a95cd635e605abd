import type { MachineReading } from '../../platform/machine.ts'
import { type PerformanceFinding, percentText, type Text, secondsText as time } from './finding.ts'
import type { StatementCause, StatementFigures } from './statements.ts'

/** How one endpoint answered. */
export interface EndpointFigures {
  readonly method: string
  readonly route: string
  readonly requests: number
  readonly errors: number
  readonly meanSeconds: number
  readonly p95Seconds: number
  readonly p99Seconds: number
  readonly totalSeconds: number
}

const ENDPOINT_P99_SECONDS_MAX = 1 // the threshold of the alerts
const ERROR_SHARE_MAX = 0.05
const REQUESTS_MIN = 5
const STATEMENT_SECONDS_SLOW = 0.5
const SCAN_SECONDS_SLOW = 0.1
const CALLED_SECONDS_MIN = 10
const LOOP_MS_MAX = 100
const CPU_SHARE_MAX = 0.8

export function endpointFindings(endpoints: readonly EndpointFigures[]): PerformanceFinding[] {
  return endpoints.flatMap(({ method, route, requests, errors, p99Seconds, totalSeconds }) => {
    const subject = `${method} ${route}`
    const slow: PerformanceFinding = {
      kind: 'slow_endpoint',
      subject,
      seconds: totalSeconds,
      cause: {
        zh: `${subject} 的 99% 分位耗时 ${time(p99Seconds, 'zh')}（${requests} 次请求）：多半在等数据库，或一次取得太多`,
        en: `${subject} takes ${time(p99Seconds, 'en')} at the 99th percentile (${requests} requests): most likely it waits for the store, or asks for too much at once`,
      },
      nextStep: {
        zh: '先看下面最慢的语句和连接池；列表接口请用 limit 和 cursor 分页',
        en: 'look at the slowest statements and the pool first; page lists by limit and cursor',
      },
    }
    const failing: PerformanceFinding = {
      kind: 'failing_endpoint',
      subject,
      seconds: totalSeconds,
      cause: {
        zh: `${subject} 有 ${percentText(errors / requests)} 的请求以 5xx 结束（${errors} / ${requests}）`,
        en: `${percentText(errors / requests)} of the requests to ${subject} end in 5xx (${errors} of ${requests})`,
      },
      nextStep: {
        zh: '在运行器日志中按 request_id 查找 request.failed',
        en: 'look for request.failed in the log of the runner, by request_id',
      },
    }
    if (requests < REQUESTS_MIN) return []
    return [
      ...(p99Seconds > ENDPOINT_P99_SECONDS_MAX ? [slow] : []),
      ...(errors / requests > ERROR_SHARE_MAX ? [failing] : []),
    ]
  })
}

export function statementFindings(statements: readonly StatementFigures[]): PerformanceFinding[] {
  return statements.filter(isSlow).map(({ statement, seen, calls, totalSeconds, meanSeconds, cause }) => {
    const words = causeWords(cause)
    const [zh, en] =
      seen === 'counted'
        ? [
            `平均 ${time(meanSeconds, 'zh')}，共 ${calls} 次`,
            `It takes ${time(meanSeconds, 'en')} on average, ${calls} times`,
          ]
        : [
            `已执行 ${time(meanSeconds, 'zh')}`,
            `It ${seen === 'running' ? 'has run' : 'was seen to run'} for ${time(meanSeconds, 'en')}`,
          ]
    return {
      kind: 'slow_statement',
      subject: statement,
      seconds: totalSeconds,
      cause: { zh: `${zh}：${words.cause.zh}`, en: `${en}: ${words.cause.en}` },
      nextStep: words.nextStep,
    }
  })
}

function isSlow({ meanSeconds, totalSeconds, cause }: StatementFigures): boolean {
  if (cause.kind === 'full_scan' && meanSeconds > SCAN_SECONDS_SLOW) return true // it gets slower with each row
  return meanSeconds > STATEMENT_SECONDS_SLOW || (cause.kind === 'called_often' && totalSeconds > CALLED_SECONDS_MIN)
}

function causeWords(cause: StatementCause): { cause: Text; nextStep: Text } {
  switch (cause.kind) {
    case 'waits_for_lock': {
      const by = cause.blockedBy.join(', ')
      return {
        cause: {
          zh: `在等别的会话${by === '' ? '' : `（pid ${by}）`}持有的锁`,
          en: `it waits for a lock that another session holds${by === '' ? '' : ` (pid ${by})`}`,
        },
        nextStep: {
          zh: '用 `helix db check` 查看锁等待；持锁者是 Helix 的会话时会被自动结束',
          en: 'see the lock waits with `helix db check`; a holder of Helix is ended by itself',
        },
      }
    }
    case 'sleeps':
      return {
        cause: { zh: '它在 pg_sleep 里故意等待', en: 'it sleeps on purpose (pg_sleep)' },
        nextStep: {
          zh: '找到调用者；不需要时取消它',
          en: 'find who asked for that, and cancel it where nobody needs it',
        },
      }
    case 'full_scan': {
      const rows = Math.round(cause.rows).toLocaleString('en-US')
      return {
        cause: {
          zh: `整表扫描 ${cause.table}（约 ${rows} 行）${cause.filter === null ? '' : `，过滤条件 ${cause.filter} 没有可用的索引`}`,
          en: `it reads the whole of ${cause.table} (about ${rows} rows)${cause.filter === null ? '' : `: no index serves ${cause.filter}`}`,
        },
        nextStep:
          cause.filter === null
            ? { zh: '只取需要的行，或改为增量读取', en: 'ask for the rows that are needed only' }
            : {
                zh: `为 ${cause.table} 上该条件用到的列建索引（CREATE INDEX CONCURRENTLY）`,
                en: `index the columns of that condition on ${cause.table} (CREATE INDEX CONCURRENTLY)`,
              },
      }
    }
    case 'spills':
      return {
        cause: {
          zh: '排序或哈希放不进内存，写了临时文件',
          en: 'its sort or hash does not fit into memory and spills to disk',
        },
        nextStep: {
          zh: '调高 work_mem，或建立能免去排序的索引',
          en: 'raise work_mem, or index so that nothing is sorted',
        },
      }
    case 'reads_disk':
      return {
        cause: {
          zh: `${percentText(cause.share)} 的数据块要从磁盘读`,
          en: `${percentText(cause.share)} of its blocks come from the disk`,
        },
        nextStep: { zh: '调高 shared_buffers，或让它少读一些数据', en: 'raise shared_buffers, or let it read less' },
      }
    case 'many_rows':
      return {
        cause: { zh: `每次返回约 ${cause.rows} 行`, en: `it answers about ${cause.rows} rows each time` },
        nextStep: { zh: '分页读取（limit、cursor）', en: 'read it page by page (limit, cursor)' },
      }
    case 'called_often':
      return {
        cause: {
          zh: `单次很快，但调用了 ${cause.calls} 次`,
          en: `each is fast, but it was asked ${cause.calls} times`,
        },
        nextStep: { zh: '合并调用，或缓存结果', en: 'ask for many at once, or keep the answer' },
      }
    case 'waits':
      return {
        cause: { zh: `它在等待 ${cause.for}`, en: `it waits for ${cause.for}` },
        nextStep: {
          zh: '在 PostgreSQL 手册 "Wait Events" 一节查看该等待的含义',
          en: 'see in PostgreSQL’s manual, "Wait Events", what that is',
        },
      }
    case 'computes':
      return {
        cause: { zh: '服务器一直在计算', en: 'the server computes all that time' },
        nextStep: {
          zh: '用 EXPLAIN (ANALYZE, BUFFERS) 查看它的计划',
          en: 'look at its plan with EXPLAIN (ANALYZE, BUFFERS)',
        },
      }
  }
}

export function machineFindings(
  { pool, eventLoopDelayMs, cpuShare }: MachineReading,
  store: 'embedded' | 'server',
): PerformanceFinding[] {
  const findings: PerformanceFinding[] = []
  if (pool !== null && pool.waiting > 0) {
    const held = pool.longestCheckout
    const [zh, en] =
      held === null
        ? ['', '']
        : [
            `；占用最久的是 ${held.place}（${time(held.ms / 1000, 'zh')}）`,
            `; the longest is held by ${held.place} (${time(held.ms / 1000, 'en')})`,
          ]
    findings.push({
      kind: 'pool_exhausted',
      subject: 'pool',
      seconds: (held?.ms ?? 0) / 1000,
      cause: {
        zh: `连接池已用尽：${pool.max} 个连接都在使用，${pool.waiting} 个请求在等${zh}`,
        en: `All ${pool.max} connections of the pool are out and ${pool.waiting} callers wait${en}`,
      },
      nextStep: {
        zh: '先解决最慢的语句；仍不够时增加运行器，而不是加大连接池',
        en: 'see to the slowest statements first; then start more runners rather than larger pools',
      },
    })
  }
  if ((eventLoopDelayMs ?? 0) > LOOP_MS_MAX || (cpuShare ?? 0) > CPU_SHARE_MAX) {
    findings.push({
      kind: 'busy_process',
      subject: 'runner',
      seconds: (eventLoopDelayMs ?? 0) / 1000,
      cause: {
        zh: `机器在全力计算：CPU ${percentText(cpuShare ?? 0)}，事件循环迟到 ${Math.round(eventLoopDelayMs ?? 0)} 毫秒`,
        en: `The machine computes all it can: CPU at ${percentText(cpuShare ?? 0)}, the event loop is ${Math.round(eventLoopDelayMs ?? 0)} ms late`,
      },
      nextStep: {
        zh: `调低 HELIX_STEPS_PER_RUNNER，${store === 'server' ? '或在另一台机器上增加运行器' : '或改用独立的 Postgres 服务器，再在另一台机器上增加运行器'}`,
        en: `lower HELIX_STEPS_PER_RUNNER, or ${store === 'server' ? '' : 'move from the embedded database to a server and '}start a runner on another machine`,
      },
    })
  }
  return findings
}
