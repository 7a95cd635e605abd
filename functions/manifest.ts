import type { Hono } from 'hono'
import type { FunctionEnv } from '../shared/platform/platform.ts'
import acknowledgeAlertFunction from './alerts/acknowledge.ts'
import clearAlertsFunction from './alerts/clear.ts'
import alertDeliveriesFunction from './alerts/deliveries.ts'
import listAlertsFunction from './alerts/list.ts'
import alertRulesFunction from './alerts/rules.ts'
import setAlertRuleFunction from './alerts/set-rule.ts'
import silenceAlertFunction from './alerts/silence.ts'
import testAlertsFunction from './alerts/test.ts'
import { createApp } from './app.ts'
import decideFunction from './coordinator/decide.ts'
import dynamicNodesHealthFunction from './health/dynamic-nodes.ts'
import healthFunction from './health/health.ts'
import liveFunction from './health/live.ts'
import readyFunction from './health/ready.ts'
import systemHealthFunction from './health/system.ts'
import createJobFunction from './jobs/create.ts'
import listJobsFunction from './jobs/list.ts'
import readJobFunction from './jobs/read.ts'
import searchLogsFunction from './logs/search.ts'
import dashboardFunction from './meta/dashboard.ts'
import docsFunction from './meta/docs.ts'
import homeFunction from './meta/home.ts'
import metricSamplesFunction from './meta/metric-samples.ts'
import metricsFunction from './meta/metrics.ts'
import { openApi } from './meta/openapi.ts'
import portDiscoveryFunction from './meta/port-discovery.ts'
import weeklyReportFunction from './meta/weekly-report.ts'
import createNodeFunction from './nodes/create.ts'
import deleteNodeFunction from './nodes/delete.ts'
import listNodesFunction from './nodes/list.ts'
import readNodeFunction from './nodes/read.ts'
import tryDefinitionFunction from './nodes/trial.ts'
import tryNodeFunction from './nodes/trial-by-name.ts'
import validateNodeFunction from './nodes/validate.ts'
import { apiCompliance } from './ops/api-compliance.ts'
import askForRepairFunction from './ops/ask-for-repair.ts'
import auditFunction from './ops/audit.ts'
import changeSettingsFunction from './ops/change-settings.ts'
import cleanUpFunction from './ops/cleanup.ts'
import listCleanupsFunction from './ops/cleanups.ts'
import databaseFunction from './ops/database.ts'
import deadLettersFunction from './ops/dead-letters.ts'
import fixZombiesFunction from './ops/fix-zombies.ts'
import listIncidentsFunction from './ops/incidents.ts'
import maintainDatabaseFunction from './ops/maintain-database.ts'
import performanceFunction from './ops/performance.ts'
import readIncidentFunction from './ops/read-incident.ts'
import redriveFunction from './ops/redrive.ts'
import repairIncidentFunction from './ops/repair-incident.ts'
import rollBackCleanupFunction from './ops/roll-back-cleanup.ts'
import scanFunction from './ops/scan.ts'
import listScansFunction from './ops/scans.ts'
import settingsFunction from './ops/settings.ts'
import zombiesFunction from './ops/zombies.ts'
import listSourcesFunction from './sources/list.ts'
import listTablesFunction from './sources/tables.ts'
import testSourceFunction from './sources/test.ts'
import ddlGenerationFunction from './steps/ddl-generation.ts'
import qaGenerationFunction from './steps/qa-generation.ts'
import sqlValidationFunction from './steps/sql-validation.ts'
import trainingLoadFunction from './steps/training-load.ts'
import activeTaskFunction from './tasks/active.ts'
import archiveFunction from './tasks/archive.ts'
import cancelTaskFunction from './tasks/cancel.ts'
import createTaskFunction from './tasks/create.ts'
import deleteTaskFunction from './tasks/delete.ts'
import downloadFunction from './tasks/download.ts'
import editPairFunction from './tasks/edit-pair.ts'
import taskEventsFunction from './tasks/events.ts'
import executeStepFunction from './tasks/execute.ts'
import executeCompleteFunction from './tasks/execute-complete.ts'
import listExecutionsFunction from './tasks/executions.ts'
import listFilesFunction from './tasks/files.ts'
import listTasksFunction from './tasks/list.ts'
import readLogsFunction from './tasks/logs.ts'
import exportLogsFunction from './tasks/logs-export.ts'
import listPairsFunction from './tasks/pairs.ts'
import previewFunction from './tasks/preview.ts'
import readTaskFunction from './tasks/read.ts'
import resumeTaskFunction from './tasks/resume.ts'
import deleteItemFunction from './training/delete-item.ts'
import listItemsFunction from './training/items.ts'
import searchTrainingFunction from './training/search.ts'
import trainingStatsFunction from './training/stats.ts'
import createWorkflowFunction from './workflows/create.ts'
import deleteWorkflowFunction from './workflows/delete.ts'
import workflowGraphFunction from './workflows/graph.ts'
import listWorkflowsFunction from './workflows/list.ts'
import readWorkflowFunction from './workflows/read.ts'
import replaceWorkflowFunction from './workflows/replace.ts'
import rollBackFunction from './workflows/roll-back.ts'
import rollBackSinceFunction from './workflows/roll-back-since.ts'
import runWorkflowFunction from './workflows/run.ts'
import workflowEndFunction from './workflows/run-end.ts'
import workflowNodeFunction from './workflows/run-node.ts'
import workflowStartFunction from './workflows/run-start.ts'
import listSnapshotsFunction from './workflows/snapshots.ts'
import takeSnapshotFunction from './workflows/take-snapshot.ts'
import validateWorkflowFunction from './workflows/validate.ts'

/** One function: a Hono app and what calls it. Queue functions have no public route. */
export interface FunctionDefinition {
  /** Kebab-case; a queue's messages name their function so. */
  readonly name: string
  readonly trigger: 'http' | 'queue'
  readonly app: Hono<FunctionEnv>
}

/** A line for each function. Fixed paths come before those with parameters. */
const DESCRIBED: readonly FunctionDefinition[] = [
  { name: 'create-task', trigger: 'http', app: createTaskFunction },
  { name: 'execute-complete', trigger: 'http', app: executeCompleteFunction },
  { name: 'execute-step', trigger: 'http', app: executeStepFunction },
  { name: 'cancel-task', trigger: 'http', app: cancelTaskFunction },
  { name: 'resume-task', trigger: 'http', app: resumeTaskFunction },
  { name: 'delete-task', trigger: 'http', app: deleteTaskFunction },
  { name: 'list-tasks', trigger: 'http', app: listTasksFunction },
  { name: 'active-task', trigger: 'http', app: activeTaskFunction },
  { name: 'read-task', trigger: 'http', app: readTaskFunction },
  { name: 'list-executions', trigger: 'http', app: listExecutionsFunction },
  { name: 'read-logs', trigger: 'http', app: readLogsFunction },
  { name: 'export-logs', trigger: 'http', app: exportLogsFunction },
  { name: 'task-events', trigger: 'http', app: taskEventsFunction },
  { name: 'list-files', trigger: 'http', app: listFilesFunction },
  { name: 'archive-files', trigger: 'http', app: archiveFunction },
  { name: 'preview-file', trigger: 'http', app: previewFunction },
  { name: 'download-file', trigger: 'http', app: downloadFunction },
  { name: 'list-pairs', trigger: 'http', app: listPairsFunction },
  { name: 'edit-pair', trigger: 'http', app: editPairFunction },
  { name: 'list-sources', trigger: 'http', app: listSourcesFunction },
  { name: 'list-tables', trigger: 'http', app: listTablesFunction },
  { name: 'test-source', trigger: 'http', app: testSourceFunction },
  { name: 'search-training', trigger: 'http', app: searchTrainingFunction },
  { name: 'training-stats', trigger: 'http', app: trainingStatsFunction },
  { name: 'list-items', trigger: 'http', app: listItemsFunction },
  { name: 'delete-item', trigger: 'http', app: deleteItemFunction },
  { name: 'decide', trigger: 'http', app: decideFunction },
  { name: 'validate-node', trigger: 'http', app: validateNodeFunction },
  { name: 'try-definition', trigger: 'http', app: tryDefinitionFunction },
  { name: 'create-node', trigger: 'http', app: createNodeFunction },
  { name: 'list-nodes', trigger: 'http', app: listNodesFunction },
  { name: 'read-node', trigger: 'http', app: readNodeFunction },
  { name: 'delete-node', trigger: 'http', app: deleteNodeFunction },
  { name: 'try-node', trigger: 'http', app: tryNodeFunction },
  { name: 'settings', trigger: 'http', app: settingsFunction },
  { name: 'change-settings', trigger: 'http', app: changeSettingsFunction },
  { name: 'database', trigger: 'http', app: databaseFunction },
  { name: 'performance', trigger: 'http', app: performanceFunction },
  { name: 'maintain-database-now', trigger: 'http', app: maintainDatabaseFunction },
  { name: 'scan', trigger: 'http', app: scanFunction },
  { name: 'list-scans', trigger: 'http', app: listScansFunction },
  { name: 'clean-up', trigger: 'http', app: cleanUpFunction },
  { name: 'list-cleanups', trigger: 'http', app: listCleanupsFunction },
  { name: 'roll-back-cleanup', trigger: 'http', app: rollBackCleanupFunction },
  { name: 'zombies', trigger: 'http', app: zombiesFunction },
  { name: 'fix-zombies', trigger: 'http', app: fixZombiesFunction },
  { name: 'list-dead-letters', trigger: 'http', app: deadLettersFunction },
  { name: 'redrive-dead-letter', trigger: 'http', app: redriveFunction },
  { name: 'audit', trigger: 'http', app: auditFunction },
  { name: 'create-workflow', trigger: 'http', app: createWorkflowFunction },
  { name: 'list-workflows', trigger: 'http', app: listWorkflowsFunction },
  { name: 'roll-back-since', trigger: 'http', app: rollBackSinceFunction },
  { name: 'read-workflow', trigger: 'http', app: readWorkflowFunction },
  { name: 'replace-workflow', trigger: 'http', app: replaceWorkflowFunction },
  { name: 'delete-workflow', trigger: 'http', app: deleteWorkflowFunction },
  { name: 'validate-workflow', trigger: 'http', app: validateWorkflowFunction },
  { name: 'workflow-graph', trigger: 'http', app: workflowGraphFunction },
  { name: 'list-snapshots', trigger: 'http', app: listSnapshotsFunction },
  { name: 'take-snapshot', trigger: 'http', app: takeSnapshotFunction },
  { name: 'roll-back-workflow', trigger: 'http', app: rollBackFunction },
  { name: 'health', trigger: 'http', app: healthFunction },
  { name: 'live', trigger: 'http', app: liveFunction },
  { name: 'ready', trigger: 'http', app: readyFunction },
  { name: 'system-health', trigger: 'http', app: systemHealthFunction },
  { name: 'dynamic-nodes-health', trigger: 'http', app: dynamicNodesHealthFunction },
  { name: 'run-workflow', trigger: 'http', app: runWorkflowFunction },
  { name: 'create-job', trigger: 'http', app: createJobFunction },
  { name: 'list-jobs', trigger: 'http', app: listJobsFunction },
  { name: 'read-job', trigger: 'http', app: readJobFunction },
  { name: 'list-alerts', trigger: 'http', app: listAlertsFunction },
  { name: 'clear-alerts', trigger: 'http', app: clearAlertsFunction },
  { name: 'alert-rules', trigger: 'http', app: alertRulesFunction },
  { name: 'set-alert-rule', trigger: 'http', app: setAlertRuleFunction },
  { name: 'test-alerts', trigger: 'http', app: testAlertsFunction },
  { name: 'alert-deliveries', trigger: 'http', app: alertDeliveriesFunction },
  { name: 'acknowledge-alert', trigger: 'http', app: acknowledgeAlertFunction },
  { name: 'silence-alert', trigger: 'http', app: silenceAlertFunction },
  { name: 'list-incidents', trigger: 'http', app: listIncidentsFunction },
  { name: 'read-incident', trigger: 'http', app: readIncidentFunction },
  { name: 'ask-for-repair', trigger: 'http', app: askForRepairFunction },
  { name: 'search-logs', trigger: 'http', app: searchLogsFunction },
  { name: 'metrics', trigger: 'http', app: metricsFunction },
  { name: 'metric-samples', trigger: 'http', app: metricSamplesFunction },
  { name: 'dashboard', trigger: 'http', app: dashboardFunction },
  { name: 'weekly-report', trigger: 'http', app: weeklyReportFunction },
  { name: 'api-compliance', trigger: 'http', app: apiCompliance(() => allFunctions()) },
  { name: 'docs', trigger: 'http', app: docsFunction },
  { name: 'port-discovery', trigger: 'http', app: portDiscoveryFunction },
  { name: 'home', trigger: 'http', app: homeFunction },
]

/** Every function of Helix, the one that describes the others included. */
export const FUNCTIONS: readonly FunctionDefinition[] = [
  ...DESCRIBED,
  { name: 'ddl-generation', trigger: 'queue', app: ddlGenerationFunction },
  { name: 'qa-generation', trigger: 'queue', app: qaGenerationFunction },
  { name: 'sql-validation', trigger: 'queue', app: sqlValidationFunction },
  { name: 'training-load', trigger: 'queue', app: trainingLoadFunction },
  { name: 'workflow-start', trigger: 'queue', app: workflowStartFunction },
  { name: 'workflow-node', trigger: 'queue', app: workflowNodeFunction },
  { name: 'workflow-end', trigger: 'queue', app: workflowEndFunction },
  { name: 'repair-incident', trigger: 'queue', app: repairIncidentFunction },
  { name: 'openapi', trigger: 'http', app: openApi(DESCRIBED) },
]

let whole: ReturnType<typeof createApp> | undefined

/** Made when first asked for: it holds the function that asks. */
function allFunctions(): ReturnType<typeof createApp> {
  whole ??= createApp(FUNCTIONS)
  return whole
}
