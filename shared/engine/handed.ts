import type { Platform } from '../platform/platform.ts'
import type { Work } from './change.ts'
import { functionOf } from './planned-workflow.ts'

/** Work that a worker has begun to hold, and that no statement need ask for. */
export interface Taken extends Work {
  /** Whether the step begins at its first item. */
  readonly fresh: boolean
}

/** An execution that was leased to this process when it was inserted, on its way to its function. */
export class Handed {
  #work: Work | null

  constructor(work: Work) {
    this.#work = work
  }

  /** Once only: a second call of the function, or another one's, finds nothing to do. */
  take(functionName: string): Taken | { readonly kind: 'stale' } {
    const work = this.#work
    if (work === null || functionOf(work.execution) !== functionName) return { kind: 'stale' }
    this.#work = null
    // A node of a workflow that is gone on with may have checkpoints; what a step of the pipeline had is forgotten.
    return { ...work, fresh: work.task.parameters.workflow === undefined }
  }
}

/**
 * Calls the next function in this process: it already holds the lease, and no message is needed. If the process dies,
 * that lease lapses like any other.
 */
export function handOff(platform: Platform, work: Work): void {
  const { executionId, claim } = work.execution
  const message = { function: functionOf(work.execution), body: { execution_id: executionId, claim } }
  platform.defer(platform.dispatch(message, new Handed(work)))
}
