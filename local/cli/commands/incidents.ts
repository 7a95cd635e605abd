import { type Command, InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { INCIDENT_STATUSES, type IncidentStatus } from '../../../shared/ops/incidents/incident.ts'
import { type CliContext, withApi } from '../context.ts'
import type { Text } from '../language.ts'
import { addListOptions } from '../option-values.ts'
import { renderFields, renderTable } from '../output/table.ts'
import { printable } from '../output/width.ts'

const PATH = '/api/v1/ops/incidents'

const Incident = z.object({
  id: z.number(),
  fault: z.string(),
  target: z.string(),
  severity: z.string(),
  layer: z.string(),
  status: z.enum(INCIDENT_STATUSES),
  diagnosis: z.string().nullable(),
  repair: z.string().nullable(),
  attempts: z.number(),
  outcome: z.object({ changed: z.boolean(), summary: z.object({ zh: z.string(), en: z.string() }) }).nullable(),
  facts: z.record(z.string(), z.unknown()),
  occurred_at: z.string().nullable(),
  detected_at: z.string(),
  repaired_at: z.string().nullable(),
  verified_at: z.string().nullable(),
  recovery_time_seconds: z.number().nullable(),
})
type IncidentAnswer = z.infer<typeof Incident>
const Page = z.object({ incidents: z.array(Incident) })

const STATUS_WORDS: Readonly<Record<IncidentStatus, Text>> = {
  detected: { zh: '已发现', en: 'detected' },
  diagnosed: { zh: '已诊断', en: 'diagnosed' },
  repairing: { zh: '修复中', en: 'repairing' },
  verified: { zh: '已恢复', en: 'verified' },
  escalated: { zh: '需人工处理', en: 'escalated' },
}

interface ListOptions {
  readonly status?: IncidentStatus
  readonly fault?: string
  readonly open?: boolean
  readonly limit: number
  readonly json?: boolean
}

export function addIncidentsCommand(program: Command, context: CliContext): void {
  const { say } = context
  const group = program
    .command('incidents')
    .summary(say({ zh: '查看故障事件，或立即修复', en: 'list faults that were found, or repair one now' }))
    .description(
      say({
        zh: '自动发现的故障：诊断、修复和验证结果。',
        en: 'Faults that were found by themselves, with their diagnosis, repair and verification.',
      }),
    )
  addListOptions(
    group
      .command('list', { isDefault: true })
      .summary(say({ zh: '列出故障事件', en: 'list incidents' }))
      .description(say({ zh: '列出故障事件，最新的在前。', en: 'Lists incidents, newest first.' }))
      .option('--fault <name>', say({ zh: '只列出此类故障', en: 'only this kind of fault' }))
      .option('--open', say({ zh: '只列出尚未恢复的', en: 'only those that are not over' })),
    context,
    { statuses: INCIDENT_STATUSES },
  ).action(async ({ status, fault, open, limit, json }: ListOptions) => {
    const query = { status, fault, open: open === true ? 'true' : undefined, limit }
    const { incidents } = await withApi(context, (api) => api.get(PATH, Page, query))
    if (json === true) context.output.json(incidents)
    else tellIncidents(context, incidents)
  })
  group
    .command('show <id>')
    .summary(say({ zh: '查看一个故障事件', en: 'show one incident' }))
    .description(
      say({ zh: '查看一个故障事件的诊断、修复和时间。', en: 'Shows the diagnosis, repair and times of one incident.' }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .action(async (given: string, { json }: { json?: boolean }) => {
      const incident = await withApi(context, (api) => api.get(`${PATH}/${idIn(context, given)}`, Incident))
      if (json === true) context.output.json(incident)
      else tellIncident(context, incident)
    })
  group
    .command('repair <id>')
    .summary(say({ zh: '立即修复', en: 'repair it now' }))
    .description(
      say({
        zh: '立即修复，修复风暴制动期间或自动修复未成功时也执行。',
        en: 'Repairs it now, also while the storm brake holds or after a repair that did not help.',
      }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix incidents --open\n  $ helix incidents repair 12`,
    )
    .action(async (given: string, { json }: { json?: boolean }) => {
      const id = idIn(context, given)
      const incident = await withApi(context, (api) => api.post(`${PATH}/${id}/repair`, Incident))
      if (json === true) context.output.json(incident)
      else
        context.output.result(
          say({
            zh: `已请求修复故障事件 ${id}。用 \`helix incidents show ${id}\` 查看结果。`,
            en: `The repair of ${id} was asked for. See \`helix incidents show ${id}\`.`,
          }),
        )
    })
}

/** @throws {InvalidArgumentError} for what is no number of an incident */
function idIn({ say }: CliContext, given: string): number {
  if (/^[1-9]\d{0,14}$/.test(given)) return Number(given)
  throw new InvalidArgumentError(
    say({ zh: `"${given}" 不是故障事件的编号`, en: `"${given}" is no number of an incident` }),
  )
}

function tellIncidents({ output, say, language }: CliContext, incidents: readonly IncidentAnswer[]): void {
  if (incidents.length === 0) {
    output.note(say({ zh: '没有故障事件。', en: 'There are no incidents.' }))
    return
  }
  const columns = [
    { title: say({ zh: '编号', en: 'ID' }), align: 'right' as const },
    { title: say({ zh: '级别', en: 'SEVERITY' }) },
    { title: say({ zh: '故障', en: 'FAULT' }) },
    { title: say({ zh: '状态', en: 'STATUS' }) },
    { title: say({ zh: '对象', en: 'TARGET' }) },
    { title: say({ zh: '发现时间', en: 'DETECTED' }) },
  ]
  const rows = incidents.map(({ id, severity, fault, status, target, detected_at: at }) => [
    String(id),
    severity,
    fault,
    STATUS_WORDS[status][language],
    printable(target),
    at.replace('T', ' '),
  ])
  for (const line of renderTable(columns, rows)) output.result(line)
}

function tellIncident({ output, say, language }: CliContext, incident: IncidentAnswer): void {
  const never = say({ zh: '—', en: '—' })
  const time = (at: string | null) => at?.replace('T', ' ') ?? never
  const { recovery_time_seconds: recovery, outcome } = incident
  const fields: [string, string][] = [
    [say({ zh: '故障', en: 'Fault' }), `${incident.fault} (${incident.severity}, ${incident.layer})`],
    [say({ zh: '对象', en: 'Target' }), printable(incident.target)],
    [say({ zh: '状态', en: 'Status' }), STATUS_WORDS[incident.status][language]],
    [say({ zh: '诊断', en: 'Diagnosis' }), printable(incident.diagnosis ?? never)],
    [say({ zh: '修复', en: 'Repair' }), incident.repair ?? say({ zh: '需人工处理', en: 'a person is needed' })],
    [say({ zh: '结果', en: 'Outcome' }), printable(outcome?.summary[language] ?? never)],
    [say({ zh: '未成功次数', en: 'Did not help' }), String(incident.attempts)],
    [say({ zh: '发生时间', en: 'Occurred' }), time(incident.occurred_at)],
    [say({ zh: '发现时间', en: 'Detected' }), time(incident.detected_at)],
    [say({ zh: '修复时间', en: 'Repaired' }), time(incident.repaired_at)],
    [say({ zh: '验证时间', en: 'Verified' }), time(incident.verified_at)],
    [say({ zh: '恢复用时', en: 'Recovery time' }), recovery === null ? never : `${recovery} s`],
  ]
  for (const line of renderFields(fields)) output.result(line)
}
