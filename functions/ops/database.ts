import * as z from 'zod'
import { CHECK_STATUSES, checkDatabase, wordsOf } from '../../shared/ops/database/report.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'

const Query = z.strictObject({
  status: z.enum(CHECK_STATUSES).optional().meta({ description: 'Only checks that said so' }),
})

const Severity = z.enum(['P0', 'P1', 'P2'])

const CheckView = z.object({
  name: z.string(),
  status: z.enum(CHECK_STATUSES),
  severity: Severity.meta({ description: 'The worst of what was found; else that of a finding' }),
  meaning: z.string().meta({ description: 'What is so when something is found' }),
  next_step: z.string(),
  found: z.int(),
  subjects: z.array(z.object({ name: z.string(), detail: z.string(), severity: Severity })),
  reason: z.string().nullable().meta({ description: 'Why it says nothing, or what it could not see' }),
})

const Report = z.object({
  server: z.object({
    kind: z.enum(['embedded', 'server']),
    version: z.string(),
    database: z.string(),
    role: z.string(),
    sees_other_roles: z.boolean(),
    database_bytes: z.int(),
    up_seconds: z.number(),
    statistics_seconds: z.number().meta({ description: 'Since when the server counts' }),
  }),
  counts: z.object({ ok: z.int(), found: z.int(), not_seen: z.int(), not_applicable: z.int() }),
  checks: z.array(CheckView),
})

export default createFunction().get(
  '/api/v1/ops/database',
  describe({
    summary: 'The health of the store’s server: each check, what it found, what it means and what to do',
    tag: 'ops',
    answers: { 200: envelopeOf(Report) },
    problems: ['store_unavailable'],
  }),
  validate('query', Query),
  async (c) => {
    const { status } = c.req.valid('query')
    const { language } = c.var
    const { server, results } = await checkDatabase(c.env.platform)
    const checks = results.map(({ check, subjects, reason, ...result }) => ({
      name: check.name,
      status: result.status,
      severity: result.severity,
      meaning: check.meaning[language],
      next_step: check.nextStep[language],
      found: result.found,
      subjects: [...subjects],
      reason: wordsOf(reason, language),
    }))
    const counts = Object.fromEntries(
      CHECK_STATUSES.map((one) => [one, checks.filter((check) => check.status === one).length]),
    ) as z.infer<typeof Report>['counts']
    const report: z.infer<typeof Report> = {
      server: {
        kind: server.embedded ? 'embedded' : 'server',
        version: server.versionText,
        database: server.database,
        role: server.role,
        sees_other_roles: server.seesAll,
        database_bytes: server.databaseBytes,
        up_seconds: Math.round(server.upSeconds),
        statistics_seconds: Math.round(server.statisticsSeconds),
      },
      counts,
      checks: status === undefined ? checks : checks.filter((check) => check.status === status),
    }
    return c.json(succeeded(c, 'ok', report))
  },
)
