import * as z from 'zod'
import { DIRTY_TYPES } from '../../shared/ops/dirty-data/dirty-type.ts'
import type { Finding } from '../../shared/ops/dirty-data/finding.ts'
import type { Scan } from '../../shared/ops/dirty-data/scan-store.ts'
import { localTime } from '../../shared/platform/clock.ts'
import type { Language } from '../../shared/platform/problems.ts'

const Level = z.enum(['high', 'medium', 'low'])

export const FindingView = z.object({
  type: z.enum(DIRTY_TYPES),
  severity: z.enum(['P0', 'P1', 'P2']),
  impact: z.object({
    scope: z.enum(['active', 'historical', 'test']),
    system: Level,
    business: Level,
    priority: z.enum(['immediate', 'planned', 'periodic']),
  }),
  task_id: z.string(),
  execution_id: z.string().nullable(),
  file_name: z.string().nullable(),
  check: z.string(),
  meaning: z.string(),
  repair: z.string(),
})

export const ScanView = z.object({
  scan_id: z.string(),
  findings: z.array(FindingView),
  counts: z.record(z.enum(DIRTY_TYPES), z.int()),
  total: z.int(),
  started_at: z.string(),
  completed_at: z.string(),
  started_by: z.string(),
  looked: z.object({ tasks: z.int(), bytes: z.int() }),
  left_out: z.array(z.object({ what: z.enum(['tasks', 'hashes', 'folders', 'findings']), count: z.int().nullable() })),
})

export function findingView(finding: Finding, language: Language): z.infer<typeof FindingView> {
  const { type, severity, impact, taskId, executionId, fileName, check, meaning, repair } = finding
  return {
    type,
    severity,
    impact,
    task_id: taskId,
    execution_id: executionId,
    file_name: fileName,
    check,
    meaning: meaning[language],
    repair: repair[language],
  }
}

export function scanView(scan: Scan, language: Language, timeZone: string): z.infer<typeof ScanView> {
  return {
    scan_id: scan.id,
    findings: scan.findings.map((finding) => findingView(finding, language)),
    counts: scan.counts,
    total: Object.values(scan.counts).reduce((sum, count) => sum + count, 0),
    started_at: localTime(scan.startedAt, timeZone),
    completed_at: localTime(scan.completedAt, timeZone),
    started_by: scan.startedBy,
    looked: scan.looked,
    left_out: [...scan.leftOut],
  }
}
