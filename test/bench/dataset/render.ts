import { cpus, loadavg } from 'node:os'
import type { DatasetFigures } from './measure.ts'

export interface BenchFacts {
  readonly command: string
  readonly measuredOn: string
  readonly serverVersion: string
  /** Load of the machine before the first measurement. */
  readonly load: number
}

const CATALOG_MS_A_TABLE = 5
const SECONDS_MAX: readonly (readonly [tables: number, seconds: number])[] = [
  [70, 10],
  [500, 60],
]

export function machineLoad(): number {
  return loadavg()[0] ?? 0
}

/** The page of figures, with the command that made them. */
export function renderPage(facts: BenchFacts, figures: readonly DatasetFigures[]): string {
  const processor = cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown'
  const head = [
    '# How fast data sets are made',
    '',
    `Written by \`${facts.command}\`. The schemas are generated: tables of two-word names over several schemas, each with a key to`,
    'another table, every tenth with a composite one. No language model; embedding is left out (the embedder answers at once).',
    'Everything else is the main job as a runner does it, with a store on the same server.',
    '',
    '|  |  |',
    '| --- | --- |',
    `| measured | ${facts.measuredOn} |`,
    `| machine | ${cpus().length} cores (${processor}), shared with the server; Node ${process.versions.node}; load ${facts.load.toFixed(2)} before the run |`,
    `| server | ${facts.serverVersion} |`,
    '',
    '## Targets',
    '',
    '|  | target | measured |  |',
    '| --- | --- | --- | --- |',
  ]
  const rows = figures.flatMap((one) => targetRows(one, figures))
  const steps = figures.flatMap((one) => [
    '',
    `## ${one.tables} tables in ${one.schemas} schemas, ${one.rowsPerTable} rows each`,
    '',
    `${one.pairs} pairs. Wall time of the first run, what this process computed in it, and the same task again:`,
    '',
    '| part | s | computed, s |',
    '| --- | --- | --- |',
    ...Object.entries(one.steps).map(
      ([name, ms]) => `| ${name} | ${(ms / 1000).toFixed(2)} | ${((one.cpu[name] ?? 0) / 1000).toFixed(2)} |`,
    ),
    `| all | ${one.seconds.toFixed(2)} | ${one.cpuSeconds.toFixed(2)} |`,
    `| all, again | ${one.secondLoad.seconds.toFixed(2)} | |`,
  ])
  return `${[...head, ...rows.map(row), ...steps].join('\n')}\n`
}

type Row = readonly [what: string, target: string, measured: string, met: boolean | null]

function targetRows(one: DatasetFigures, all: readonly DatasetFigures[]): readonly Row[] {
  const of = `, ${one.tables} tables`
  const perTable = one.catalogMs / one.tables
  const fewest = Math.min(...all.map(({ catalogStatements }) => catalogStatements))
  const secondsMax = SECONDS_MAX.find(([tables]) => one.tables <= tables)?.[1] ?? null
  const { inserted, removed, reembedded, embeddingCalls, untouched, rows } = one.secondLoad
  const isUnchanged = inserted + removed + reembedded + embeddingCalls === 0 && untouched === rows
  const load = `${inserted} inserted, ${removed} removed, ${embeddingCalls} calls, ${untouched} of ${rows} rows untouched`
  return [
    [
      `statements for the catalog${of}`,
      'the same for all',
      String(one.catalogStatements),
      one.catalogStatements === fewest,
    ],
    [
      `catalog per table${of}`,
      `≤ ${CATALOG_MS_A_TABLE} ms`,
      `${perTable.toFixed(2)} ms`,
      perTable <= CATALOG_MS_A_TABLE,
    ],
    [
      `the same with undeclared keys inferred${of}`,
      '',
      `${one.inferringStatements} statements, ${(one.inferringMs / one.tables).toFixed(2)} ms a table`,
      null,
    ],
    [
      `end to end besides embedding${of}`,
      secondsMax === null ? '' : `≤ ${secondsMax} s`,
      `${one.seconds.toFixed(1)} s`,
      secondsMax === null ? null : one.seconds <= secondsMax,
    ],
    [
      `memory, heap and resident at their peak${of}`,
      '',
      `${Math.round(one.heapPeakMb)} MB, ${Math.round(one.rssPeakMb)} MB`,
      null,
    ],
    [`second load${of}`, 'no insert, no update, no embedding call', load, isUnchanged],
  ]
}

function row([what, target, measured, met]: Row): string {
  return `| ${what} | ${target} | ${measured} | ${met === null ? '' : met ? 'met' : 'not met'} |`
}
