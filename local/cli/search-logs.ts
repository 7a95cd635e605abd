import * as z from 'zod'
import { LogLine } from './answers.ts'
import { type CliContext, withApi } from './context.ts'
import { renderLog } from './log-text.ts'

export interface LogSearchOptions {
  readonly search?: string
  readonly from?: string
  readonly to?: string
  readonly level?: string
  readonly step?: string
  readonly limit?: number
  readonly json?: boolean
}

const FoundPage = z.object({
  logs: z.array(LogLine.extend({ task_id: z.string() })),
  next_cursor: z.string().nullish(),
})
type FoundLine = z.infer<typeof FoundPage>['logs'][number]

const LIMIT_USUAL = 100
const PAGE = 1_000 // lines of one page of the API

/** Prints the newest lines of all logs that hold a text, or of one task's; the newest last, as a log ends. */
export async function searchAllLogs(
  context: CliContext,
  taskId: string | undefined,
  options: LogSearchOptions,
): Promise<void> {
  const { output, say } = context
  const { search: q, from, to, level, step, limit = LIMIT_USUAL, json } = options
  await withApi(context, async (api) => {
    const found: FoundLine[] = []
    let cursor: string | undefined
    do {
      const query = { q, from, to, level, step, task_id: taskId, limit: Math.min(PAGE, limit - found.length), cursor }
      const page = await api.get('/api/v1/logs/search', FoundPage, query)
      found.push(...page.logs)
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined && found.length < limit)
    for (const line of found.toReversed()) {
      const text = `${output.resultStyle.faint(line.task_id)} ${renderLog(line, output.resultStyle)}`
      output.result(json === true ? JSON.stringify(line) : text)
    }
    if (json === true) return
    if (found.length === 0) output.note(say({ zh: '没有找到匹配的日志', en: 'No line of a log matches' }))
    else if (cursor !== undefined) {
      output.note(
        say({
          zh: `只显示最新的 ${found.length} 行；用 --limit 查看更多`,
          en: `These are the newest ${found.length} lines; --limit shows more`,
        }),
      )
    }
  })
}
