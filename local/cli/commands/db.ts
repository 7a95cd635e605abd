import type { Command } from 'commander'
import * as z from 'zod'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import type { Text } from '../language.ts'
import { bytesText } from '../output/units.ts'
import { printable } from '../output/width.ts'

interface DbOptions {
  readonly all?: boolean
  readonly reason?: string
  readonly json?: boolean
}

const Check = z.object({
  name: z.string(),
  status: z.enum(['ok', 'found', 'not_seen', 'not_applicable']),
  severity: z.enum(['P0', 'P1', 'P2']),
  meaning: z.string(),
  next_step: z.string(),
  found: z.number(),
  subjects: z.array(z.object({ name: z.string(), detail: z.string(), severity: z.string() })),
  reason: z.string().nullable(),
})

const Report = z.object({
  server: z.object({
    kind: z.enum(['embedded', 'server']),
    version: z.string(),
    database: z.string(),
    role: z.string(),
    sees_other_roles: z.boolean(),
    database_bytes: z.number(),
  }),
  counts: z.object({ ok: z.number(), found: z.number(), not_seen: z.number(), not_applicable: z.number() }),
  checks: z.array(Check),
})

const Tables = z.array(z.string())
const Counts = z.object({
  tables: z.number(),
  vacuumed: Tables,
  analyzed: Tables,
  skipped: Tables,
  held_back: Tables,
  left: z.number(),
  checks: z.number(),
  findings: z.number(),
})

const PATH = '/api/v1/ops/database'
const SHOWN_MAX = 5 // of what one check found; --json has more

export function addDbCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  const json = say({ zh: '以 JSON 输出', en: 'print JSON' })
  const db = program
    .command('db')
    .summary(say({ zh: '检查、维护 Helix 的数据库', en: "check the store's server and look after it" }))
    .description(
      say({
        zh: '检查 Helix 自己的数据库是否健康，或立即做每晚的维护（VACUUM、ANALYZE）。',
        en: "Checks the health of Helix's own database, or does the nightly care (VACUUM, ANALYZE) now.",
      }),
    )
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix db check
  $ helix db check --json | jq '.checks[] | select(.status == "found")'
  $ helix db maintain`,
    )
  db.command('check')
    .summary(say({ zh: '检查数据库', en: 'ask the server how it is' }))
    .option('--all', say({ zh: '也列出没有问题的检查项', en: 'list the checks that found nothing too' }))
    .option('--json', json)
    .action(async (options: DbOptions) => {
      const report = await withApi(context, (api) => api.get(PATH, Report))
      if (options.json === true) output.json(report)
      else for (const line of renderReport(report, options.all === true, context)) output.result(line)
      if (report.checks.some(({ status, severity }) => status === 'found' && severity !== 'P2')) {
        context.finish(EXIT.failed)
      }
    })
  db.command('maintain')
    .summary(say({ zh: '立即维护数据库', en: 'look after it now' }))
    .option('--reason <text>', say({ zh: '写入审计日志的原因', en: 'why, for the audit log' }))
    .option('--json', json)
    .action(async ({ reason, ...options }: DbOptions) => {
      const body = reason === undefined ? {} : { reason }
      const counts = await withApi(context, (api) => api.post(`${PATH}/maintain`, Counts, body))
      if (options.json === true) return output.json(counts)
      for (const line of renderCounts(counts, context)) output.result(line)
    })
}

type CheckAnswer = z.infer<typeof Check>

function renderReport({ server, counts, checks }: z.infer<typeof Report>, all: boolean, context: CliContext): string[] {
  const { say, output } = context
  const where =
    server.kind === 'embedded' ? say({ zh: '内嵌', en: 'embedded' }) : printable(`${server.database} (${server.role})`)
  const found = checks.filter(({ status }) => status === 'found')
  const partly = checks.filter(({ status, reason }) => status !== 'not_applicable' && reason !== null)
  const lines = [
    `PostgreSQL ${server.version}, ${where}, ${bytesText(server.database_bytes)}`,
    ...found.flatMap((check) => ['', ...renderFinding(check, context)]),
    '',
    found.length === 0
      ? output.resultStyle.good(say({ zh: '没有发现问题。', en: 'Nothing was found.' }))
      : say({ zh: `发现 ${found.length} 类问题。`, en: `${found.length} checks found something.` }),
    say({
      zh: `共 ${checks.length} 项检查：${counts.ok} 项正常，${counts.not_applicable} 项不适用，${counts.not_seen} 项无权查看。`,
      en: `${checks.length} checks: ${counts.ok} well, ${counts.not_applicable} not applicable, ${counts.not_seen} not seen.`,
    }),
    ...reasons(partly, say({ zh: '没能看到的：', en: 'Not seen:' })),
  ]
  if (!all) return lines
  const quiet = checks.filter(({ status }) => status !== 'found')
  return [...lines, '', ...quiet.map((check) => `  ${statusWord(check, context)}  ${check.name}`)]
}

/** Checks by what kept them from seeing, a line for each reason. */
function reasons(checks: readonly CheckAnswer[], title: string): string[] {
  const told = [...new Set(checks.map(({ reason }) => reason))]
  if (told.length === 0) return []
  const names = (reason: string | null) => checks.filter((check) => check.reason === reason).map(({ name }) => name)
  return ['', title, ...told.map((reason) => `  ${reason} (${names(reason).join(', ')})`)]
}

function renderFinding(check: CheckAnswer, { say, output }: CliContext): string[] {
  const { bad, faint } = output.resultStyle
  const severity = check.severity === 'P2' ? check.severity : bad(check.severity)
  const shown = check.subjects.slice(0, SHOWN_MAX)
  const rest = check.found - shown.length
  return [
    `${severity}  ${check.meaning}  ${faint(check.name)}`,
    ...shown.map(({ name, detail }) => `      ${printable(name)}  ${printable(detail)}`),
    ...(rest > 0 ? [`      ${say({ zh: `另有 ${rest} 个`, en: `${rest} more` })}`] : []),
    `    → ${check.next_step}`,
  ]
}

const STATUS_WORDS: Readonly<Record<CheckAnswer['status'], Text>> = {
  ok: { zh: '正常', en: 'well' },
  found: { zh: '有问题', en: 'found' },
  not_seen: { zh: '无权查看', en: 'not seen' },
  not_applicable: { zh: '不适用', en: 'not applicable' },
}

function statusWord({ status, reason }: CheckAnswer, { say }: CliContext): string {
  const word = say(STATUS_WORDS[status])
  return status === 'not_applicable' && reason !== null ? `${word} (${reason})` : word
}

function renderCounts(counts: z.infer<typeof Counts>, { say, output }: CliContext): string[] {
  const named = (title: Text, names: readonly string[]) =>
    names.length === 0 ? [] : [`${say(title)}${printable(names.join(', '))}`]
  const none = counts.vacuumed.length + counts.analyzed.length + counts.skipped.length + counts.held_back.length === 0
  return [
    ...(none
      ? [
          output.resultStyle.good(
            say({
              zh: `${counts.tables} 张表都不需要维护。`,
              en: `None of ${counts.tables} tables needs care.`,
            }),
          ),
        ]
      : []),
    ...named({ zh: '已清理（VACUUM）：', en: 'Vacuumed: ' }, counts.vacuumed),
    ...named({ zh: '已更新统计信息（ANALYZE）：', en: 'Analyzed: ' }, counts.analyzed),
    ...named({ zh: '被锁住，已跳过：', en: 'Locked, so skipped: ' }, counts.skipped),
    ...named({ zh: '有旧事务，死行还清不掉：', en: 'Held back by an old transaction: ' }, counts.held_back),
    ...(counts.left === 0
      ? []
      : [say({ zh: `另有 ${counts.left} 张表留到下次。`, en: `${counts.left} are left to the next run.` })]),
    ...(counts.findings === 0
      ? []
      : [
          say({
            zh: `${counts.findings} 项检查发现了问题：用 \`helix db check\` 查看。`,
            en: `${counts.findings} checks found something: see \`helix db check\`.`,
          }),
        ]),
  ]
}
