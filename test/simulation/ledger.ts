import { type ExecutionState, isActive } from './mirror.ts'
import type { Beginning, Turn, World } from './model.ts'

const DEADLINE_MARGIN_MS = 5_000 // whoever begins an item with less than this left does not end it

/** The simulator's own book of what was worked, beside the store's. */
export class Ledger {
  readonly #world: World
  readonly #turns = new Map<string, Turn>()
  readonly #attempts = new Map<string, { readonly beganAt: number; readonly items: Set<string> }>()

  constructor(world: World) {
    this.#world = world
  }

  /** Somebody holds an execution: from then on its attempt takes time. */
  held(executionId: string, attempt: number, at: number): void {
    const key = `${executionId}#${attempt}`
    if (!this.#attempts.has(key)) this.#attempts.set(key, { beganAt: at, items: new Set() })
  }

  /** A worker begins. Under one claim that happens once. */
  begin(turn: Beginning): Turn {
    const key = `${turn.executionId}#${turn.claim}`
    const beganAt = this.#world.now
    this.#world.count('turns')
    const given = this.#world.mirror.executions.get(turn.executionId)?.claim ?? -1
    const former = this.#turns.get(key)
    const vainly = former?.written === true && former.worker !== turn.worker && this.#hasEnded(turn)
    if (former?.written === true && !vainly)
      this.#world.violate('2-once', `Claim ${turn.claim} of ${turn.executionId} was worked twice`)
    // Begun before it was written, and lost since: nobody has heard of that one, and its id is free.
    if (former !== undefined && !vainly) this.#attempts.delete(`${turn.executionId}#${turn.attempt}`)
    const begun: Turn = {
      ...turn,
      beganAt,
      items: new Map(),
      lines: [],
      inFlight: 0,
      toldToStop: false,
      problem: null,
      returned: null,
      written: given >= turn.claim,
    }
    // A worker that does not know yet that it was superseded has foreseen the very id that its successor has written.
    if (vainly) return begun
    this.#turns.set(key, begun)
    if (!begun.written && !this.#isForeseen(turn)) {
      this.#world.violate('2-fenced', `${turn.executionId} is worked under claim ${turn.claim}, which nobody was given`)
    }
    return begun
  }

  /** A step may begin before the end of its predecessor is written, by whoever has worked that one to its end. */
  #isForeseen(turn: Beginning): boolean {
    return !this.#world.knows(turn.executionId) && turn.claim === 1 && this.#hasEnded(turn)
  }

  /** Whether the worker of a turn has worked another step of its run to the end. */
  #hasEnded({ executionId, runId, worker }: Beginning): boolean {
    return [...this.#turns.values()].some(
      (one) => one.executionId !== executionId && one.runId === runId && one.worker === worker && one.returned !== null,
    )
  }

  /** An execution is in the store; it may have been begun before, by the worker that has now written it. */
  inserted({ execution_id, run_id, claim }: ExecutionState, workerId: string): void {
    const turn = this.#turns.get(`${execution_id}#${claim}`)
    if (turn?.runId === run_id && turn.worker === workerId) turn.written = true
  }

  /** A step has touched something outside its process: by then the store must know of it. */
  reached(turn: Turn): void {
    if (!this.#world.knows(turn.executionId))
      this.#world.violate('2-fenced', `${turn.executionId} has reached beyond its process, and nobody knows of it`)
  }

  /** @param timeLeftMs until the platform ends the invocation */
  item(turn: Turn, item: string, timeLeftMs: number): void {
    this.#checkTime(turn, item, timeLeftMs)
    const times = (turn.items.get(item) ?? 0) + 1
    turn.items.set(item, times)
    this.#world.count('items')
    if (times > 1)
      this.#world.violate('6-checkpoint', `${item} of ${turn.executionId} was worked twice under claim ${turn.claim}`)
    if (turn.toldToStop)
      this.#world.violate('5-cancel', `${item} of ${turn.executionId} was begun, although its worker was told to stop`)
    if (turn.inFlight > turn.concurrency)
      this.#world.violate('slices', `${turn.inFlight} items of ${turn.executionId} at once, not ${turn.concurrency}`)
    this.#checkSaved(turn, item)
    const worked = this.#attempts.get(`${turn.executionId}#${turn.attempt}`)?.items
    if (this.#world.quiet && worked?.has(item) === true)
      this.#world.violate('quiet', `${item} of ${turn.executionId} was worked twice, although nothing went wrong`)
    worked?.add(item)
  }

  #checkTime(turn: Turn, item: string, timeLeftMs: number): void {
    const { plan, now } = this.#world
    const began = this.attemptBegan(turn.executionId, turn.attempt) ?? now
    if (now - began > turn.timeoutMs + 2 * plan.skewMs)
      this.#world.violate('timeout', `${item} of ${turn.executionId} was begun ${now - began} ms after its attempt`)
    // The first item may always begin, or too short a slice would never get anywhere.
    if (turn.items.size > 0 && now - turn.beganAt > plan.sliceSeconds * 1_000)
      this.#world.violate('slices', `${item} of ${turn.executionId} was begun ${now - turn.beganAt} ms after its slice`)
    if (timeLeftMs < DEADLINE_MARGIN_MS)
      this.#world.violate('slices', `${item} of ${turn.executionId} was begun ${timeLeftMs} ms before the deadline`)
  }

  /** Whoever holds the execution never works what has a checkpoint; one that was superseded may not know of it yet. */
  #checkSaved({ taskId, executionId, step, claim }: Turn, item: string): void {
    const { checkpoints, executions } = this.#world.mirror
    const checkpoint = checkpoints.get(`${taskId}/${step}/${item}`)
    const execution = executions.get(executionId)
    if (checkpoint === undefined || execution === undefined || execution.claim > claim || !isActive(execution)) return
    this.#world.violate(
      '6-checkpoint',
      `${item} of ${executionId} is worked under claim ${claim}, although claim ${checkpoint.claim} of ${checkpoint.execution_id} has saved it`,
    )
  }

  /** A line that is like no other. */
  line(turn: Turn, text: string): string {
    const line = `${text} [${turn.executionId}#${turn.claim}:${turn.lines.length}]`
    turn.lines.push(line)
    return line
  }

  find(executionId: string, claim: number): Turn | undefined {
    return this.#turns.get(`${executionId}#${claim}`)
  }

  /** When an attempt was first held by anybody; null before. */
  attemptBegan(executionId: string, attempt: number): number | null {
    return this.#attempts.get(`${executionId}#${attempt}`)?.beganAt ?? null
  }
}
