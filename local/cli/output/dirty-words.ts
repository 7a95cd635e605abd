import type { Text } from '../language.ts'

const WORDS: Readonly<Record<string, Text>> = {
  active: { zh: '活跃任务', en: 'active task' },
  historical: { zh: '历史任务', en: 'past task' },
  test: { zh: '测试数据', en: 'test data' },
  high: { zh: '高', en: 'high' },
  medium: { zh: '中', en: 'medium' },
  low: { zh: '低', en: 'low' },
  immediate: { zh: '立即处理', en: 'at once' },
  planned: { zh: '计划处理', en: 'planned' },
  periodic: { zh: '定期清理', en: 'with the regular tidying' },
  delete: { zh: '删除', en: 'delete' },
  update: { zh: '修改', en: 'change' },
  insert: { zh: '新增', en: 'add' },
  changed_since_plan: { zh: '预览后已变化', en: 'changed since the plan' },
  task_is_working: { zh: '任务正在执行', en: 'the task is working' },
  silent: { zh: '长时间无心跳', en: 'silent for too long' },
  taken_again_and_again: { zh: '被反复领取', en: 'taken again and again' },
  resend: { zh: '重新发送消息', en: 'message sent again' },
  requeue: { zh: '重新排队', en: 'queued again' },
  fail: { zh: '标记为失败', en: 'failed' },
  cancel: { zh: '取消', en: 'cancelled' },
  tasks: { zh: '部分任务', en: 'some of the tasks' },
  hashes: { zh: '部分文件的哈希', en: 'the hashes of some files' },
  folders: { zh: '部分目录', en: 'some of the folders' },
  findings: { zh: '部分问题的明细', en: 'the details of some findings' },
}

/** A word of the API as people say it; one that is not known stays as it is. */
export function dirtyWord(word: string): Text {
  return WORDS[word] ?? { zh: word, en: word }
}
