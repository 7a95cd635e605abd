import { HEARTBEAT_MS } from '../../engine/lease.ts'
import { COEFFICIENTS, type CountName, MEASURED } from './measured.ts'

export const PLATFORMS = ['cloudflare', 'aws', 'container'] as const
export type PlatformName = (typeof PLATFORMS)[number]

/** The language model's part of a workload. */
export interface LlmWorkload {
  readonly requestsPerTask: number
  readonly tokensPerRequest: number
  readonly secondsPerRequest: number
  /** What the endpoint lets through; null where nothing is known. */
  readonly requestsPerMinuteMax: number | null
  readonly tokensPerMinuteMax: number | null
}

/** How much is asked of an installation. */
export interface Workload {
  readonly tasksPerMinute: number
  readonly tablesPerTask: number
  readonly pairsPerTask: number
  /** How long a task takes; estimated from its statements and calls when null. */
  readonly taskSeconds: number | null
  readonly llm: LlmWorkload | null
  /** Days that tasks, their logs, events and files are kept. */
  readonly retentionDays: number
  /** From a function to the store or a source and back. */
  readonly roundTripMs: number
}

/** What one task asks for. */
export interface TaskUsage extends Readonly<Record<CountName, number>> {
  readonly seconds: number
  readonly llmRequests: number
  readonly llmTokens: number
}

/** From a function to its database: what each platform's usual placement gives. Assumed, and to be replaced by one's own. */
export const ROUND_TRIP_MS: Readonly<Record<PlatformName, number>> = { cloudflare: 5, aws: 1, container: 0.5 }

/** A put or a get of an object, or a file: assumed likewise. */
export const FILE_MS: Readonly<Record<PlatformName, number>> = { cloudflare: 30, aws: 20, container: 2 }

const ITEMS_AT_ONCE = 4 // items that a step works at once
const LINGER_MS = 20 // before a report: what is done meanwhile goes with it

/** What one task of a workload asks for, from the measured coefficients. */
export function usageOfTask(workload: Workload, platform: PlatformName): TaskUsage {
  const { tablesPerTask, pairsPerTask, llm } = workload
  const counts = Object.fromEntries(
    Object.entries(COEFFICIENTS).map(([name, [perTask, perTable, perPair]]) => [
      name,
      perTask + perTable * tablesPerTask + perPair * pairsPerTask,
    ]),
  ) as Record<CountName, number>
  const llmRequests = llm?.requestsPerTask ?? 0
  const seconds = workload.taskSeconds ?? secondsOf(counts, workload, platform)
  const reports = reportsOf(counts.items, seconds, workload.roundTripMs) + (seconds * 1_000) / HEARTBEAT_MS
  return {
    ...counts,
    storeStatements: counts.storeStatements + reports,
    storeWrites: counts.storeWrites + reports,
    seconds,
    llmRequests,
    llmTokens: llmRequests * (llm?.tokensPerRequest ?? 0),
  }
}

/**
 * Writes of items that are done, by how closely they follow each other: one for each where they take long, and ever
 * fewer the more of them end within the time that one write takes.
 */
function reportsOf(items: number, seconds: number, roundTripMs: number): number {
  const windowSeconds = (LINGER_MS + roundTripMs + MEASURED.storeStatementMs) / 1_000
  return (MEASURED.reportShare * items) / (1 + (items / seconds) * windowSeconds)
}

/** Computing goes on one after the other; what waits for a database, a file or a model waits for several items at once. */
function secondsOf(counts: Record<CountName, number>, { llm, roundTripMs }: Workload, platform: PlatformName): number {
  const trips = counts.storeStatements + counts.sourceStatements / ITEMS_AT_ONCE
  const files = (counts.filePuts + counts.fileReads) / 2 + counts.fileLists + counts.fileAppends
  const model = ((llm?.requestsPerTask ?? 0) * (llm?.secondsPerRequest ?? 0)) / ITEMS_AT_ONCE
  const sourceMs = (counts.sourceStatements * MEASURED.sourceStatementMs) / ITEMS_AT_ONCE
  return model + (counts.cpuMs + trips * roundTripMs + files * FILE_MS[platform] + sourceMs) / 1_000
}
