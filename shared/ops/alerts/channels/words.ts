import { localTime } from '../../../platform/clock.ts'
import type { Language } from '../../../platform/problems.ts'
import type { AlertMessage } from './channel.ts'

const KINDS: Readonly<Record<AlertMessage['kind'], Readonly<Record<Language, string>>>> = {
  firing: { zh: '告警', en: 'Alert' },
  resolved: { zh: '已恢复', en: 'Resolved' },
  test: { zh: '测试', en: 'Test' },
}

const COMPONENTS_ZH: Readonly<Record<string, string>> = {
  database: '数据库',
  api: 'API',
  queue: '队列',
  files: '文件存储',
  sandbox: '沙箱',
  sources: '数据源',
  llm: '大模型',
  scheduler: '定时任务',
  machine: '主机',
  tasks: '任务',
  nodes: '动态节点',
  workflows: '工作流',
  system: '系统',
}

/** One line: what kind of message, how severe, and of what. */
export function titleOf({ kind, severity, component, alerts }: AlertMessage, language: Language): string {
  const name = language === 'zh' ? (COMPONENTS_ZH[component] ?? component) : component
  const count = alerts.length
  const number = language === 'zh' ? `${count} 条` : `${count} alerts`
  return `[Helix] ${KINDS[kind][language]} ${severity} · ${name}${count > 1 ? ` · ${number}` : ''}`
}

/** A line an alert: what it is, since when, and how soon to see to it, or when it was over. */
export function linesOf({ kind, alerts }: AlertMessage, language: Language, timeZone: string): string[] {
  const time = (at: Date) => localTime(at, timeZone).replace('T', ' ')
  return alerts.map((alert) => {
    const head = `${alert.severity} ${alert.rule} (#${alert.id}): ${alert.message[language]}`
    const since = time(alert.firstSeenAt)
    if (kind === 'resolved' && alert.resolvedAt !== null) {
      const over = time(alert.resolvedAt)
      return language === 'zh' ? `${head}；${since} 开始，${over} 恢复` : `${head}; from ${since} to ${over}`
    }
    if (kind === 'test') return alert.message[language]
    const minutes = alert.responseMinutes
    return language === 'zh'
      ? `${head}；${since} 开始，请在 ${minutes} 分钟内响应`
      : `${head}; since ${since}, respond within ${minutes} min`
  })
}
