import type { ChildProcess } from 'node:child_process'
import type { Words } from '../target.ts'

/** What the image is, however it was made: something in which its command can be started. */
export interface Image {
  /** How it was made, for the matrix. */
  readonly how: Words
  /** Starts a container. Its standard input and output are pipes. */
  start(options: StartOptions): Container
}

export interface StartOptions {
  /** Its own; the folder for its data is named after it. */
  readonly name: string
  /** Beside, and over, what the image sets. */
  readonly env: Readonly<Record<string, string>>
  /** Instead of the image's own command. */
  readonly command?: readonly string[]
}

export interface Container {
  readonly process: ChildProcess
  /** Runs a command in it. @returns its exit code */
  run(command: readonly string[]): Promise<number>
  /** To its first process. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Where the probes lie in it, which the image itself does not have. */
export const PROBES_IN_IMAGE = '/helix/test/conformance'
