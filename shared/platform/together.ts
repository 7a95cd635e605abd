import { jsonbText } from './jsonb-text.ts'
import { Problem } from './problems.ts'
import type { Queryable } from './store.ts'

/**
 * Natural group commit (PostgreSQL's own idea of one flush for many, one level up): while a statement is under way,
 * whatever else comes for it waits, and goes with the next one. No timer: an item that comes alone goes at once.
 */
export class Together {
  readonly #run: Queryable['query']
  readonly #lanes = new Map<string, Lane>()

  constructor(run: Queryable['query']) {
    this.#run = run
  }

  /** Sends one item with whatever else waits for the statement. @returns its own answer */
  async send<Answer>(statement: string, item: unknown): Promise<Answer> {
    let lane = this.#lanes.get(statement)
    if (lane === undefined) {
      lane = new Lane((items) => this.#all(statement, items))
      this.#lanes.set(statement, lane)
    }
    return (await lane.add(item)) as Answer
  }

  /** One statement for all, or one for each where one of them spoils it for the others. */
  async #all(statement: string, items: readonly unknown[]): Promise<readonly Outcome[]> {
    try {
      return await this.#statement(statement, items)
    } catch (error) {
      if (items.length === 1 || error instanceof Problem) return items.map(() => ({ error }))
    }
    const outcomes: Outcome[] = []
    for (const item of items) outcomes.push(...(await this.#all(statement, [item])))
    return outcomes
  }

  async #statement(statement: string, items: readonly unknown[]): Promise<readonly Outcome[]> {
    const { rows } = await this.#run<{ answers: readonly unknown[] }>(statement, [jsonbText(items)])
    const answers = rows[0]?.answers ?? []
    if (answers.length !== items.length) throw new Error(`${items.length} items got ${answers.length} answers`)
    return answers.map((answer) => ({ answer }))
  }
}

type Outcome = { readonly answer: unknown } | { readonly error: unknown }

interface Waiting {
  readonly item: unknown
  readonly settle: (outcome: Outcome) => void
}

const ITEMS_MAX = 200 // of one statement: it stays short, and the next one takes the rest
const ITEMS_BESIDE_MIN = 8 // waiting, before a second statement goes beside the first: fewer are better sent together

/** One statement at a time; a second one beside it where many wait, so that neither side waits for the other. */
class Lane {
  readonly #run: (items: readonly unknown[]) => Promise<readonly Outcome[]>
  #waiting: Waiting[] = []
  #underWay = 0

  constructor(run: (items: readonly unknown[]) => Promise<readonly Outcome[]>) {
    this.#run = run
  }

  add(item: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        item,
        settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.answer)),
      })
      this.#begin()
    })
  }

  #begin(): void {
    const waiting = this.#waiting.length
    if (this.#underWay === 0 ? waiting > 0 : this.#underWay === 1 && waiting >= ITEMS_BESIDE_MIN) void this.#send()
  }

  async #send(): Promise<void> {
    const sent = this.#waiting.splice(0, ITEMS_MAX)
    this.#underWay += 1
    const outcomes = await this.#run(sent.map(({ item }) => item))
    this.#underWay -= 1
    for (const [index, { settle }] of sent.entries()) settle(outcomes[index] ?? { error: new Error('No answer') })
    this.#begin()
  }
}
