import type { OpenTarget } from '../target.ts'
import { type OpenWorld, SOURCES } from '../world.ts'

import { type Answer, openClient } from './client.ts'
import { type Job, playJob } from './job.ts'
import { LeftOut } from './left-out.ts'

/** A call of a probe, as an answer tells it. */
export interface SeenDelivery {
  readonly probe: string
  readonly claim: number
  readonly answer: unknown
  /** One name per process or, where there are no processes, per invocation. */
  readonly worker: string
  readonly at: string
  readonly deadline: string | null
}

/** A message to be sent through the platform's own queue. */
export interface Sending {
  readonly message: unknown
  readonly delaySeconds?: number
  readonly copies?: number
}

/** What a case works with. */
export interface Kit {
  readonly target: OpenTarget
  readonly planted: OpenWorld['planted']
  /** Any request to the target. What is answered is searched for planted secrets. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** A request with JSON both ways. */
  call(method: string, path: string, body?: unknown): Promise<Answer>
  send(messages: readonly Sending[]): Promise<{ sent: number; refused: { code: string; message: string }[] }>
  /** Sends one message to the queue probe, which plays this script. @returns the name under which it writes down */
  play(script: readonly unknown[], options?: { delaySeconds?: number; copies?: number }): Promise<string>
  deliveries(probe: string): Promise<readonly SeenDelivery[]>
  /** A name that no other case uses. */
  name(what: string): string
  /** Looks again and again until there is something. @throws {Error} with the last look, after so many seconds */
  until<T>(what: string, look: () => Promise<T | null | undefined | false>, seconds?: number): Promise<T>
  /** Time for what should not happen to happen. */
  quiet(seconds: number): Promise<void>
  /** The main job on a source of the world, played once for all cases. @throws {LeftOut} when the suite was given none */
  job(source: 'sample' | 'given'): Promise<Job>
  /** Where planted secrets have been seen in answers so far. */
  leaks(): Promise<readonly string[]>
}

const UNTIL_SECONDS = 120
const LOOK_MS = 250

/** Everything that the cases share on one target. */
export function openKit(target: OpenTarget, world: OpenWorld): Kit {
  const client = openClient(target, world.planted)
  const { fetch, call } = client
  const jobs = new Map<string, Promise<Job>>()
  let names = 0
  const kit: Kit = {
    target,
    planted: world.planted,
    fetch,
    call,
    leaks: client.leaks,
    name: (what) => `${what}-${++names}`,
    async send(messages) {
      const { status, body } = await call('POST', '/conformance/messages', { messages })
      if (status !== 200) throw new Error(`The messages were not sent: ${status} ${JSON.stringify(body)}`)
      return body
    },
    async play(script, options = {}) {
      const probe = kit.name('probe')
      const body = { execution_id: probe, claim: 1, script }
      const { refused } = await kit.send([{ message: { function: 'conformance-probe', body }, ...options }])
      if (refused.length > 0) throw new Error(`The queue refused a message: ${refused[0]?.message}`)
      return probe
    },
    deliveries: async (probe) => (await call('GET', `/conformance/deliveries/${probe}`)).body,
    until: (what, look, seconds = UNTIL_SECONDS) => until(what, look, seconds),
    quiet: (seconds) => pause(seconds * 1_000),
    job(source) {
      if (source === 'given' && world.givenMissing !== null) {
        throw new LeftOut({ kind: 'given', why: world.givenMissing })
      }
      const played = jobs.get(source) ?? playJob(kit, SOURCES[source])
      jobs.set(source, played)
      return played
    },
  }
  return kit
}

async function until<T>(what: string, look: () => Promise<T | null | undefined | false>, seconds: number): Promise<T> {
  const endsAt = Date.now() + seconds * 1_000
  let trouble = ''
  while (Date.now() < endsAt) {
    try {
      const found = await look()
      if (found !== null && found !== undefined && found !== false) return found
    } catch (error) {
      if (error instanceof LeftOut) throw error
      trouble = ` (${error instanceof Error ? error.message : String(error)})`
    }
    await pause(LOOK_MS)
  }
  throw new Error(`Waited ${seconds} s in vain: ${what}${trouble}`)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
