import type { StartLatency } from './latency.ts'
import type { RawCell } from './raw.ts'
import type { ScaleResult } from './scale.ts'
import type { Takeover } from './takeover.ts'
import { atMost, figure, type Target, workflowTargets } from './targets.ts'
import { AT_ONCE, type WorkflowTable } from './workflows.ts'

/** Everything of one run; parts that were not asked for are missing. */
export interface Results {
  readonly when: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryGb: number
    readonly node: string
    readonly load: number
  }
  readonly server: Readonly<Record<string, string>>
  readonly rounds: number
  readonly seconds: number
  readonly versions: Readonly<Record<string, string>>
  readonly skipped: readonly string[]
  readonly workflows?: WorkflowTable
  readonly raw?: readonly RawCell[]
  readonly claims?: Readonly<Record<number, number>>
  readonly start?: StartLatency
  readonly logLines?: number
  readonly scale?: ScaleResult
  readonly takeover?: Takeover
}

/** The page: targets beside what was measured first, then each table. */
export function render(results: Results): string {
  const parts = [
    HEAD,
    about(results),
    section('Targets', targetsTable(allTargets(results))),
    results.workflows && section('Workflows per second', workflowsText(results.workflows, results.versions)),
    results.raw && section('The raw limit', rawText(results.raw, results.workflows)),
    section('Alone', aloneTable(results)),
    results.scale && section('A full store', scaleText(results.scale)),
  ]
  return `${parts.filter((part) => part !== undefined && part !== '').join('\n\n')}\n`
}

const HEAD = `# How fast the engine is

Written by \`npm run bench:engine -- --peers --write\`; \`--quick\` takes a few seconds a cell, \`--only workflows,raw,…\` chooses parts.
Rates on other machines differ; the ratios are what counts. Everything is on as in production: each workflow of Helix has four
steps with an item each (a checkpoint), log lines, outputs and files of its own (configuration, log, result), and commits are
synchronous. The steps of all contenders answer the same small value and do nothing else; "helix with files" also writes and
records a file in each step, which no peer does. All run bundled, as functions are deployed.`

function about({ when, machine, server, rounds, seconds, skipped }: Results): string {
  const settings = Object.entries(server).map(([name, value]) => `${name} ${value}`)
  const rows = [
    [
      'measured',
      `${when}; median of ${rounds} rounds of ${seconds} s, contenders taking turns, each in a process of its own`,
    ],
    [
      'machine',
      `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, shared by the server and all contenders; Node ${machine.node}; load ${figure(machine.load)} before the run`,
    ],
    ['server', settings.join(', ')],
    ...skipped.map((reason) => ['left out', reason]),
  ]
  return table(['', ''], rows)
}

export function allTargets(results: Results): Target[] {
  const { start, scale, takeover } = results
  return [
    ...(results.workflows === undefined ? [] : workflowTargets(results.workflows)),
    ...(start === undefined ? [] : [atMost('accept to start, idle, 99 of 100', 1, start.p99Ms, 'ms')]),
    ...(scale === undefined
      ? []
      : [
          atMost(
            `sweep of ${scale.tasks.toLocaleString('en-US')} executions with 100 zombies`,
            50,
            scale.sweptMs,
            'ms',
          ),
          ...Object.entries(scale.flatness).map(([at, { ratio }]) =>
            atMost(`cost of a workflow in a full store, at ${at}, as a multiple`, 1.1, ratio, '×'),
          ),
        ]),
    ...(takeover === undefined
      ? []
      : [
          atMost(
            "takeover of a killed runner's step",
            takeover.leaseMs / 1_000 + 1,
            Math.max(...takeover.tookMs) / 1_000,
            's',
          ),
        ]),
  ]
}

function targetsTable(targets: readonly Target[]): string {
  return table(
    ['', 'target', 'measured', ''],
    targets.map(({ what, target, measured, met }) => [what, target, measured, met ? 'met' : 'not met']),
  )
}

function workflowsText(workflows: WorkflowTable, versions: Results['versions']): string {
  const names = Object.keys(workflows)
  const row = (name: string, at: number) => {
    const cell = workflows[name]?.[at]
    const dbos = workflows.dbos?.[at]?.perSecond
    return [
      `${name}${versions[name] === undefined ? '' : ` ${versions[name]}`}`,
      `${figure(cell?.perSecond)} (${figure(cell?.spread[0])}–${figure(cell?.spread[1])})`,
      dbos === undefined || cell === undefined ? '–' : `${figure(cell.perSecond / dbos)} ×`,
      figure(cell?.p50Ms),
      figure(cell?.p99Ms),
      figure(cell?.statements),
      figure(cell?.nodeCpuMs),
      figure(cell?.serverCpuMs),
    ]
  }
  const head = [
    '',
    'per second (slowest–fastest round)',
    'to DBOS',
    'p50 ms',
    'p99 ms',
    'statements',
    'CPU ms Node',
    'CPU ms server',
  ]
  const tables = AT_ONCE.map(
    (at) =>
      `**${at} at a time**\n\n${table(
        head,
        names.map((name) => row(name, at)),
      )}`,
  )
  return `${WORKFLOWS_NOTE}\n\n${tables.join('\n\n')}`
}

const WORKFLOWS_NOTE = `Closed loop: a new workflow is asked for when one completes. All have worked at fifty before, so that code is compiled. Times run from the request to the recorded completion. Statements are
counted in a pass of their own by a proxy that reads the protocol (\`begin\` and \`commit\` count). CPU is per workflow; that of the
server holds where nobody else uses it. Each peer is at its best: no one waits for a poll. "In batches" all jobs of a batch of
pg-boss fail or succeed together, which is less than a workflow is promised; it is shown, and not compared with.`

function rawText(raw: readonly RawCell[], workflows: WorkflowTable | undefined): string {
  const rows = raw.map(({ at, group, perSecond, serverCpuMs }) => {
    const own = workflows?.helix?.[at]?.perSecond
    const share = own === undefined ? '–' : `${figure((100 * own) / perSecond)} %`
    return [String(at), String(group), figure(perSecond), figure(serverCpuMs), share]
  })
  const head = ['at a time', 'workflows per statement', 'per second', 'CPU ms server', 'Helix reaches']
  return `pgbench writes the rows of one workflow of Helix, byte for byte and into the same tables with all their indexes, in five
transactions: accept, and the end of each step. It computes nothing, writes no file and checks no fence.\n\n${table(head, rows)}`
}

function aloneTable({ claims, start, logLines, takeover }: Results): string {
  const rows: string[][] = []
  for (const [at, rate] of Object.entries(claims ?? {}))
    rows.push([`executions claimed and finished per second, ${at} at a time`, figure(rate)])
  if (start !== undefined)
    rows.push([
      'accept to start, idle: from the acknowledgement to the first line of the step',
      `p50 ${figure(start.p50Ms)} ms, p99 ${figure(start.p99Ms)} ms, worst of ${start.count} ${figure(start.worstMs)} ms`,
    ])
  if (logLines !== undefined) rows.push(['log lines per second of one step, stored', figure(logLines)])
  if (takeover !== undefined)
    rows.push([
      `a runner is killed; another one begins its step, the lease being ${takeover.leaseMs / 1_000} s`,
      `${takeover.tookMs.map((ms) => figure(ms / 1_000)).join(', ')} s`,
    ])
  return rows.length === 0 ? '' : table(['', ''], rows)
}

function scaleText({ tasks, scans, flatness }: ScaleResult): string {
  const count = tasks.toLocaleString('en-US')
  const scanRows = scans.map((one) => [
    one.name,
    figure(one.medianMs),
    figure(one.worstMs),
    figure(one.sequentialRows),
    one.paths.map((path) => `\`${path}\``).join(', '),
  ])
  const flatRows = Object.entries(flatness).map(([at, { few, many, ratio }]) => [
    at,
    figure(few),
    figure(many),
    `${figure(ratio)} ×`,
  ])
  return `${count} tasks, each with an execution and a log line, all indexes in place.

${table(['', 'median ms', 'worst ms', 'rows read without an index', 'reads by'], scanRows)}

${table(['workflows at a time', 'per second with 1,000 tasks', `with ${count}`, 'cost'], flatRows)}`
}

function section(title: string, text: string): string {
  return text === '' ? '' : `## ${title}\n\n${text}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
