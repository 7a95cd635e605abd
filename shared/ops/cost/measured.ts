/** A count as `perTask + perTable · tables + perPair · pairs`. */
export type Coefficients = readonly [perTask: number, perTable: number, perPair: number]

/**
 * What one main job asks for. `npx tsx test/bench/statements.ts --store … --source … --json` ran it on Chinook and Pagila,
 * whole and in part, and `npx tsx test/bench/fit.ts` fitted these; on Northwind, which was not fitted, every one but the
 * bytes of files (a third too many) and the events is within a tenth of what was counted.
 */
export const COEFFICIENTS = {
  storeStatements: [83.2, 1.83, 0.293],
  /** Statements that change something; a finishing transaction has several. */
  storeWrites: [30, 1.33, 0.283],
  storeTransactions: [6.57, 0.248, 0.00535],
  /** Round trips while the schedule's lock is held: 14 to start a run, 4 when it has ended. */
  underScheduleLock: [18, 0, 0],
  walBytes: [0, 0, 4_530],
  sourceStatements: [986, 21.4, 8.19],
  cpuMs: [824, 0, 14.3],
  queueMessages: [1, 0, 0],
  filePuts: [13.1, 1.67, 0.027],
  fileAppends: [4.1, 0, 0.0153],
  fileReads: [8, 4, 0],
  fileBytes: [0, 0, 6_690],
  embedderRequests: [0.567, 0.248, 0.00535],
  logRows: [14.1, 1.67, 0.027],
  eventRows: [3.19, 0, 0.0452],
  /** Tasks, executions, outputs and checkpoints. What is loaded into the training store replaces what was there. */
  otherRows: [19.7, 4.13, 0.121],
} as const satisfies Record<string, Coefficients>

export type CountName = keyof typeof COEFFICIENTS

/** What one Postgres 15 took on a machine of 2 cores that also ran the clients: `test/bench/store-writes.ts`, `test/bench/partitions.ts`. */
export const MEASURED = {
  source: 'measured: test/bench',
  month: '2026-11',
  cores: 2,
  /** Guarded writes of the engine (checkpoints) by 32 clients, each its own transaction. */
  storeWritesPerSecond: 965,
  /** What the server adds to a round trip. */
  storeStatementMs: 1,
  /** Of one task, beside its round trips: two commits and eighteen statements. */
  scheduleLockMs: 8,
  /** What a source adds to a round trip. */
  sourceStatementMs: 1.3,
  /** With all indexes, in a table of millions. */
  logRowBytes: 800,
  otherRowBytes: 600,
} as const
