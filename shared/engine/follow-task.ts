import type { Platform } from '../platform/platform.ts'
import { readEvents, type TaskEvent } from './read-events.ts'
import { readLogs, type StoredLog } from './read-logs.ts'
import { findTask } from './task.ts'

/** How far a follower has read: the last event and the last log line that it has seen. */
export interface FeedPosition {
  readonly seq: number
  readonly logId: number
}

export type FeedItem =
  | { readonly kind: 'task'; readonly event: TaskEvent; readonly position: FeedPosition }
  | { readonly kind: 'log'; readonly line: StoredLog; readonly position: FeedPosition }
  /** Nothing has happened for one poll. */
  | { readonly kind: 'quiet' }

const POLL_MS = 1_000 // what a person watching calls at once; a poll is three lookups by index
const BATCH = 500 // events or lines in memory at once
const FINAL = new Set(['completed', 'failed', 'cancelled'])

/**
 * What happens to a task after a position, until it has ended, is deleted, or `signal` aborts. Each event and each line
 * comes once and in order, the lines of an ending before the event that tells of it.
 */
export async function* followTask(
  platform: Platform,
  taskId: string,
  from: FeedPosition,
  signal: AbortSignal,
): AsyncGenerator<FeedItem> {
  let position = from
  while (!signal.aborted) {
    const { items, more, over } = await readFeed(platform, taskId, position)
    for (const item of items) {
      position = item.position
      yield item
    }
    if (over) return
    if (more) continue
    if (items.length === 0) yield { kind: 'quiet' }
    await platform.clock.sleep(POLL_MS, signal)
  }
}

/** Whether a follower at that position has seen everything of a task that has ended. */
export async function isFollowed(platform: Platform, taskId: string, position: FeedPosition): Promise<boolean> {
  const { items, over } = await readFeed(platform, taskId, position)
  return over && items.length === 0
}

interface Feed {
  readonly items: readonly Exclude<FeedItem, { kind: 'quiet' }>[]
  /** Another batch waits. */
  readonly more: boolean
  /** These are the last items. */
  readonly over: boolean
}

async function readFeed({ store }: Platform, taskId: string, from: FeedPosition): Promise<Feed> {
  // The order matters: what is final here has all its events, and an event that is read here has all its lines.
  const task = await findTask(store, taskId)
  const events = await readEvents(store, taskId, from.seq, BATCH)
  const lines = await readLogs(store, taskId, {}, { order: 'asc', after: from.logId, limit: BATCH })
  const items: Exclude<FeedItem, { kind: 'quiet' }>[] = []
  let position = from
  for (const line of lines) {
    position = { ...position, logId: line.id }
    items.push({ kind: 'log', line, position })
  }
  if (lines.length === BATCH) return { items, more: true, over: false }
  for (const event of events) {
    position = { ...position, seq: event.seq }
    items.push({ kind: 'task', event, position })
  }
  const more = events.length === BATCH
  return { items, more, over: !more && (task === null || FINAL.has(task.status)) }
}
