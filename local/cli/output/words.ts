import type { Text } from '../language.ts'

const STATUS_WORDS: Readonly<Record<string, Text>> = {
  pending: { zh: '待执行', en: 'pending' },
  queued: { zh: '排队中', en: 'queued' },
  running: { zh: '执行中', en: 'running' },
  in_progress: { zh: '执行中', en: 'in progress' },
  partial_completed: { zh: '部分完成', en: 'partly completed' },
  completed: { zh: '已完成', en: 'completed' },
  failed: { zh: '失败', en: 'failed' },
  cancelled: { zh: '已取消', en: 'cancelled' },
  skipped: { zh: '已跳过', en: 'skipped' },
}

/** A status as people say it; one that is not known stays as it is. */
export function statusWord(status: string): Text {
  return STATUS_WORDS[status] ?? { zh: status, en: status }
}
