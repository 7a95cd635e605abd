import type { Capability } from '../target.ts'
import type { Kit } from './kit.ts'

/** The rows of the matrix, in both languages of the README. */
export const SUBJECTS = {
  http: { en: 'HTTP: headers, bodies, methods, problems', zh: 'HTTP：请求头、正文、方法、错误' },
  ranges: { en: 'Ranges and ETags', zh: '范围请求与 ETag' },
  events: { en: 'Server-sent events', zh: '服务器推送事件（SSE）' },
  outcomes: { en: 'The outcome table, row by row', zh: '结果表（逐行）' },
  attempts: { en: 'Attempts and dead letters', zh: '重试次数与死信' },
  batches: { en: 'Partial batches', zh: '批次中的部分失败' },
  delays: { en: 'Delays', zh: '延迟投递' },
  limits: { en: 'Size limits', zh: '大小限制' },
  duplicates: { en: 'Duplicates and order', zh: '重复与乱序' },
  cron: { en: 'Cron, fired twice as well', zh: '定时任务（含重复触发）' },
  background: { en: 'Background work', zh: '后台工作' },
  files: { en: 'Files', zh: '文件' },
  store: { en: 'Store and transactions', zh: '数据库与事务' },
  deadlines: { en: 'Deadlines and slices', zh: '时限与分片' },
  secrets: { en: 'Secrets stay out of logs, answers and files', zh: '机密不进入日志、响应与文件' },
  sandbox: { en: 'Sandbox of dynamic nodes', zh: '动态节点沙箱' },
  workflows: { en: 'Dynamic nodes and workflows', zh: '动态节点与工作流' },
  health: { en: 'Health', zh: '健康检查' },
  runners: { en: 'Several runners, one killed', zh: '多个运行器（其中一个被终止）' },
  job: { en: 'The main job', zh: '完整主任务' },
} as const

export type Subject = keyof typeof SUBJECTS

/** One behaviour that every platform shows. */
export interface Case {
  readonly subject: Subject
  /** A sentence about the platform, after "it": `answers a HEAD without a body`. */
  readonly name: string
  /** Left out where the platform declares that it lacks one of these. */
  readonly needs?: readonly Capability[]
  /** Runs when everything else is over. */
  readonly last?: true
  run(t: Kit): Promise<void>
}

/** A subject's cases, each `[name, run]` or `[name, needs, run]`. */
export function casesOf(
  subject: Subject,
  ...cases: readonly (readonly [string, Case['run']] | readonly [string, readonly Capability[], Case['run']])[]
): Case[] {
  return cases.map((one) =>
    one.length === 2 ? { subject, name: one[0], run: one[1] } : { subject, name: one[0], needs: one[1], run: one[2] },
  )
}
