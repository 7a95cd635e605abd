import type { Language } from '../../platform/problems.ts'
import type { AlertMetric } from './figures.ts'
import type { AlertRule } from './rules.ts'

type Unit = 'share' | 'seconds' | 'bytes' | 'number'

const WORDS: Readonly<Record<AlertMetric, Readonly<Record<Language, string>> & { readonly unit: Unit }>> = {
  sandbox_failure_rate: { zh: '沙箱失败率', en: 'Sandbox failures', unit: 'share' },
  node_creation_failure_rate: { zh: '节点创建失败率', en: 'Failed node creations', unit: 'share' },
  workflow_execution_time_avg: { zh: '工作流平均耗时', en: 'Mean time of a workflow run', unit: 'seconds' },
  workflow_failure_rate: { zh: '工作流失败率', en: 'Failed workflow runs', unit: 'share' },
  health_failures: { zh: '健康检查失败', en: 'The health check fails', unit: 'number' },
  http_p99_seconds: { zh: 'API 响应时间 p99', en: 'API response time, p99', unit: 'seconds' },
  http_error_rate: { zh: 'API 错误率', en: 'API errors', unit: 'share' },
  cpu_share: { zh: 'CPU 使用率', en: 'CPU use', unit: 'share' },
  memory_share: { zh: '内存使用率', en: 'Memory use', unit: 'share' },
  disk_share: { zh: '磁盘使用率', en: 'Disk use', unit: 'share' },
  task_failure_rate: { zh: '任务失败率', en: 'Failed tasks', unit: 'share' },
  schema_validation_failures: { zh: 'Schema 验证失败次数', en: 'Failed schema validations', unit: 'number' },
  queue_oldest_seconds: { zh: '队列最长等待', en: 'Oldest waiting execution', unit: 'seconds' },
  snapshot_bytes: { zh: '快照存储', en: 'Storage of snapshots', unit: 'bytes' },
  metric_sample_rows: { zh: '指标记录数', en: 'Metric samples', unit: 'number' },
  active_workflows: { zh: '活跃工作流数', en: 'Active workflows', unit: 'number' },
}

/** What is wrong, with the figure and the threshold. */
export function brokenText(
  { comparison, threshold }: AlertRule,
  metric: AlertMetric,
  value: number,
): Readonly<Record<Language, string>> {
  const { unit, zh, en } = WORDS[metric]
  const [is, limit] = [shown(unit, value), shown(unit, threshold)]
  return {
    zh: `${zh} ${is}（阈值 ${comparison} ${limit}；${metric}）`,
    en: `${en}: ${is} (threshold ${comparison} ${limit}; ${metric})`,
  }
}

function shown(unit: Unit, value: number): string {
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(1)} %`
    case 'seconds':
      return `${value.toFixed(value < 10 ? 2 : 0)} s`
    case 'bytes':
      return `${(value / 1e9).toFixed(1)} GB`
    case 'number':
      return String(Math.round(value))
  }
}
