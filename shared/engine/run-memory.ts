import type { Platform } from '../platform/platform.ts'
import { type LogLine, renderLogLines } from './log-lines.ts'
import type { Output } from './outputs.ts'
import type { Pending } from './write.ts'

/**
 * What a worker that follows a run through its steps knows of it, so that it need not ask the store. It goes along with
 * a hand-off and is lost with the worker; the store is the only truth.
 */
export class RunMemory {
  readonly #taskId: string
  /** By name; null when files may have been written before this worker came. */
  readonly #outputs: Map<string, Output> | null
  #unwritten: LogLine[] = []

  /** @param outputs all files of the task, for the worker that was there from its beginning */
  constructor(taskId: string, outputs: readonly Output[] | null) {
    this.#taskId = taskId
    this.#outputs = outputs === null ? null : new Map(outputs.map((output) => [output.fileName, output]))
  }

  /** All files of the task, or null when this worker can't know. */
  get outputs(): readonly Output[] | null {
    return this.#outputs === null ? null : [...this.#outputs.values()]
  }

  /** What has just been committed. */
  remember({ lines, checkpoints }: Pick<Pending, 'lines' | 'checkpoints'>, outputs: readonly Output[] = []): void {
    this.#unwritten.push(...lines)
    for (const output of [...checkpoints.flatMap((checkpoint) => checkpoint.outputs), ...outputs])
      this.#outputs?.set(output.fileName, output)
  }

  /** Brings the task's log file up to date. The lines themselves are in the store, so that a failure is no work's end. */
  async appendLog({ files, clock, log }: Platform): Promise<void> {
    if (this.#unwritten.length === 0) return
    const text = renderLogLines(this.#unwritten.splice(0), clock.timeZone)
    try {
      await files.append(`${this.#taskId}/data_pipeline.log`, text)
    } catch (cause) {
      log('background.failed', { what: 'append to the log file', taskId: this.#taskId, message: String(cause) })
    }
  }
}
