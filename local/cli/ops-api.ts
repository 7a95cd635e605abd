import * as z from 'zod'
import type { HelixApi } from './api.ts'
import type { HelixClient } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure } from './failure.ts'

const OPS = '/api/v1/ops'

const Finding = z.looseObject({
  type: z.string(),
  severity: z.string(),
  impact: z.looseObject({ scope: z.string(), system: z.string(), business: z.string(), priority: z.string() }),
  task_id: z.string(),
  execution_id: z.string().nullable(),
  file_name: z.string().nullable(),
  meaning: z.string(),
  repair: z.string(),
})
export type FindingAnswer = z.infer<typeof Finding>

const Scan = z.looseObject({
  scan_id: z.string(),
  findings: z.array(Finding),
  counts: z.record(z.string(), z.number()),
  total: z.number(),
  looked: z.looseObject({ tasks: z.number() }),
  left_out: z.array(z.object({ what: z.string(), count: z.number().nullable() })),
})
export type ScanAnswer = z.infer<typeof Scan>

const Cleanup = z.looseObject({
  cleanup_id: z.string(),
  task_id: z.string(),
  executed: z.boolean(),
  plan: z.object({
    rows: z.array(z.object({ table: z.string(), key: z.string(), action: z.string() })),
    files: z.array(z.object({ key: z.string(), size: z.number() })),
  }),
  counts: z.object({ rows: z.number(), files: z.number(), skipped: z.number() }),
  skipped: z.array(z.object({ kind: z.string(), key: z.string(), reason: z.string() })),
  verified: z.boolean().nullable(),
  findings: z.array(Finding),
  remaining: z.array(Finding),
  created_at: z.string(),
  created_by: z.string(),
  executed_at: z.string().nullable(),
  rolled_back_at: z.string().nullable(),
  can_roll_back: z.boolean(),
})
export type CleanupAnswer = z.infer<typeof Cleanup>

const Zombies = z.object({
  zombie_tasks: z.array(
    z.looseObject({
      task_id: z.string(),
      execution_id: z.string(),
      step: z.string(),
      reason: z.string(),
      silent_minutes: z.number(),
      claims: z.number(),
    }),
  ),
  status: z.string(),
})
export type ZombiesAnswer = z.infer<typeof Zombies>

const ZombieFix = z.object({
  found: z.number(),
  fixed: z.array(z.object({ task_id: z.string(), execution_id: z.string(), action: z.string() })),
})
export type ZombieFixAnswer = z.infer<typeof ZombieFix>

/** What the command line asks of operations. Each throws {CliFailure} with the problem's code. */
export function openOpsApi({ get, post }: Pick<HelixApi, 'get' | 'post'>, client: HelixClient) {
  return {
    scan: (taskId: string | undefined) => post(`${OPS}/scan`, Scan, taskId === undefined ? {} : { task_id: taskId }),
    cleanUp: (taskId: string, body: Record<string, unknown>) =>
      post(`${OPS}/cleanup/${encodeURIComponent(taskId)}`, Cleanup, body),
    cleanups: (query: Readonly<Record<string, string | number | undefined>>) =>
      get(`${OPS}/cleanups`, z.object({ cleanups: z.array(Cleanup), next_cursor: z.string().nullable() }), query),
    rollBack: (id: string, body: Record<string, unknown>) =>
      post(`${OPS}/cleanups/${encodeURIComponent(id)}/rollback`, Cleanup, body),
    /** Answered without an envelope, as the specification prints it. */
    async zombies(staleMinutes: number, minClaims: number): Promise<ZombiesAnswer> {
      const response = await client.fetch(`${OPS}/zombies?stale_minutes=${staleMinutes}&min_claims=${minClaims}`)
      const parsed = Zombies.safeParse(await response.json().catch(() => null))
      if (parsed.success) return parsed.data
      throw new CliFailure(EXIT.unreachable, 'strange_answer', `HTTP ${response.status}`)
    },
    fixZombies: (body: Record<string, unknown>) => post(`${OPS}/zombies/fix`, ZombieFix, body),
  }
}
