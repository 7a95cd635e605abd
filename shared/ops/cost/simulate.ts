import { type Random, seededRandom } from '../../platform/random.ts'
import { EventQueue } from './event-queue.ts'

/** Something that serves a number of tasks at once; the others wait in order of arrival. */
export interface Station {
  readonly name: string
  readonly servers: number
}

/** A part of a task's life. */
export type Stage =
  /** Takes a server of a station until `release`. */
  | { readonly kind: 'hold'; readonly station: string }
  | { readonly kind: 'release'; readonly station: string }
  /** Takes a server for as long as the work lasts. */
  | { readonly kind: 'use'; readonly station: string; readonly meanMs: number }
  /** Works without asking anybody for anything. */
  | { readonly kind: 'work'; readonly meanMs: number }
  /** A call to the model: refused when the minute's requests are used up, and then tried again after a growing wait. */
  | { readonly kind: 'llm'; readonly meanMs: number }

export interface Scenario {
  readonly tasksPerMinute: number
  /** How long tasks arrive; those under way then end. */
  readonly minutes: number
  readonly stations: readonly Station[]
  readonly stages: readonly Stage[]
  /** Requests that the model's endpoint lets through; null for any number. */
  readonly llmRequestsPerMinute: number | null
  readonly seed: number
}

export interface StationReport {
  readonly name: string
  /** Share of its servers' time that was used while tasks arrived. */
  readonly utilisation: number
  readonly meanWaitMs: number
  readonly queueMax: number
}

export interface Simulated {
  /** How long tasks arrived. */
  readonly minutes: number
  readonly arrived: number
  readonly ended: number
  /** Tasks that ended while others still arrived, per minute. */
  readonly tasksPerMinute: number
  /** Tasks in the system on average, by watching it all the time. */
  readonly meanInSystem: number
  readonly taskMs: { readonly mean: number; readonly p50: number; readonly p95: number; readonly p99: number }
  readonly horizonMs: number
  readonly llmRefusals: number
  /** The longest queue first. */
  readonly stations: readonly StationReport[]
}

interface Task {
  readonly arrivedAt: number
  stage: number
  waitingSince: number
  refusals: number
}

interface Place {
  readonly servers: number
  readonly queue: Task[]
  head: number
  busy: number
  busyMs: number
  changedAt: number
  waitedMs: number
  visits: number
  queueMax: number
}

const BACKOFF_BASE_MS = 1_000
const BACKOFF_MAX_MS = 60_000
const MINUTE_MS = 60_000

/** Plays a scenario event by event: arrivals by chance, queues by order. The same seed gives the same answer. */
export function simulate(scenario: Scenario): Simulated {
  return new Simulation(scenario).run()
}

class Simulation {
  readonly #scenario: Scenario
  readonly #random: Random
  readonly #events = new EventQueue<() => void>()
  readonly #places: Map<string, Place>
  readonly #durations: number[] = []
  #now = 0
  #arrived = 0
  #inSystem = 0
  #inSystemMs = 0
  #endedInTime = 0
  #llmMinute = 0
  #llmUsed = 0
  #refusals = 0

  constructor(scenario: Scenario) {
    this.#scenario = scenario
    this.#random = seededRandom(scenario.seed)
    this.#places = new Map(scenario.stations.map(({ name, servers }) => [name, place(servers)]))
  }

  run(): Simulated {
    const { minutes } = this.#scenario
    this.#events.add(this.#drawMs(MINUTE_MS / this.#scenario.tasksPerMinute), () => this.#arrive())
    for (let event = this.#events.take(); event !== undefined; event = this.#events.take()) {
      this.#inSystemMs += this.#inSystem * (event.at - this.#now)
      this.#now = event.at
      event.value()
    }
    const sorted = this.#durations.toSorted((a, b) => a - b)
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
    const mean = sorted.reduce((sum, ms) => sum + ms, 0) / Math.max(1, sorted.length)
    return {
      minutes,
      arrived: this.#arrived,
      ended: sorted.length,
      tasksPerMinute: this.#endedInTime / minutes,
      meanInSystem: this.#now === 0 ? 0 : this.#inSystemMs / this.#now,
      taskMs: { mean, p50: at(0.5), p95: at(0.95), p99: at(0.99) },
      horizonMs: this.#now,
      llmRefusals: this.#refusals,
      stations: [...this.#places]
        .map(([name, found]) => this.#report(name, found))
        .toSorted((a, b) => b.queueMax - a.queueMax),
    }
  }

  #report(name: string, { busyMs, servers, waitedMs, visits, queueMax }: Place): StationReport {
    const utilisation = busyMs / (servers * this.#scenario.minutes * MINUTE_MS)
    return { name, utilisation, meanWaitMs: visits === 0 ? 0 : waitedMs / visits, queueMax }
  }

  #arrive(): void {
    const next = this.#now + this.#drawMs(MINUTE_MS / this.#scenario.tasksPerMinute)
    if (next < this.#scenario.minutes * MINUTE_MS) this.#events.add(next, () => this.#arrive())
    this.#arrived += 1
    this.#inSystem += 1
    this.#go({ arrivedAt: this.#now, stage: -1, waitingSince: 0, refusals: 0 })
  }

  /** The task's next stage begins. */
  #go(task: Task): void {
    task.stage += 1
    const stage = this.#scenario.stages[task.stage]
    if (stage === undefined) this.#end(task)
    else if (stage.kind === 'work') this.#goAfter(this.#drawMs(stage.meanMs), task)
    else if (stage.kind === 'llm') this.#call(task, stage.meanMs)
    else if (stage.kind === 'release') {
      this.#release(this.#placeOf(stage.station))
      this.#go(task)
    } else this.#ask(this.#placeOf(stage.station), task)
  }

  #ask(found: Place, task: Task): void {
    task.waitingSince = this.#now
    if (found.busy < found.servers) this.#serve(found, task)
    else {
      found.queue.push(task)
      found.queueMax = Math.max(found.queueMax, found.queue.length - found.head)
    }
  }

  #serve(found: Place, task: Task): void {
    this.#count(found, 1)
    found.visits += 1
    found.waitedMs += this.#now - task.waitingSince
    const stage = this.#scenario.stages[task.stage]
    if (stage?.kind !== 'use') this.#go(task)
    else {
      this.#after(this.#drawMs(stage.meanMs), () => {
        this.#release(found)
        this.#go(task)
      })
    }
  }

  #release(found: Place): void {
    this.#count(found, -1)
    const next = found.queue[found.head]
    if (next === undefined) return
    found.head += 1
    // What was served is dropped now and then, so that neither time nor memory grows with all that ever waited.
    if (found.head > 1_000) {
      found.queue.splice(0, found.head)
      found.head = 0
    }
    this.#serve(found, next)
  }

  #count(found: Place, change: 1 | -1): void {
    const end = this.#scenario.minutes * MINUTE_MS
    found.busyMs += found.busy * (Math.min(this.#now, end) - Math.min(found.changedAt, end))
    found.changedAt = this.#now
    found.busy += change
  }

  #call(task: Task, meanMs: number): void {
    const { llmRequestsPerMinute } = this.#scenario
    const minute = Math.floor(this.#now / MINUTE_MS)
    if (minute !== this.#llmMinute) [this.#llmMinute, this.#llmUsed] = [minute, 0]
    if (llmRequestsPerMinute !== null && this.#llmUsed >= llmRequestsPerMinute) {
      this.#refusals += 1
      task.refusals += 1
      const waitMs = this.#random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (task.refusals - 1))
      this.#after(waitMs, () => this.#call(task, meanMs))
    } else {
      this.#llmUsed += 1
      task.refusals = 0
      this.#goAfter(this.#drawMs(meanMs), task)
    }
  }

  #end(task: Task): void {
    this.#inSystem -= 1
    this.#durations.push(this.#now - task.arrivedAt)
    if (this.#now <= this.#scenario.minutes * MINUTE_MS) this.#endedInTime += 1
  }

  #goAfter(ms: number, task: Task): void {
    this.#after(ms, () => this.#go(task))
  }

  #after(ms: number, then: () => void): void {
    this.#events.add(this.#now + ms, then)
  }

  #drawMs(meanMs: number): number {
    return -Math.log(1 - this.#random()) * meanMs
  }

  #placeOf(name: string): Place {
    const found = this.#places.get(name)
    if (found === undefined) throw new Error(`The scenario has no station "${name}"`)
    return found
  }
}

function place(servers: number): Place {
  return { servers, queue: [], head: 0, busy: 0, busyMs: 0, changedAt: 0, waitedMs: 0, visits: 0, queueMax: 0 }
}
