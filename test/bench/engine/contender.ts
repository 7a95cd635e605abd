/** A durable engine under measurement, opened on a database of its own. */
export interface Contender {
  /** Runs one four-step durable workflow: from the request to its recorded completion. */
  run(): Promise<void>
  close(): Promise<void>
}

export interface ContenderOptions {
  /** Its own database; whatever it needs there it makes itself. */
  readonly url: string
  /** Workflows at once at most, for engines that must be told. */
  readonly concurrency: number
  /** A directory that is removed afterwards. */
  readonly directory: string
  /** Where the peers are installed; empty for Helix. */
  readonly peersDir: string
}

export type OpenContender = (options: ContenderOptions) => Promise<Contender>

/** What every step of every contender answers: as small as the answer of a real step. */
export const STEP_RESULT = { files: 1, note: 'a short answer of a step' }

export const STEPS_PER_WORKFLOW = 4
