import { REPAIR_FUNCTION } from '../../shared/ops/incidents/check-incidents.ts'

/** Whether a function's work counts as a step. A repair never waits for room: full rooms may be what it is to put right. */
export function takesRoom(functionName: string): boolean {
  return functionName !== REPAIR_FUNCTION
}

/** Told to the queue while there is no room for a step: the message comes again, unless another runner takes the work. */
export function busy(): Response {
  return new Response(null, { status: 503, headers: { 'Retry-After': '1' } })
}

/** How many steps this process runs at once, so that what is over goes to another runner on the same store. */
export class StepRoom {
  readonly #max: number
  #running = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Steps that could begin now; a hand-off goes on in its predecessor's place, and is never refused. */
  get free(): number {
    return Math.max(0, this.#max - this.#running)
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1
    try {
      return await work()
    } finally {
      this.#running -= 1
    }
  }
}
