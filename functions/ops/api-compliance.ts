import type { Hono } from 'hono'
import * as z from 'zod'
import { checkApi } from '../../shared/ops/compliance/check-api.ts'
import { FINDING_SEVERITIES, toldFindings } from '../../shared/ops/compliance/finding.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import type { FunctionEnv } from '../../shared/platform/platform.ts'

const PATH = '/api/v1/ops/api-compliance'

const FindingView = z.object({
  severity: z.enum(FINDING_SEVERITIES),
  endpoint: z.string(),
  rule: z.string(),
  message: z.string(),
  expected: z.string(),
  found: z.string(),
  next_step: z.string(),
})

const ComplianceView = z.object({
  compliant: z.boolean(),
  findings: z.array(FindingView),
  counts: z.record(z.enum(FINDING_SEVERITIES), z.number().int()),
  requests: z.number().int(),
  checked: z.array(z.string()),
  skipped: z.array(z.string()).meta({ description: 'Endpoints for which there is nothing yet to be asked for' }),
})

const Query = z.strictObject({
  severity: z.enum(FINDING_SEVERITIES).default('low').meta({ description: 'Findings of this severity and worse ones' }),
})

/** @param app all functions as one app: this one calls them as a client would, since the manifest can't be imported from here */
export function apiCompliance(app: () => Pick<Hono<FunctionEnv>, 'request'>): Hono<FunctionEnv> {
  return createFunction().get(
    PATH,
    describe({
      summary: 'The API compared with its own description; nothing is changed',
      tag: 'ops',
      answers: { 200: envelopeOf(ComplianceView) },
    }),
    validate('query', Query),
    async (c) => {
      const key = c.req.header('Authorization')
      const headers = { 'Accept-Language': c.var.language, ...(key === undefined ? {} : { Authorization: key }) }
      const call = async (path: string, init: { readonly method: string }) =>
        await app().request(path, { ...init, headers }, { platform: c.env.platform })
      const { findings, ...rest } = await checkApi(call, PATH)
      const told = toldFindings(findings, c.req.valid('query').severity, c.var.language)
      const counts = FINDING_SEVERITIES.map((severity) => [
        severity,
        told.filter((finding) => finding.severity === severity).length,
      ])
      const compliant = told.length === 0
      return c.json(succeeded(c, 'ok', { compliant, findings: told, counts: Object.fromEntries(counts), ...rest }))
    },
  )
}
