import type { Execution } from './execution.ts'
import {
  type Change,
  type EndFiles,
  type FollowerRecord,
  type Pending,
  superseded,
  type Written,
  writeItem,
} from './write.ts'

/** The end of a step, as it is to be written. */
export interface StepEnd {
  readonly execution: Execution
  readonly change: Change
  readonly pending: Pending
  readonly files: EndFiles
  /** What is done once it is written. */
  readonly written: () => void
  /** What is done where the first of some ends is refused: nothing of any of them has happened. */
  readonly refused: () => Promise<void>
  /** Writes an item of `helix_write`. @returns null when the claim was superseded */
  readonly send: (item: ReturnType<typeof writeItem>) => Promise<Written | null>
}

/**
 * Ends of steps that the next step did not wait for. A step that touches nothing outside this process changes nothing
 * that a crash could leave behind, so it may begin before the store knows that its predecessor has ended; whoever is
 * about to touch something waits for `settle` first. What has come together by then is one write under the fence of the
 * first claim, the only one of them that the store knows: all of it happens, or nothing.
 */
export class Fold {
  #ends: StepEnd[] = []
  #settling: Promise<void> | null = null
  #lost: Execution | null = null

  /** Whether the store knows the execution that is being worked. */
  get settled(): boolean {
    return this.#ends.length === 0 && this.#lost === null
  }

  /** Keeps the end of a step; the next one, which it names, is this worker's. */
  keep(end: StepEnd): void {
    this.#ends.push(end)
  }

  /** Files that ends tell of which are not written yet. */
  outputs() {
    return this.#ends.flatMap(({ pending, files }) => [
      ...pending.checkpoints.flatMap((checkpoint) => checkpoint.outputs),
      ...files.step,
    ])
  }

  /**
   * Resolves when the store knows the execution that is being worked.
   * @throws {Problem} `lease_lost` when it never will; `store_unavailable`, and the next call tries again
   */
  async settle(): Promise<void> {
    if (this.settled) return
    if (this.#lost !== null && this.#settling === null) throw superseded(this.#lost)
    this.#settling ??= this.#write(null).then(() => undefined)
    try {
      await this.#settling
    } finally {
      this.#settling = null
    }
  }

  /** Waits for a write that is under way: what ends meanwhile can't join it. */
  async quiet(): Promise<void> {
    if (this.#settling !== null || this.#lost !== null) await this.settle()
  }

  /** Writes an end together with those that wait. @returns null when its claim was superseded, and nothing waited */
  async end(end: StepEnd): Promise<Written | null> {
    await this.quiet()
    return await this.#write(end)
  }

  async #write(last: StepEnd | null): Promise<Written | null> {
    const ends = last === null ? this.#ends : [...this.#ends, last]
    const first = ends[0]
    if (first === undefined) return null
    const written = await first.send(itemOf(first, ends.slice(1)))
    if (written === null && this.#ends.length === 0) return null
    const waited = this.#ends
    this.#ends = []
    if (written !== null) {
      for (const end of waited) end.written()
      return written
    }
    const { execution } = ends.at(-1) ?? first
    this.#lost = execution
    await first.refused()
    throw superseded(execution)
  }
}

/** What several steps of a run, one after the other, have come to: the first ends, the others have begun and ended since. */
function itemOf(first: StepEnd, others: readonly StepEnd[]): ReturnType<typeof writeItem> {
  const last = others.at(-1)
  if (last === undefined) return writeItem(first.execution, first.change, first.pending, first.files)
  const { task, admit, next: following = [] } = last.change
  const began = [first, ...others].flatMap(({ change }) => change.next ?? [])
  const followers = others.map(({ change }, index): FollowerRecord => {
    const follower = began[index]
    if (follower === undefined) throw new Error('A step has ended that none of its predecessors has begun')
    return { ...follower, completed_at: change.at, result: change.result ?? {} }
  })
  const change: Change = {
    ...first.change,
    next: [...followers, ...following],
    ...(task === undefined ? {} : { task }),
    ...(admit === undefined ? {} : { admit }),
  }
  return writeItem(first.execution, change, first.pending, first.files, others)
}
