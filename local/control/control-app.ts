import { Hono } from 'hono'
import * as z from 'zod'
import { readFaultSettings } from '../../shared/platform/fault-settings.ts'
import { commonMiddleware } from '../../shared/platform/http/create-function.ts'
import { problemResponse } from '../../shared/platform/http/problem-response.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import type { FunctionEnv } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Controls } from './controls.ts'
import { eventStream } from './event-stream.ts'
import { guard } from './guard.ts'
import { stateOf } from './state.ts'

const MS_MAX = 366 * 86_400_000 // a year: nobody means more
const WAKES_MAX = 100_000 // of one function or chain of sleeps in one jump; it takes hours

const Advance = z.strictObject({
  ms: z.number().int().min(0).max(MS_MAX),
  wakes_max: z.number().int().min(1).max(WAKES_MAX).optional(),
})
const Fire = z.strictObject({ at: z.iso.datetime({ offset: true, local: true }).optional() })
const Redrive = z.strictObject({ id: z.string().min(1).optional() })
const Faults = z.strictObject({ settings: z.string() })

/** Where the runner's own interface is: its requests are not the functions'. */
export const CONTROL_PATH = '/__local'

/** What a developer may see and do in the running server. Never part of a deployed worker. */
export function createControlApp(controls: Controls): Hono<FunctionEnv> {
  const { clock, queue, schedule, faults, happenings } = controls
  const app = new Hono<FunctionEnv>()
  app.onError(problemResponse)
  app.use(...commonMiddleware(), guard)
  app.get('/__local/api/state', async (c) => c.json(await stateOf(controls, c.env.platform.sources)))
  app.get('/__local/api/events', (c) => c.body(eventStream(happenings, controls.stopping), 200, EVENT_STREAM))
  app.post('/__local/api/clock/advance', validate('json', Advance), async (c) => {
    const { ms, wakes_max: wakesMax } = c.req.valid('json')
    const before = schedule.ticks()
    await clock.advance(ms, wakesMax)
    const ticks = Object.entries(schedule.ticks()).map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
    const answer = { now: clock.now(), offset_ms: clock.offsetMs, ticks: Object.fromEntries(ticks) }
    happenings.tell('clock', answer)
    return c.json(answer)
  })
  app.post('/__local/api/cron/:name/fire', validate('json', Fire), async (c) => {
    const { name } = c.req.param()
    if (!schedule.list().some((entry) => entry.name === name)) {
      const names = schedule.list().map((entry) => entry.name)
      throw new Problem('route_not_found', `There is no scheduled function "${name}"`, { hint: names.join(', ') })
    }
    const { at } = c.req.valid('json')
    const response = await schedule.fire(name, at === undefined ? undefined : new Date(at))
    if (response === null) return c.json({ name, fired: false, status: null, answer: null })
    return c.json({ name, fired: true, status: response.status, answer: await response.json().catch(() => null) })
  })
  app.post('/__local/api/queue/redrive', validate('json', Redrive), async (c) =>
    c.json({ redriven: await queue.redrive(c.req.valid('json').id) }),
  )
  app.post('/__local/api/queue/purge', async (c) => c.json({ purged: await queue.purge() }))
  app.post('/__local/api/faults', validate('json', Faults), (c) => {
    const read = readFaultSettings(c.req.valid('json').settings)
    if (!read.ok) {
      const errors = read.problems.map((message) => ({ path: 'settings', message }))
      throw new Problem('invalid_request', 'These are no settings of faults', { errors })
    }
    faults.change(read.settings)
    happenings.tell('settings', read.settings)
    return c.json(read.settings)
  })
  app.get('/__local/api/invocations/:id', (c) => {
    const { record } = found(controls, c.req.param('id'))
    return c.json({ ...record, lines: controls.invocations.linesOf(record.id) })
  })
  app.post('/__local/api/invocations/:id/replay', (c) => {
    const { call, record } = found(controls, c.req.param('id'))
    if (!record.replayable) throw new Problem('invalid_request', `The body of invocation ${record.id} was not kept`)
    controls.replay(record.function, call)
    return c.json({ replayed: record.id }, 202)
  })
  app.notFound((c) => {
    throw new Problem('route_not_found', `There is no endpoint ${c.req.method} ${c.req.path}`)
  })
  return app
}

const EVENT_STREAM = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' }

function found({ invocations }: Controls, id: string) {
  const entry = invocations.find(id)
  if (entry === null) throw new Problem('route_not_found', `Invocation ${id} is not among the latest`)
  return entry
}
