import { lapseFormerLeases } from '../../shared/engine/lease.ts'
import { sweepZombies } from '../../shared/engine/sweep.ts'
import { heldClaims, mortalClaims } from '../../shared/platform/held-claims.ts'
import type { Log } from '../../shared/platform/log.ts'
import { unseenMachine } from '../../shared/platform/machine.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { type Message, portable } from '../../shared/platform/queue.ts'
import { requestFigures } from '../../shared/platform/request-figures.ts'
import { secretsWith } from '../../shared/platform/secrets.ts'
import { Together } from '../../shared/platform/together.ts'
import { drawsOf } from './chance.ts'
import { checkRoom } from './check-schedule.ts'
import { timeOf } from './mirror.ts'
import type { Invocation, Runner, World } from './model.ts'
import { call, simClock, simFiles, simStore } from './ports.ts'

const ROUNDING_MS = 1_000 // queues wait for whole seconds

/** A simulated process of Helix: it boots, serves, freezes, is killed, and starts again as the same installation. */
export class SimulatedRunner implements Runner {
  readonly world: World
  readonly number: number
  readonly skewMs: number
  alive = false
  booted = false
  frozenUntil = 0
  restartAt = 0
  generation = 0
  stopping = new AbortController()
  readonly invocations = new Set<Invocation>()
  troubled = false
  readonly promised = new Set<string>()
  #steps = 0
  #random = drawsOf(0).random
  #untilSeen = false
  #together: Together | null = null

  constructor(world: World, number: number) {
    this.world = world
    this.number = number
    const draws = drawsOf(world.plan.seed, 'runner', number)
    this.skewMs = number === 1 ? 0 : draws.whole(-world.plan.skewMs, world.plan.skewMs)
  }

  get workerId(): string {
    return `runner${this.number}:${this.generation}`
  }

  /** Takes new work now. */
  get ready(): boolean {
    return this.alive && this.booted && !this.stopping.signal.aborted && this.frozenUntil <= this.world.now
  }

  get idle(): boolean {
    return this.invocations.size === 0
  }

  get hasRoom(): boolean {
    return this.ready && this.#steps < this.world.plan.stepsPerRunner
  }

  /** Starts the process: as a local runner does, it first frees what its former self held. */
  boot(): void {
    this.generation += 1
    this.alive = true
    this.booted = false
    this.#steps = 0
    this.promised.clear()
    this.#claims = heldClaims()
    this.troubled = false
    this.stopping = new AbortController()
    this.#random = drawsOf(this.world.plan.seed, this.workerId).random
    const statements = this.#invocation('statements', null)
    this.#together = new Together((text, values) => simStore(this.world, statements).query(text, values))
    this.invocations.delete(statements) // it begins nothing by itself
    this.#lanes = statements
    this.start('boot', async (platform) => {
      try {
        await lapseFormerLeases(platform.store, `runner${this.number}`, this.workerId, platform.clock.now())
        await sweepZombies(platform, 0)
        this.booted = true
      } catch {
        this.kill()
      }
    })
  }

  #lanes: Invocation | null = null

  #claims = heldClaims()

  together<Answer>(invocation: Invocation, statement: string, item: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = this.#together?.send<Answer>(statement, item)
      sent?.then(
        (answer) => (invocation.alive ? resolve(answer) : undefined),
        (error) => (invocation.alive ? reject(error) : undefined),
      )
    })
  }

  /** The process ends where it stands, and is started again in a while. */
  kill(): void {
    if (!this.alive) return
    this.world.count('kills')
    this.alive = false
    this.booted = false
    this.frozenUntil = 0
    for (const invocation of [...this.invocations]) this.#end(invocation)
    if (this.#lanes !== null) this.world.kill(this.#lanes)
    this.restartAt = this.world.now + drawsOf(this.world.plan.seed, this.workerId, 'restart').whole(100, 20_000)
  }

  /** Ends one invocation where it stands; on a process that shares its statements that is the process. */
  crash(invocation: Invocation): void {
    if (invocation === this.#lanes) {
      this.kill()
      return
    }
    this.world.count('crashes')
    this.troubled = true
    this.#end(invocation)
    if (invocation.label === 'boot') this.kill()
  }

  freeze(ms: number, untilSeen = false): void {
    this.frozenUntil = this.world.now + ms
    this.#untilSeen = untilSeen
  }

  seen(): void {
    if (!this.#untilSeen) return
    this.#untilSeen = false
    this.frozenUntil = Math.min(this.frozenUntil, this.world.now)
  }

  stop(): void {
    this.stopping.abort()
  }

  /** A stopping process is gone once nothing of it runs. */
  mayEnd(): void {
    if (this.alive && this.stopping.signal.aborted && this.idle) this.kill()
  }

  /** Begins what a trigger asks for. It lives on until its deferred work has ended too. */
  start(label: string, work: (platform: Platform) => Promise<unknown>): Invocation {
    const { deadlineSeconds } = this.world.plan
    const deadlineAt = deadlineSeconds === null || label === 'boot' ? null : this.world.now + deadlineSeconds * 1000
    const invocation = this.#invocation(label, deadlineAt)
    const deferred = new Set<Promise<unknown>>()
    const platform = this.#platform(invocation, deferred)
    const ended = async () => {
      try {
        await work(platform)
      } catch (error) {
        this.world.violate('answers', `${label} threw ${String(error)}`)
      }
      while (deferred.size > 0) await Promise.all(deferred)
      this.invocations.delete(invocation)
      if (this.idle) this.#checkPromises()
      if (this.world.quiet && !this.#someoneCancels()) checkRoom(this.world)
      this.mayEnd()
    }
    void ended()
    return invocation
  }

  /** Between its two transactions a cancellation has made room that nobody has. */
  #someoneCancels(): boolean {
    return this.world.runners.some(({ invocations }) => [...invocations].some(({ label }) => label === 'cancel'))
  }

  /** A message speaks of what is committed, and comes when its execution may begin. */
  #checkMessage({ body }: Message, delaySeconds: number): void {
    const { mirror, now, plan } = this.world
    const execution = mirror.executions.get(body.execution_id)
    if (execution === undefined && this.world.knows(body.execution_id)) return // deleted since
    if (execution === undefined || execution.claim < body.claim || execution.admitted_at === null) {
      this.world.violate('queue', `${body.execution_id} is sent before it is committed`)
      return
    }
    const waitsMs = Math.max(0, timeOf(execution.available_at) - now - this.skewMs)
    if (delaySeconds * 1_000 > waitsMs + 2 * plan.skewMs + ROUNDING_MS)
      this.world.violate(
        'queue',
        `${body.execution_id} may begin in ${waitsMs} ms, and is sent for in ${delaySeconds} s`,
      )
  }

  /** Whoever makes work wait for a message sends it, before it rests. */
  #checkPromises(): void {
    const [forgotten] = this.promised
    if (forgotten !== undefined && !this.troubled) {
      this.world.violate('1-none-lost', `${this.workerId} rests without having sent the message for ${forgotten}`)
    }
    this.promised.clear()
    // A statement that is still under way may be for one who is gone, and be committed after this.
    this.troubled &&= this.world.calls.some(({ invocation }) => invocation === this.#lanes)
  }

  #invocation(label: string, deadlineAt: number | null): Invocation {
    const invocation: Invocation = {
      runner: this,
      label,
      deadlineAt,
      alive: true,
    }
    this.invocations.add(invocation)
    return invocation
  }

  #end(invocation: Invocation): void {
    this.invocations.delete(invocation)
    this.world.kill(invocation)
    const steps = this.#stepsOf.get(invocation) ?? 0
    this.#steps -= steps
    this.#stepsOf.delete(invocation)
    this.mayEnd()
  }

  readonly #stepsOf = new Map<Invocation, number>()

  async #room<T>(invocation: Invocation, work: () => Promise<T>): Promise<T> {
    const change = (by: number) => {
      this.#steps += by
      this.#stepsOf.set(invocation, (this.#stepsOf.get(invocation) ?? 0) + by)
    }
    change(1)
    try {
      return await work()
    } finally {
      change(-1)
    }
  }

  #platform(invocation: Invocation, deferred: Set<Promise<unknown>>): Platform {
    const { world } = this
    const { stage } = world
    const log: Log = (event) => world.count(`log ${event}`)
    const platform: Platform = {
      config: world.config,
      store: simStore(world, invocation),
      sources: {
        list: () => [{ name: 'shop', kind: 'server', address: 'localhost/shop' }],
        open: () => call(world, invocation, { kind: 'source', label: 'open source' }, () => stage.source),
      },
      queue: {
        // What it simulates sends executions only.
        send: async (given, delaySeconds = 0) => {
          const message = given as Message
          const { delaySeconds: whole } = portable(message, delaySeconds)
          this.#checkMessage(message, whole)
          const label = `send ${message.function} ${message.body.execution_id} ${message.body.claim}`
          await call(world, invocation, { kind: 'queue', label }, (fault) => {
            this.promised.delete(`${message.body.execution_id} ${message.body.claim}`)
            return world.broker.send(message, whole, fault)
          })
        },
      },
      files: simFiles(world, invocation),
      tableLists: { read: async () => null },
      clock: simClock(world, invocation),
      random: () => this.#random(),
      log,
      machine: unseenMachine(),
      mail: null,
      requests: requestFigures(),
      secrets: secretsWith(undefined),
      llm: null,
      embedder: { dimension: 1, embed: async () => [] } as unknown as Platform['embedder'],
      sqlParser: {} as Platform['sqlParser'],
      sandbox: {} as Platform['sandbox'],
      defer: (work) => {
        const kept: Promise<unknown> = work
          .catch((cause: unknown) => log('background.failed', { message: String(cause) }))
          .finally(() => deferred.delete(kept))
        deferred.add(kept)
      },
      dispatch: (message, handed) => this.#room(invocation, () => stage.triggers.dispatch(platform, message, handed)),
      takesSteps: () => this.hasRoom,
      workerId: this.workerId,
      claims: mortalClaims(this.#claims, () => invocation.alive),
      deadline: invocation.deadlineAt === null ? null : new Date(invocation.deadlineAt + this.skewMs),
      stopping: this.stopping.signal,
    }
    return platform
  }
}
