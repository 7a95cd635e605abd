// The coefficients of `shared/ops/cost/measured.ts`: `npx tsx test/bench/fit.ts run.json … --check run.json`.
// The runs are documents of `statements.ts --json`. Each count is fitted as a + b · tables + c · pairs, none below zero.
import { readFileSync } from 'node:fs'
import type { Measured } from './statements.ts'

type Fit = readonly [perTask: number, perTable: number, perPair: number]

/** What is fitted, by its name in the measured coefficients. */
const FITTED: Readonly<Record<string, (run: Measured) => number>> = {
  // Reports come by the second, not by the item: they are estimated from how long a task takes.
  storeStatements: ({ total }) => (total['store.statements'] ?? 0) - (total['store.reports'] ?? 0),
  storeWrites: ({ total }) =>
    (total['store.insert'] ?? 0) +
    (total['store.update'] ?? 0) +
    (total['store.delete'] ?? 0) -
    (total['store.reports'] ?? 0),
  storeTransactions: ({ total }) => (total['store.transaction'] ?? 0) / 2,
  underScheduleLock: ({ total }) => total['store.under_schedule_lock'] ?? 0,
  walBytes: ({ total }) => total['store.wal_bytes'] ?? 0,
  sourceStatements: ({ total }) => total['source.statements'] ?? 0,
  cpuMs: ({ total }) => total['cpu.ms'] ?? 0,
  queueMessages: ({ total }) => total['queue.messages'] ?? 0,
  filePuts: ({ total }) => total['files.put'] ?? 0,
  fileAppends: ({ total }) => total['files.append'] ?? 0,
  fileReads: ({ total }) => (total['files.get'] ?? 0) + (total['files.head'] ?? 0),
  fileLists: ({ total }) => total['files.list'] ?? 0,
  fileBytes: ({ total }) => total['files.bytes'] ?? 0,
  embedderRequests: ({ total }) => total['embedder.requests'] ?? 0,
  logRows: ({ rows }) => inserted(rows, 'data_pipeline_task_logs'),
  logBytes: ({ keptBytes }) => (keptBytes.data_pipeline_task_logs ?? 0) + (keptBytes.task_events ?? 0),
  checkpointBytes: ({ keptBytes }) => keptBytes.task_checkpoints ?? 0,
  otherBytes: ({ keptBytes }) =>
    ['data_pipeline_tasks', 'data_pipeline_task_executions', 'data_pipeline_task_outputs']
      .map((table) => keptBytes[table] ?? 0)
      .reduce((sum, bytes) => sum + bytes, 0),
  eventRows: ({ rows }) => inserted(rows, 'task_events'),
  otherRows: ({ rows }) =>
    ['data_pipeline_tasks', 'data_pipeline_task_executions', 'data_pipeline_task_outputs', 'task_checkpoints']
      .map((table) => inserted(rows, table))
      .reduce((sum, count) => sum + count, 0),
}

function inserted(rows: Measured['rows'], table: string): number {
  return rows[table]?.[0] ?? 0
}

/** Least squares over the smallest error of any subset of the three terms that needs no negative coefficient. */
function fitted(runs: readonly Measured[], of: (run: Measured) => number): Fit {
  const terms = (run: Measured) => [1, run.tables, run.pairs]
  let best: { found: Fit; error: number } | null = null
  for (let subset = 1; subset < 8; subset += 1) {
    const used = [0, 1, 2].filter((index) => (subset & (1 << index)) !== 0)
    const solved = solve(
      runs.map((run) => used.map((index) => terms(run)[index] ?? 0)),
      runs.map(of),
    )
    if (solved === null || solved.some((value) => value < 0)) continue
    const all = [0, 1, 2].map((index) => solved[used.indexOf(index)] ?? 0) as unknown as Fit
    const error = runs.reduce((sum, run) => sum + (predict(all, run) - of(run)) ** 2, 0)
    if (best === null || error < best.error) best = { found: all, error }
  }
  return best?.found ?? [0, 0, 0]
}

function predict([perTask, perTable, perPair]: Fit, { tables, pairs }: Pick<Measured, 'tables' | 'pairs'>): number {
  return perTask + perTable * tables + perPair * pairs
}

/** Normal equations by elimination; null when they have no single answer. */
function solve(rows: readonly (readonly number[])[], values: readonly number[]): number[] | null {
  const size = rows[0]?.length ?? 0
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (__, j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    rows.reduce((sum, row, index) => sum + (row[i] ?? 0) * (values[index] ?? 0), 0),
  ])
  for (let column = 0; column < size; column += 1) {
    const pivot = matrix[column]
    if (pivot === undefined || Math.abs(pivot[column] ?? 0) < 1e-9) return null
    for (const [index, row] of matrix.entries()) {
      if (index === column) continue
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1)
      for (let at = column; at <= size; at += 1) row[at] = (row[at] ?? 0) - factor * (pivot[at] ?? 0)
    }
  }
  return matrix.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1))
}

const argv = process.argv.slice(2)
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Measured
const border = argv.includes('--check') ? argv.indexOf('--check') : argv.length
const runs = argv.slice(0, border).map(read)
const checks = argv.slice(border + 1).map(read)
for (const [name, of] of Object.entries(FITTED)) {
  const found = fitted(runs, of)
  const rounded = found.map((value) => Number(value.toPrecision(3)))
  const told = checks
    .map((run) => `${run.source}: ${Math.round(predict(found, run))} for ${Math.round(of(run))}`)
    .join(', ')
  process.stdout.write(`  ${name}: [${rounded.join(', ')}], // ${told}\n`)
}
