import { type Command, Option } from 'commander'
import * as z from 'zod'
import { checkApi } from '../../../shared/ops/compliance/check-api.ts'
import { FINDING_SEVERITIES, type FindingSeverity, toldFindings } from '../../../shared/ops/compliance/finding.ts'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'

interface ApiCheckOptions {
  readonly severity: FindingSeverity
  readonly url?: string
  readonly json?: boolean
}

const PATH = '/api/v1/ops/api-compliance'
const REQUEST_MS_MAX = 30_000

const Compliance = z.object({
  findings: z.array(
    z.object({
      severity: z.enum(FINDING_SEVERITIES),
      endpoint: z.string(),
      rule: z.string(),
      message: z.string(),
      expected: z.string(),
      found: z.string(),
      next_step: z.string(),
    }),
  ),
  requests: z.number(),
  checked: z.array(z.string()),
  skipped: z.array(z.string()),
})

export function addApiCheckCommand(program: Command, context: CliContext): void {
  const { say } = context
  program
    .command('api-check')
    .summary(say({ zh: '检查 API 是否符合其 OpenAPI 文档', en: 'compare the API with its own description' }))
    .description(
      say({
        zh: '调用每个 GET 端点，与 /openapi.json 对照：状态、类型、响应体、错误格式；并试探不存在的 id、方法和查询参数。不改动任何数据。有发现时退出码为 1。',
        en: 'Calls every GET and compares the answers with /openapi.json: status, type, body, errors; and asks for ids, methods and filters that there are not. Changes nothing. Ends with 1 when it finds something.',
      }),
    )
    .addOption(
      new Option('--severity <severity>', say({ zh: '只报告此级别及更严重的', en: 'this severity and worse ones' }))
        .choices(FINDING_SEVERITIES)
        .default('low'),
    )
    .option('--url <url>', say({ zh: '检查另一处部署', en: 'check a deployment elsewhere' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix api-check --severity high\n  $ helix api-check --url https://helix.example.com`,
    )
    .action(async (options: ApiCheckOptions) => {
      const answer = options.url === undefined ? await askRunner(context, options) : await askAfar(context, options)
      print(context, options, answer)
      if (answer.findings.length > 0) context.finish(EXIT.failed)
    })
}

async function askRunner(context: CliContext, { severity }: ApiCheckOptions) {
  return await withApi(context, (api) => api.get(PATH, Compliance, { severity }))
}

/** From here: whatever stands between that deployment and its clients is looked at as well. */
async function askAfar(
  context: CliContext,
  { severity, url = '' }: ApiCheckOptions,
): Promise<z.infer<typeof Compliance>> {
  const [key] = (context.config().HELIX_API_KEYS ?? []).toReversed()
  const headers = {
    'Accept-Language': context.language,
    ...(key === undefined ? {} : { Authorization: `Bearer ${key.key}` }),
  }
  const { findings, ...rest } = await checkApi(
    (path, init) =>
      fetch(new URL(path, url), { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_MS_MAX) }),
    PATH,
  )
  return {
    findings: toldFindings(findings, severity, context.language),
    ...rest,
    checked: [...rest.checked],
    skipped: [...rest.skipped],
  }
}

function print({ say, output }: CliContext, { json }: ApiCheckOptions, answer: z.infer<typeof Compliance>): void {
  if (json === true) {
    output.json({ compliant: answer.findings.length === 0, ...answer })
    return
  }
  const style = output.resultStyle
  for (const { severity, endpoint, rule, message, expected, found, next_step: next } of answer.findings) {
    const paint = severity === 'critical' || severity === 'high' ? style.bad : style.warn
    output.result(`${paint(severity.padEnd(8))} ${endpoint}  ${rule}`)
    output.result(`         ${message}`)
    output.result(
      say({ zh: `         应为 ${expected}；实为 ${found}`, en: `         expected ${expected}; found ${found}` }),
    )
    output.result(`         → ${next}`)
  }
  const [asked, called] = [answer.requests, answer.checked.length]
  const good = say({
    zh: `API 与文档一致（${called} 个端点，${asked} 次请求）`,
    en: `The API is as it says (${called} endpoints, ${asked} requests)`,
  })
  const bad = say({
    zh: `${answer.findings.length} 个问题（${called} 个端点，${asked} 次请求）`,
    en: `${answer.findings.length} findings (${called} endpoints, ${asked} requests)`,
  })
  output.result(answer.findings.length === 0 ? style.good(good) : bad)
  if (answer.skipped.length > 0) {
    output.note(
      say({
        zh: `尚无数据可查而跳过：${answer.skipped.join('、')}`,
        en: `Skipped, there is nothing yet to ask for: ${answer.skipped.join(', ')}`,
      }),
    )
  }
}
