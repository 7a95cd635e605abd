import { describe, expect, test } from 'vitest'
import { createApp } from '../../../functions/app.ts'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { functionKit } from '../../support/function-kit.ts'
import type { ManualClock } from '../../support/manual-clock.ts'
import { insertEvent, insertLogs, insertTask } from '../../support/store-factory.ts'
import { testPlatform } from '../../support/test-platform.ts'

const kit = functionKit()
const eventsPath = (taskId: string) => `/api/v0/data_pipeline/tasks/${taskId}/events`

interface Heard {
  readonly event: string
  readonly id: string
  readonly data: Record<string, unknown>
}

/** A listener that reads a stream as a browser does, moving the clock while nothing comes. */
class Listener {
  readonly heard: Heard[] = []
  comments = 0
  ended = false
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #clock: ManualClock
  readonly #reading: Promise<void>

  constructor(answer: Response, clock: ManualClock) {
    if (answer.body === null) throw new Error(`No stream: ${answer.status}`)
    this.#reader = answer.body.getReader()
    this.#clock = clock
    this.#reading = this.#read()
  }

  /** Waits until so many messages have come, or the stream has ended. */
  async until(count: number): Promise<Heard[]> {
    for (let turn = 0; this.heard.length < count && !this.ended; turn++) {
      if (turn > 600) throw new Error(`Only ${this.heard.length} of ${count} messages came`)
      await roundTrips()
      await this.#clock.advance(100)
    }
    return this.heard
  }

  async end(): Promise<void> {
    await this.until(Number.POSITIVE_INFINITY)
    await this.#reading
  }

  async leave(): Promise<void> {
    await this.#reader.cancel()
  }

  async #read(): Promise<void> {
    let text = ''
    for (;;) {
      const { value, done } = await this.#reader.read()
      if (done) break
      text += new TextDecoder().decode(value)
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) this.#hear(block)
    }
    this.ended = true
  }

  #hear(block: string): void {
    if (block.startsWith(':')) this.comments++
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
    if (field('event') === '') return
    this.heard.push({ event: field('event'), id: field('id'), data: JSON.parse(field('data')) as Heard['data'] })
  }
}

/** A server answers over a socket: as many round trips of our own as a poll has lets the follower's come through. */
const roundTrips = async () => {
  for (let trip = 0; trip < 4; trip++) await kit.platform.store.query('select 1')
}

const listen = async (taskId: string, lastId?: string) => {
  const headers: Record<string, string> = lastId === undefined ? {} : { 'Last-Event-ID': lastId }
  return new Listener(await kit.send('GET', eventsPath(taskId), { headers }), kit.platform.clock)
}

const setStatus = (taskId: string, status: string) =>
  kit.platform.store.query('update data_pipeline_tasks set status = $2 where id = $1', [taskId, status])

describe('the live view of a task', () => {
  test('tells what has happened, then what happens, and ends with the task', async () => {
    const { store } = kit.platform
    const taskId = await insertTask(store, { status: 'in_progress' })
    await insertEvent(store, taskId, { status: 'in_progress', progress: 0 })
    await insertLogs(store, taskId, [{ message: 'started' }])
    const listener = await listen(taskId)
    expect((await listener.until(2)).map(({ event }) => event)).toEqual(['log', 'task'])

    await insertLogs(store, taskId, [{ message: 'last line' }])
    await insertEvent(store, taskId, { status: 'completed', progress: 100 })
    await setStatus(taskId, 'completed')
    await listener.end()
    expect(listener.heard.map(({ event, data }) => [event, data.message ?? data.status])).toEqual([
      ['log', 'started'],
      ['task', 'in_progress'],
      ['log', 'last line'],
      ['task', 'completed'],
    ])
    expect(listener.heard[0]?.data).toMatchObject({ level: 'INFO', timestamp: '2025-06-27T14:30:52' })
  })

  test('goes on after Last-Event-ID without loss or repeat, wherever it broke off', async () => {
    const { store } = kit.platform
    const taskId = await insertTask(store, { status: 'completed' })
    for (let number = 1; number <= 3; number++) {
      await insertEvent(store, taskId, { number })
      await insertLogs(store, taskId, [{}, {}])
    }
    const whole = await listen(taskId)
    await whole.end()
    const ids = whole.heard.map(({ id }) => id)
    expect(new Set(ids).size).toBe(9)
    for (const [index, id] of ids.slice(0, -1).entries()) {
      const rest = await listen(taskId, id)
      await rest.end()
      expect(rest.heard).toEqual(whole.heard.slice(index + 1))
    }
    const again = await kit.send('GET', eventsPath(taskId), { headers: { 'Last-Event-ID': ids.at(-1) ?? '' } })
    expect(again.status).toBe(204)
  })

  test('loses nothing of a log that is longer than a batch', async () => {
    const { store } = kit.platform
    const taskId = await insertTask(store, { status: 'failed' })
    await insertEvent(store, taskId, { status: 'failed' })
    await insertLogs(
      store,
      taskId,
      Array.from({ length: 1200 }, () => ({})),
    )
    const listener = await listen(taskId)
    await listener.end()
    expect(listener.heard).toHaveLength(1201)
    expect(listener.heard.at(-1)?.event).toBe('task')
  })

  test('sends a comment every 15 seconds while nothing happens', async () => {
    const taskId = await insertTask(kit.platform.store)
    const listener = await listen(taskId)
    for (let second = 0; second < 40; second++) {
      await roundTrips()
      await kit.platform.clock.advance(1000)
    }
    await roundTrips()
    expect(listener.comments).toBe(3) // the first one, and two heartbeats
    await listener.leave()
  })

  test('stops asking the store when the listener goes', async () => {
    const taskId = await insertTask(kit.platform.store)
    const listener = await listen(taskId)
    for (let turn = 0; turn < 20; turn++) await kit.platform.clock.advance(100)
    await listener.leave()
    for (let turn = 0; turn < 20; turn++) await kit.platform.clock.advance(100)
    expect(kit.platform.clock.sleepers()).toBe(0)
  })

  test('ends when its task is deleted', async () => {
    const taskId = await insertTask(kit.platform.store)
    const listener = await listen(taskId)
    await kit.platform.store.query('delete from data_pipeline_tasks where id = $1', [taskId])
    await listener.end()
    expect(listener.heard).toEqual([])
  })

  test.each(['stops', 'nears its deadline'])('ends when the process %s', async (reason) => {
    const { store, clock } = kit.platform
    const taskId = await insertTask(store)
    const deadline = reason === 'stops' ? null : new Date(clock.now().getTime() + 10_000)
    const platform = await testPlatform({ store, clock, deadline })
    const answer = await createApp(FUNCTIONS).request(eventsPath(taskId), {}, { platform })
    const listener = new Listener(answer, clock)
    await clock.advance(1000)
    expect(listener.ended).toBe(false)
    if (reason === 'stops') platform.stop()
    await listener.end()
    expect(deadline === null || clock.now() < deadline).toBe(true)
    await platform[Symbol.asyncDispose]()
  })

  test('is not found without its task', async () => {
    expect((await kit.send('GET', eventsPath('task_unknown'))).status).toBe(404)
  })

  test.each(['7', 'a-b', '1-2-3', '-1-0'])('refuses the Last-Event-ID %s', async (id) => {
    const taskId = await insertTask(kit.platform.store)
    const answer = await kit.send('GET', eventsPath(taskId), { headers: { 'Last-Event-ID': id } })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ path: 'Last-Event-ID' }] })
  })
})
