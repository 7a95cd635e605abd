import type { Hono } from 'hono'
import type { FunctionEnv } from '../shared/platform/platform.ts'
import checkAlerts, { cron as checkAlertsCron } from './check-alerts.ts'
import checkHealth, { cron as checkHealthCron } from './check-health.ts'
import cleanSnapshots, { cron as cleanSnapshotsCron } from './clean-snapshots.ts'
import cleanTasks, { cron as cleanTasksCron } from './clean-tasks.ts'
import foldLogs, { cron as foldLogsCron } from './fold-logs.ts'
import maintainDatabase, { cron as maintainDatabaseCron } from './maintain-database.ts'
import reportMetrics, { cron as reportMetricsCron } from './report-metrics.ts'
import scanDirtyData, { cron as scanDirtyDataCron } from './scan-dirty-data.ts'
import sweepZombies, { cron as sweepZombiesCron } from './sweep-zombies.ts'

/** A function that a clock calls: five fields in UTC, weekdays by name only. */
export interface ScheduledDefinition {
  readonly name: string
  readonly cron: string
  readonly app: Hono<FunctionEnv>
}

/**
 * Every scheduled function, a line each; those of one expression in the order in which they are called: faults are seen
 * before the sweep ends some of them. At most five distinct expressions: Cloudflare's limit.
 */
export const SCHEDULED: readonly ScheduledDefinition[] = [
  { name: 'check-health', cron: checkHealthCron, app: checkHealth },
  { name: 'sweep-zombies', cron: sweepZombiesCron, app: sweepZombies },
  { name: 'fold-logs', cron: foldLogsCron, app: foldLogs },
  { name: 'check-alerts', cron: checkAlertsCron, app: checkAlerts },
  { name: 'scan-dirty-data', cron: scanDirtyDataCron, app: scanDirtyData },
  { name: 'report-metrics', cron: reportMetricsCron, app: reportMetrics },
  { name: 'clean-snapshots', cron: cleanSnapshotsCron, app: cleanSnapshots },
  { name: 'clean-tasks', cron: cleanTasksCron, app: cleanTasks },
  { name: 'maintain-database', cron: maintainDatabaseCron, app: maintainDatabase },
]
