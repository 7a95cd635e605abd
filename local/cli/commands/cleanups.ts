import type { Command } from 'commander'
import { type CliContext, withApi } from '../context.ts'
import { type CleanupAnswer, openOpsApi } from '../ops-api.ts'
import { addListOptions } from '../option-values.ts'
import { renderTable } from '../output/table.ts'

interface CleanupsOptions {
  readonly task?: string
  readonly limit: number
  readonly json?: boolean
}
const LIMIT_MAX = 50 // what one page of the API holds

export function addCleanupsCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  addListOptions(
    program
      .command('cleanups')
      .summary(say({ zh: '列出清理记录', en: 'list clean-ups' }))
      .description(say({ zh: '列出清理记录，最新的在前。', en: 'Lists clean-ups, newest first.' }))
      .option('--task <task>', say({ zh: '只列出一个任务的', en: 'those of one task only' })),
    context,
    { limitMax: LIMIT_MAX },
  ).action(async ({ task, limit, json }: CleanupsOptions) => {
    const { cleanups } = await withApi(context, (api, client) =>
      openOpsApi(api, client).cleanups({ task_id: task, limit }),
    )
    if (json === true) return output.json(cleanups)
    if (cleanups.length === 0) return output.note(say({ zh: '还没有清理记录', en: 'There are no clean-ups' }))
    const columns = [
      { title: say({ zh: '清理', en: 'CLEAN-UP' }) },
      { title: say({ zh: '任务', en: 'TASK' }) },
      { title: say({ zh: '状态', en: 'STATUS' }) },
      { title: say({ zh: '行', en: 'ROWS' }), align: 'right' as const },
      { title: say({ zh: '文件', en: 'FILES' }), align: 'right' as const },
      { title: say({ zh: '时间', en: 'AT' }) },
      { title: say({ zh: '执行人', en: 'BY' }) },
    ]
    const rows = cleanups.map((cleanup) => [
      cleanup.cleanup_id,
      cleanup.task_id,
      say(statusOf(cleanup)),
      String(cleanup.counts.rows),
      String(cleanup.counts.files),
      (cleanup.executed_at ?? cleanup.created_at).replace('T', ' '),
      cleanup.created_by,
    ])
    for (const line of renderTable(columns, rows)) output.result(line)
  })
}

function statusOf({ executed, verified, rolled_back_at }: CleanupAnswer) {
  if (rolled_back_at !== null) return { zh: '已回滚', en: 'rolled back' }
  if (!executed) return { zh: '预览', en: 'plan' }
  return verified === true ? { zh: '已清理', en: 'cleaned up' } : { zh: '未通过验证', en: 'not verified' }
}
