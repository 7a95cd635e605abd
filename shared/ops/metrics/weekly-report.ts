import * as z from 'zod'
import { localTime } from '../../platform/clock.ts'
import type { Platform } from '../../platform/platform.ts'
import { nodeMetrics, RATE_NAMES, type Rate } from './node-metrics.ts'

const WEEK_MS = 7 * 24 * 60 * 60_000

const Counted = z.object({ success: z.int(), failure: z.int() })
const RateView = z.object({ value: z.number().nullable(), of: z.int().meta({ description: 'Over how many' }) })

/** What dynamic nodes and workflows did in a week. */
export const WeeklyReport = z.object({
  from: z.string(),
  to: z.string(),
  rates: z.record(z.enum(RATE_NAMES), RateView).meta({ description: 'Of the week' }),
  totals: z
    .object({ node_creations: Counted, sandbox_executions: Counted, workflow_executions: Counted, rollbacks: z.int() })
    .meta({ description: 'Since the beginning' }),
  capacity: z.object({
    snapshots: z.int(),
    active_workflows: z.int(),
    active_workflows_max: z.int().meta({ description: 'Where more machines are advised' }),
  }),
})
export type WeeklyReport = z.infer<typeof WeeklyReport>

const ACTIVE_WORKFLOWS_MAX = 1_000 // the runbook's threshold

export async function weeklyReport({ store, clock }: Platform): Promise<WeeklyReport> {
  const to = clock.now()
  const from = new Date(to.getTime() - WEEK_MS)
  const metrics = await nodeMetrics(store, from)
  return {
    from: localTime(from, clock.timeZone),
    to: localTime(to, clock.timeZone),
    rates: Object.fromEntries(RATE_NAMES.map((name) => [name, metrics.rates[name]])) as Record<
      (typeof RATE_NAMES)[number],
      Rate
    >,
    totals: {
      node_creations: metrics.creations,
      sandbox_executions: metrics.sandboxRuns,
      workflow_executions: metrics.workflowRuns,
      rollbacks: metrics.rollbacks,
    },
    capacity: {
      snapshots: metrics.snapshots,
      active_workflows: metrics.activeWorkflows,
      active_workflows_max: ACTIVE_WORKFLOWS_MAX,
    },
  }
}

/** The file of a report: one a day. */
export function reportName({ to }: WeeklyReport): string {
  return `reports/weekly_${to.slice(0, 10)}.json`
}
