import type { Command } from 'commander'
import * as z from 'zod'
import { connect } from '../client.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import type { Text } from '../language.ts'
import { renderFields } from '../output/table.ts'
import { printable } from '../output/width.ts'

const System = z.object({
  overall_status: z.string(),
  alerts: z.array(z.object({ id: z.number(), rule: z.string(), severity: z.string(), message: z.string() })),
  components: z.record(z.string(), z.string()),
})

export const STATUS_WORDS: Readonly<Record<string, Text>> = {
  healthy: { zh: '健康', en: 'healthy' },
  degraded: { zh: '降级', en: 'degraded' },
  unhealthy: { zh: '异常', en: 'unhealthy' },
}

export const COMPONENT_WORDS: Readonly<Record<string, Text>> = {
  database: { zh: '数据库', en: 'database' },
  api: { zh: 'API', en: 'api' },
  queue: { zh: '队列', en: 'queue' },
  files: { zh: '文件存储', en: 'files' },
  sandbox: { zh: '沙箱', en: 'sandbox' },
  sources: { zh: '数据源', en: 'sources' },
  llm: { zh: '大模型', en: 'llm' },
  scheduler: { zh: '定时任务', en: 'scheduler' },
}

export function addHealthCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('health')
    .summary(say({ zh: '查看各组件是否健康', en: 'show how the components do' }))
    .description(
      say({
        zh: '查看各组件的健康状态和未恢复的告警；系统异常时退出码为 1。',
        en: 'Shows how the components do and which alerts are open. Exits with 1 when Helix is unhealthy.',
      }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix health\n  $ helix health --json`)
    .action(async (options: { readonly json?: boolean }) => {
      const health = await readHealth(context)
      if (options.json === true) output.json(health)
      else for (const line of renderHealth(context, health)) output.result(line)
      if (health.overall_status === 'unhealthy') context.finish(EXIT.failed)
    })
}

/** Also where the answer is 503: that is what is to be shown. */
async function readHealth(context: CliContext): Promise<z.infer<typeof System>> {
  const client = await connect(context.config())
  try {
    const response = await client.fetch('/api/v1/health/system', { headers: { 'Accept-Language': context.language } })
    const parsed = System.safeParse(await response.json().catch(() => null))
    if (parsed.success) return parsed.data
    throw new CliFailure(EXIT.failed, 'strange_answer', `GET /api/v1/health/system: HTTP ${response.status}`)
  } finally {
    await client.stop()
  }
}

function renderHealth({ say }: CliContext, { overall_status, components, alerts }: z.infer<typeof System>): string[] {
  const word = (status: string) => say(STATUS_WORDS[status] ?? { zh: status, en: status })
  const name = (component: string) => say(COMPONENT_WORDS[component] ?? { zh: component, en: component })
  return [
    say({ zh: `总体：${word(overall_status)}`, en: `Overall: ${word(overall_status)}` }),
    ...renderFields(Object.entries(components).map(([component, status]) => [name(component), word(status)])),
    ...alerts.map((alert) => printable(`${alert.severity} ${alert.rule} (#${alert.id}): ${alert.message}`)),
  ]
}
