/** A count as `perTask + perTable · tables + perPair · pairs`. */
export type Coefficients = readonly [perTask: number, perTable: number, perPair: number]

/**
 * What one main job asks for. `npx tsx test/bench/statements.ts --store … --source … --json` ran it on Chinook and Pagila,
 * whole and in part, and `npx tsx test/bench/fit.ts` fitted these. On Northwind, which was not fitted, statements, items and
 * rows but those of events are as counted, processor times within an eighth, bytes of checkpoints a fifth too few; bytes of
 * files, events and appends are two fifths too many.
 */
export const COEFFICIENTS = {
  /** Round trips to the store, one call of the engine's functions each. Without reports, which come as time goes by. */
  storeStatements: [28.3, 0.987, 0.0215],
  /** Of these, the ones that change something, likewise: a call writes all that belongs together. */
  storeWrites: [9.14, 0.494, 0.0107],
  /** Items that are done, each with a checkpoint: several share a report. */
  items: [8.14, 2.87, 0.0931],
  /** Of the server's backends, reports included, on connections that were just opened: fitted to the medians of three runs. */
  storeCpuMs: [39.7, 1.98, 0.53],
  storeTransactions: [0.571, 0.247, 0.00536],
  /** Calls that hold the schedule's lock from their beginning to their commit: one lets a run in, one ends it. */
  underScheduleLock: [2, 0, 0],
  /** Without images of whole pages. */
  walBytes: [17_400, 51_700, 888],
  sourceStatements: [986, 20.1, 8.29],
  cpuMs: [422, 31.8, 4],
  queueMessages: [1, 0, 0],
  filePuts: [15.1, 1.68, 0.0258],
  fileAppends: [1.52, 0.339, 0.0356],
  fileReads: [5, 2, 0],
  fileLists: [1, 0, 0],
  fileBytes: [0, 0, 6_670],
  embedderRequests: [0.571, 0.247, 0.00536],
  /** Rows that stay for as long as their task is kept; what is loaded into the training store replaces what was there. */
  logRows: [14.1, 1.68, 0.0258],
  eventRows: [5.8, 1.33, 0.0571],
  /** Of tasks, executions, outputs and checkpoints. */
  otherRows: [25.2, 4.55, 0.119],
  /** Bytes of those rows, without indexes. */
  logBytes: [5_620, 734, 24.2],
  checkpointBytes: [1_060, 17_100, 0],
  otherBytes: [7_000, 439, 13.6],
} as const satisfies Record<string, Coefficients>

export type CountName = keyof typeof COEFFICIENTS

/** What one Postgres 15 took on a machine of 2 cores that also ran the clients: `test/bench/statements.ts`, `test/bench/calls.ts`. */
export const MEASURED = {
  source: 'measured: test/bench',
  month: '2026-11',
  /** Of the store that the limits are told of. */
  cores: 2,
  /** What the server adds to a round trip. */
  storeStatementMs: 2,
  /** Of each call under the schedule's lock, from its beginning to its commit: no round trip is part of it. */
  scheduleLockMs: 2,
  /** Reports for each item that the spacing of items alone would give: several often end at the same moment. */
  reportShare: 0.75,
  /** What a source adds to a round trip. */
  sourceStatementMs: 1.3,
  /** Bytes with indexes for a byte of a row, of logs in a table of millions. Checkpoints are few and large. */
  indexFactor: 1.57,
} as const
