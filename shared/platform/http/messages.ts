import type { Language } from '../problems.ts'

/** What an answer says to a person, by what was done. */
export const MESSAGES = {
  task_created: { zh: '任务创建成功', en: 'Task created' },
  step_started: { zh: '步骤执行已启动', en: 'Step started' },
  step_queued: { zh: '步骤已进入队列', en: 'Step queued' },
  workflow_started: { zh: '完整工作流执行已启动', en: 'Complete workflow started' },
  workflow_queued: { zh: '完整工作流已进入队列', en: 'Complete workflow queued' },
  task_resumed: { zh: '任务已继续执行', en: 'Task resumed' },
  task_cancelled: { zh: '任务已取消', en: 'Task cancelled' },
  cancel_requested: {
    zh: '已请求取消，正在执行的步骤将在当前条目处理完后停止',
    en: 'Cancellation requested; the step stops after the item in hand',
  },
  task_deleted: { zh: '任务已删除', en: 'Task deleted' },
  pair_changed: { zh: '问答对已更新', en: 'Pair changed' },
  item_deleted: { zh: '训练数据已删除', en: 'Training item deleted' },
  node_created: { zh: '节点已创建', en: 'Node created' },
  node_exists: { zh: '该版本已存在，内容相同', en: 'This version exists already, with the same content' },
  node_deleted: { zh: '节点已删除', en: 'Node deleted' },
  node_valid: { zh: '节点定义有效', en: 'The definition is valid' },
  node_not_valid: { zh: '节点定义无效', en: 'The definition is not valid' },
  trial_passed: { zh: '试运行通过', en: 'The trial passed' },
  trial_not_passed: { zh: '试运行未通过', en: 'The trial failed' },
  decided: { zh: '已作出决策', en: 'Decided' },
  repair_asked: { zh: '已请求修复', en: 'Repair asked for' },
  settings_changed: { zh: '设置已更新', en: 'Settings changed' },
  source_reachable: { zh: '数据源连接正常', en: 'The source answers' },
  workflow_created: { zh: '工作流创建成功', en: 'Workflow created' },
  workflow_changed: { zh: '工作流已更新', en: 'Workflow changed' },
  workflow_unchanged: { zh: '工作流没有变化', en: 'The workflow says the same already' },
  workflow_valid: { zh: '工作流有效', en: 'The workflow is valid' },
  workflow_invalid: { zh: '工作流无效', en: 'The workflow is not valid' },
  snapshot_created: { zh: '快照已创建', en: 'Snapshot taken' },
  workflow_rolled_back: { zh: '工作流已回滚', en: 'Workflow rolled back' },
  workflows_rolled_back: { zh: '批量回滚完成', en: 'Workflows rolled back' },
  database_maintained: { zh: '数据库维护完成', en: 'The store was looked after' },
  ok: { zh: '查询成功', en: 'OK' },
} as const satisfies Record<string, Record<Language, string>>

export type MessageCode = keyof typeof MESSAGES
