import * as z from 'zod'
import type { Cleanup } from '../../shared/ops/dirty-data/cleanup-store.ts'
import { localTime } from '../../shared/platform/clock.ts'
import type { Language } from '../../shared/platform/problems.ts'
import { FindingView, findingView } from './scan-view.ts'

const PLAN_MAX = 1_000 // rows and files that an answer names; the counts are of all

const PlannedRowView = z.object({ table: z.string(), key: z.string(), action: z.enum(['delete', 'update', 'insert']) })
const PlannedFileView = z.object({ key: z.string(), size: z.int() })
const SkippedView = z.object({ kind: z.string(), key: z.string(), reason: z.string() })

export const CleanupView = z.object({
  cleanup_id: z.string(),
  task_id: z.string(),
  executed: z.boolean(),
  plan: z.object({ rows: z.array(PlannedRowView), files: z.array(PlannedFileView) }),
  counts: z.object({ rows: z.int(), files: z.int(), skipped: z.int() }),
  skipped: z.array(SkippedView).meta({ description: 'Planned, but no longer as planned, and therefore left alone' }),
  verified: z.boolean().nullable().meta({ description: 'Whether scanning again found nothing of it; null of a plan' }),
  findings: z.array(FindingView),
  remaining: z.array(FindingView).meta({ description: 'What scanning again has found' }),
  created_at: z.string(),
  created_by: z.string(),
  executed_at: z.string().nullable(),
  executed_by: z.string().nullable(),
  reason: z.string().nullable(),
  rolled_back_at: z.string().nullable(),
  rolled_back_by: z.string().nullable(),
  can_roll_back: z.boolean(),
})

export function cleanupView(cleanup: Cleanup, language: Language, timeZone: string): z.infer<typeof CleanupView> {
  const time = (at: Date | null) => (at === null ? null : localTime(at, timeZone))
  const { plan, skipped } = cleanup
  return {
    cleanup_id: cleanup.id,
    task_id: cleanup.taskId,
    executed: cleanup.executed,
    plan: {
      rows: plan.rows.slice(0, PLAN_MAX).map(({ table, key, action }) => ({ table, key, action })),
      files: plan.files.slice(0, PLAN_MAX).map(({ key, size }) => ({ key, size })),
    },
    counts: { rows: plan.rows.length, files: plan.files.length, skipped: skipped.length },
    skipped: skipped.slice(0, PLAN_MAX),
    verified: cleanup.verified,
    findings: cleanup.findings.slice(0, PLAN_MAX).map((finding) => findingView(finding, language)),
    remaining: cleanup.remaining.slice(0, PLAN_MAX).map((finding) => findingView(finding, language)),
    created_at: localTime(cleanup.createdAt, timeZone),
    created_by: cleanup.createdBy,
    executed_at: time(cleanup.executedAt),
    executed_by: cleanup.executedBy,
    reason: cleanup.reason,
    rolled_back_at: time(cleanup.rolledBackAt),
    rolled_back_by: cleanup.rolledBackBy,
    can_roll_back: cleanup.executed && cleanup.rolledBackAt === null && cleanup.snapshotRemovedAt === null,
  }
}
