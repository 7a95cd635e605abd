/** A count as `perTask + perTable · tables + perPair · pairs`. */
export type Coefficients = readonly [perTask: number, perTable: number, perPair: number]

/**
 * What one main job asks for. `npx tsx test/bench/statements.ts --store … --source … --json` ran it on Chinook and Pagila,
 * whole and in part, and `npx tsx test/bench/fit.ts` fitted these. On Northwind, which was not fitted, statements, writes,
 * calls and rows are within a fiftieth of what was counted, CPU within a tenth, bytes of checkpoints a fifth too few and of
 * files a third too many, events a fifth too many.
 */
export const COEFFICIENTS = {
  /** Without reports, which come by the second. */
  storeStatements: [91.6, 4.09, 0.101],
  /** Statements that change something; a finishing transaction has several. */
  storeWrites: [38.5, 3.6, 0.0904],
  storeTransactions: [6.57, 0.248, 0.00535],
  /** Round trips while the schedule's lock is held: 14 to start a run, 4 when it has ended. */
  underScheduleLock: [18, 0, 0],
  walBytes: [0, 21_600, 3_810],
  sourceStatements: [986, 21.4, 8.19],
  cpuMs: [432, 58, 12.4],
  queueMessages: [1, 0, 0],
  filePuts: [13.1, 1.67, 0.027],
  fileAppends: [6.1, 0, 0.0153],
  fileReads: [3, 2, 0],
  fileLists: [4, 0, 0],
  fileBytes: [0, 0, 6_690],
  embedderRequests: [0.567, 0.248, 0.00535],
  /** Rows that stay for as long as their task is kept; what is loaded into the training store replaces what was there. */
  logRows: [14.1, 1.67, 0.027],
  eventRows: [5.25, 0, 0.0384],
  /** Of tasks, executions, outputs and checkpoints. */
  otherRows: [24.4, 4.77, 0.107],
  /** Bytes of those rows, without indexes. */
  logBytes: [5_540, 0, 41.6],
  checkpointBytes: [0, 17_100, 0],
  otherBytes: [6_930, 433, 14.1],
} as const satisfies Record<string, Coefficients>

export type CountName = keyof typeof COEFFICIENTS

/** What one Postgres 15 took on a machine of 2 cores that also ran the clients: `test/bench/store-writes.ts`, `test/bench/partitions.ts`. */
export const MEASURED = {
  source: 'measured: test/bench',
  month: '2026-11',
  cores: 2,
  /** Guarded writes of the engine, such as a checkpoint: 0.8 to 1 ms of a core each. With the clients on the same cores it was 1,276. */
  storeWritesPerSecond: 2_000,
  /** What the server adds to a round trip. */
  storeStatementMs: 1,
  /** Of one task, beside its round trips: the share of 18 in the 29 ms of a core that a task without items takes. */
  scheduleLockMs: 9,
  /** What a source adds to a round trip. */
  sourceStatementMs: 1.3,
  /** Bytes with indexes for a byte of a row, of logs in a table of millions. Checkpoints are few and large. */
  indexFactor: 1.57,
} as const
