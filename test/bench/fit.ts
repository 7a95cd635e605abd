// The coefficients of `shared/ops/cost/measured.ts`: `npx tsx test/bench/fit.ts run.json … --check run.json`.
// The runs are documents of `statements.ts --json`. Each count is fitted as a + b · tables + c · pairs, none below zero.
// Runs of the same source and size are one, by the median of each count: times differ from run to run.
import { readFileSync } from 'node:fs'
import type { Measured } from './statements.ts'

type Fit = readonly [perTask: number, perTable: number, perPair: number]

/** What one count is for a source of one size. */
interface Point extends Pick<Measured, 'source' | 'tables' | 'pairs'> {
  readonly value: number
}

/** What is fitted, by its name in the measured coefficients. */
const FITTED: Readonly<Record<string, (run: Measured) => number>> = {
  // Reports of items that are done depend on how many are done in the same moment: they are estimated from how long a task takes.
  storeStatements: ({ total }) => (total['store.statements'] ?? 0) - (total['store.call.report'] ?? 0),
  storeWrites: ({ total }) =>
    (total['store.call'] ?? 0) +
    (total['store.insert'] ?? 0) +
    (total['store.update'] ?? 0) +
    (total['store.delete'] ?? 0) -
    (total['store.call.report'] ?? 0),
  items: ({ rows }) => inserted(rows, 'task_checkpoints'),
  storeCpuMs: ({ total }) => total['store.cpu_ms'] ?? 0,
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
function fitted(points: readonly Point[]): Fit {
  const terms = ({ tables, pairs }: Point) => [1, tables, pairs]
  let best: { found: Fit; error: number } | null = null
  for (let subset = 1; subset < 8; subset += 1) {
    const used = [0, 1, 2].filter((index) => (subset & (1 << index)) !== 0)
    const solved = solve(
      points.map((point) => used.map((index) => terms(point)[index] ?? 0)),
      points.map(({ value }) => value),
    )
    if (solved === null || solved.some((value) => value < 0)) continue
    const all = [0, 1, 2].map((index) => solved[used.indexOf(index)] ?? 0) as unknown as Fit
    const error = points.reduce((sum, point) => sum + (predict(all, point) - point.value) ** 2, 0)
    if (best === null || error < best.error) best = { found: all, error }
  }
  return best?.found ?? [0, 0, 0]
}

/** One count of each source and size: the median of its runs, the lower of two in the middle. */
function pointsOf(runs: readonly Measured[], of: (run: Measured) => number): Point[] {
  const groups = new Map<string, Measured[]>()
  for (const run of runs) {
    const size = `${run.source}, ${run.tables} tables, ${run.pairs} pairs`
    groups.set(size, [...(groups.get(size) ?? []), run])
  }
  return [...groups.values()].flatMap((group) => {
    const value = group.map(of).toSorted((a, b) => a - b)[Math.floor((group.length - 1) / 2)]
    return group.slice(0, 1).map(({ source, tables, pairs }) => ({ source, tables, pairs, value: value ?? 0 }))
  })
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
  const found = fitted(pointsOf(runs, of))
  const rounded = found.map((value) => Number(value.toPrecision(3)))
  const told = pointsOf(checks, of)
    .map((point) => `${point.source}: ${Math.round(predict(found, point))} for ${Math.round(point.value)}`)
    .join(', ')
  process.stdout.write(`  ${name}: [${rounded.join(', ')}], // ${told}\n`)
}
