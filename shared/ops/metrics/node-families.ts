import { histogramSamples, type MetricFamily } from './exposition.ts'
import { type NodeMetrics, type Outcomes, RATE_NAMES, type RateName, SECONDS_BOUNDS } from './node-metrics.ts'

const RATE_HELP: Readonly<Record<RateName, string>> = {
  sandbox_failure_rate: 'Share of runs of node code that failed, last 24 hours',
  node_creation_failure_rate: 'Share of attempts to create a node that failed, last 24 hours',
  workflow_failure_rate: 'Share of runs of workflows that failed, last 24 hours',
  workflow_execution_time_avg: 'Mean seconds of a run of a workflow, last 24 hours',
}

/** The metrics of dynamic nodes under the names of their runbook. */
export function nodeFamilies(metrics: NodeMetrics): MetricFamily[] {
  return [
    counter('dynamic_node_creations_total', 'Attempts to create a node', metrics.creations),
    counter('sandbox_executions_total', 'Runs of node code in the sandbox', metrics.sandboxRuns),
    counter('workflow_executions_total', 'Runs of workflows that have ended', metrics.workflowRuns),
    {
      name: 'workflow_rollbacks_total',
      help: 'Workflows that went back to an earlier definition',
      type: 'counter',
      samples: [{ value: metrics.rollbacks }],
    },
    gauge('workflow_snapshots', 'Snapshots that are kept', metrics.snapshots),
    gauge('workflows_active', 'Workflows that are enabled', metrics.activeWorkflows),
    // Nothing has failed where nothing has happened.
    ...RATE_NAMES.map((name) => gauge(name, RATE_HELP[name], metrics.rates[name].value ?? 0)),
    {
      name: 'workflow_execution_seconds',
      help: 'How long runs of workflows took',
      type: 'histogram',
      samples: histogramSamples(SECONDS_BOUNDS, metrics.seconds),
    },
  ]
}

function counter(name: string, help: string, { success, failure }: Outcomes): MetricFamily {
  const samples = [
    { labels: { status: 'success' }, value: success },
    { labels: { status: 'failure' }, value: failure },
  ]
  return { name, help, type: 'counter', samples }
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ value }] }
}
