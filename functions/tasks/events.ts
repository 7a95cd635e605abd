import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import * as z from 'zod'
import { type FeedItem, type FeedPosition, followTask, isFollowed } from '../../shared/engine/follow-task.ts'
import { logView } from '../../shared/engine/log-view.ts'
import { requireTask } from '../../shared/engine/task.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'

const HEARTBEAT_MS = 15_000 // proxies drop connections that are silent for 30 s or more
const DEADLINE_MARGIN_MS = 2_000 // time to end in good order; the client comes back with its Last-Event-ID

const Query = z.object({
  after: z.string().max(50).optional().meta({ description: 'As `Last-Event-ID`, for clients that can not set it' }),
})

export default createFunction().get(
  '/api/v0/data_pipeline/tasks/:task_id/events',
  describe({
    summary: 'A live view of a task: `task` events and `log` lines, from the start or after `Last-Event-ID`',
    tag: 'tasks',
    answers: {
      200: { type: 'text/event-stream', description: 'Ends shortly after the task does' },
      204: { type: 'text/event-stream', description: 'The task has ended and everything has been seen' },
    },
    problems: ['task_not_found'],
  }),
  validate('query', Query),
  async (c) => {
    const { platform } = c.env
    const { id } = await requireTask(platform.store, c.req.param('task_id'))
    const lastId = c.req.header('Last-Event-ID') ?? c.req.valid('query').after
    const from = positionOf(lastId)
    // Tells a browser, which comes back after every end, that it need not.
    if (lastId !== undefined && (await isFollowed(platform, id, from))) return c.body(null, 204)
    c.header('X-Accel-Buffering', 'no') // nginx would hold the events back
    return streamSSE(c, (stream) => tell(platform, id, from, stream))
  },
)

async function tell(platform: Platform, taskId: string, from: FeedPosition, stream: SSEStreamingApi): Promise<void> {
  const { clock } = platform
  const gone = new AbortController()
  stream.onAbort(() => gone.abort())
  const endsAt = (platform.deadline?.getTime() ?? Number.POSITIVE_INFINITY) - DEADLINE_MARGIN_MS
  const signal = AbortSignal.any([gone.signal, platform.stopping])
  let lastWriteAt = clock.now().getTime()
  await stream.write(': connected\n\n') // so that headers leave at once
  try {
    for await (const item of followTask(platform, taskId, from, signal)) {
      const now = clock.now().getTime()
      if (signal.aborted || now >= endsAt) return
      if (item.kind === 'quiet' && now - lastWriteAt < HEARTBEAT_MS) continue
      if (item.kind === 'quiet') await stream.write(': heartbeat\n\n')
      else await stream.writeSSE(messageOf(item, clock.timeZone))
      lastWriteAt = now
    }
  } catch (cause) {
    // The answer has begun; the client comes back and goes on where it was.
    platform.log('background.failed', { what: 'follow task', taskId, message: String(cause) })
  }
}

function messageOf(item: Exclude<FeedItem, { kind: 'quiet' }>, timeZone: string) {
  const data =
    item.kind === 'log'
      ? logView(item.line, timeZone)
      : { ...item.event.data, type: item.event.type, timestamp: localTime(item.event.at, timeZone) }
  return { event: item.kind, id: `${item.position.seq}-${item.position.logId}`, data: JSON.stringify(data) }
}

/** @throws {Problem} `invalid_request` for an id that no stream has sent */
function positionOf(lastId: string | undefined): FeedPosition {
  if (lastId === undefined || lastId === '') return { seq: 0, logId: 0 }
  const [, seq, logId] = /^(\d{1,15})-(\d{1,15})$/.exec(lastId) ?? []
  if (seq !== undefined && logId !== undefined) return { seq: Number(seq), logId: Number(logId) }
  throw new Problem('invalid_request', 'The Last-Event-ID is not one that a stream has sent', {
    errors: [{ path: 'Last-Event-ID', message: 'is not valid' }],
  })
}
