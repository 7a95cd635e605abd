import { type Command, Option } from 'commander'
import * as z from 'zod'
import { ALERT_STATUSES } from '../../../shared/ops/alerts/alerts.ts'
import { CHANNELS } from '../../../shared/ops/alerts/channels/channel.ts'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import type { Text } from '../language.ts'
import { addListOptions, integerBetween } from '../option-values.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/width.ts'

const ALERTS = '/api/v1/alerts'
const ID_MAX = Number.MAX_SAFE_INTEGER
const SILENCE_MINUTES_MAX = 30 * 24 * 60

const Alert = z.looseObject({
  id: z.number(),
  rule: z.string(),
  severity: z.string(),
  status: z.string(),
  message: z.string(),
  first_seen_at: z.string(),
  silenced_until: z.string().nullable(),
})
const Rule = z.looseObject({
  name: z.string(),
  metric: z.string(),
  comparison: z.string(),
  threshold: z.number(),
  severity: z.string(),
  for_samples: z.number(),
  response_minutes: z.number(),
  enabled: z.boolean(),
})
const Told = z.object({
  channels: z.array(z.object({ channel: z.string(), state: z.string(), reason: z.string().nullable() })),
})

const STATUS_WORDS: Readonly<Record<string, Text>> = {
  firing: { zh: '告警中', en: 'firing' },
  acknowledged: { zh: '已确认', en: 'acknowledged' },
  silenced: { zh: '已静默', en: 'silenced' },
  resolved: { zh: '已恢复', en: 'resolved' },
}
const TEST_WORDS: Readonly<Record<string, Text>> = {
  sent: { zh: '已送达', en: 'sent' },
  failed: { zh: '失败', en: 'failed' },
  not_configured: { zh: '未配置', en: 'not configured' },
  cannot: { zh: '当前平台不支持', en: 'not possible on this platform' },
}

interface JsonOption {
  readonly json?: boolean
}

export function addAlertsCommand(program: Command, context: CliContext): void {
  const { say } = context
  const alerts = program
    .command('alerts')
    .summary(say({ zh: '查看和处理告警', en: 'list alerts and see to them' }))
    .description(
      say({
        zh: '查看、确认、静默告警，查看规则，测试通知渠道。',
        en: 'Lists alerts, sees to them, shows rules and tests channels.',
      }),
    )
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix alerts list --status firing
  $ helix alerts why 12
  $ helix alerts ack 12
  $ helix alerts silence 12 --minutes 120
  $ helix alerts test --channel dingtalk`,
    )
  addList(alerts, context)
  addWhy(alerts, context)
  addAnswers(alerts, context)
  addRules(alerts, context)
  addTest(alerts, context)
}

function addList(alerts: Command, context: CliContext): void {
  const { say, output } = context
  addListOptions(
    alerts
      .command('list', { isDefault: true })
      .summary(say({ zh: '列出告警，最新的在前', en: 'list them, newest first' })),
    context,
    { statuses: ALERT_STATUSES },
  ).action(async ({ status, limit, json }: JsonOption & { status?: string; limit: number }) => {
    const Page = z.object({ alerts: z.array(Alert) })
    const page = await withApi(context, (api) => api.get(ALERTS, Page, { status, limit }))
    if (json === true) return output.json(page.alerts)
    if (page.alerts.length === 0) return output.note(say({ zh: '没有告警', en: 'There are no alerts' }))
    const titles = [
      { title: say({ zh: '编号', en: 'ID' }), align: 'right' as const },
      { title: say({ zh: '级别', en: 'SEVERITY' }) },
      { title: say({ zh: '状态', en: 'STATUS' }) },
      { title: say({ zh: '开始', en: 'SINCE' }) },
      { title: say({ zh: '规则', en: 'RULE' }) },
      { title: say({ zh: '内容', en: 'MESSAGE' }) },
    ]
    const rows = page.alerts.map((alert) => [
      String(alert.id),
      alert.severity,
      say(STATUS_WORDS[alert.status] ?? { zh: alert.status, en: alert.status }),
      alert.first_seen_at.replace('T', ' '),
      alert.rule,
      printable(alert.message),
    ])
    for (const line of renderTable(titles, rows)) output.result(line)
  })
}

function addWhy(alerts: Command, context: CliContext): void {
  const { say, output } = context
  alerts
    .command('why')
    .argument('<id>', say({ zh: '告警编号', en: 'number of the alert' }), integerBetween(context, 1, ID_MAX))
    .summary(say({ zh: '查看告警是否已通知，以及未通知的原因', en: 'show where one was told, and why not' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .action(async (id: number, { json }: JsonOption) => {
      const { channels } = await withApi(context, (api) => api.get(`${ALERTS}/${id}/deliveries`, Told))
      if (json === true) return output.json(channels)
      const titles = [{ title: say({ zh: '渠道', en: 'CHANNEL' }) }, { title: say({ zh: '原因', en: 'WHY' }) }]
      for (const line of renderTable(
        titles,
        channels.map((one) => [one.channel, printable(one.reason ?? '')]),
      ))
        output.result(line)
    })
}

function addAnswers(alerts: Command, context: CliContext): void {
  const { say, output } = context
  const number = say({ zh: '告警编号', en: 'number of the alert' })
  alerts
    .command('ack')
    .argument('<id>', number, integerBetween(context, 1, ID_MAX))
    .summary(say({ zh: '确认告警：有人在处理', en: 'say that somebody sees to it' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .action(async (id: number, { json }: JsonOption) => {
      const alert = await withApi(context, (api) => api.post(`${ALERTS}/${id}/ack`, Alert))
      if (json === true) return output.json(alert)
      output.result(say({ zh: `告警 ${id} 已确认`, en: `Alert ${id} is acknowledged` }))
    })
  alerts
    .command('silence')
    .argument('<id>', number, integerBetween(context, 1, ID_MAX))
    .summary(say({ zh: '静默告警一段时间', en: 'silence it for a while' }))
    .option(
      '-m, --minutes <number>',
      say({ zh: '多少分钟', en: 'for how many minutes' }),
      integerBetween(context, 1, SILENCE_MINUTES_MAX),
      60,
    )
    .option('--reason <text>', say({ zh: '原因（写入审计日志）', en: 'why, for the audit log' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .action(async (id: number, { minutes, reason, json }: JsonOption & { minutes: number; reason?: string }) => {
      const body = { minutes, ...(reason === undefined ? {} : { reason }) }
      const alert = await withApi(context, (api) => api.post(`${ALERTS}/${id}/silence`, Alert, body))
      if (json === true) return output.json(alert)
      const until = alert.silenced_until?.replace('T', ' ') ?? ''
      output.result(say({ zh: `告警 ${id} 静默至 ${until}`, en: `Alert ${id} is silenced until ${until}` }))
    })
}

function addRules(alerts: Command, context: CliContext): void {
  const { say, output } = context
  alerts
    .command('rules')
    .summary(say({ zh: '列出告警规则', en: 'list the rules' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .action(async ({ json }: JsonOption) => {
      const Rules = z.object({ rules: z.array(Rule) })
      const { rules } = await withApi(context, (api) => api.get(`${ALERTS}/rules`, Rules))
      if (json === true) return output.json(rules)
      const titles = [
        { title: say({ zh: '规则', en: 'RULE' }) },
        { title: say({ zh: '级别', en: 'SEVERITY' }) },
        { title: say({ zh: '条件', en: 'WHEN' }) },
        { title: say({ zh: '连续次数', en: 'IN A ROW' }), align: 'right' as const },
        { title: say({ zh: '响应（分钟）', en: 'RESPOND (MIN)' }), align: 'right' as const },
        { title: say({ zh: '启用', en: 'ON' }) },
      ]
      const rows = rules.map((rule) => [
        rule.name,
        rule.severity,
        `${rule.metric} ${rule.comparison} ${rule.threshold}`,
        String(rule.for_samples),
        String(rule.response_minutes),
        rule.enabled ? say({ zh: '是', en: 'yes' }) : say({ zh: '否', en: 'no' }),
      ])
      for (const line of renderTable(titles, rows)) output.result(line)
    })
}

function addTest(alerts: Command, context: CliContext): void {
  const { say, output } = context
  alerts
    .command('test')
    .summary(say({ zh: '向通知渠道发送测试消息', en: 'send a test message to the channels' }))
    .addOption(new Option('--channel <channel>', say({ zh: '只测试此渠道', en: 'only this one' })).choices(CHANNELS))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .action(async ({ channel, json }: JsonOption & { channel?: string }) => {
      const body = channel === undefined ? {} : { channel }
      const { channels } = await withApi(context, (api) => api.post(`${ALERTS}/test`, Told, body))
      if (json === true) output.json(channels)
      else {
        const titles = [{ title: say({ zh: '渠道', en: 'CHANNEL' }) }, { title: say({ zh: '结果', en: 'RESULT' }) }]
        const rows = channels.map(({ channel: name, state, reason }) => {
          const word = say(TEST_WORDS[state] ?? { zh: state, en: state })
          return [name, printable(reason === null ? word : `${word}: ${reason}`)]
        })
        for (const line of renderTable(titles, rows)) output.result(line)
      }
      const asked = channels.filter(({ state }) => channel !== undefined || state !== 'not_configured')
      if (asked.length === 0 || asked.some(({ state }) => state !== 'sent')) context.finish(EXIT.failed)
    })
}
