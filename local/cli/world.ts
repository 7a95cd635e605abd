export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** A stream that text is written to. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** What a command finds around it, so that tests can put it somewhere else. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<string | Uint8Array>
  readonly stdout: TextStream
  readonly stderr: TextStream
  /** Calls `handler` at every such signal, which then no longer ends the process. @returns how to undo that */
  onSignal(signal: StopSignal, handler: () => void): () => void
  /** Ends the process at once. */
  exit(code: number): void
}

/** Set by a supervisor for the runner that it starts. */
export const SUPERVISED = 'HELIX_SUPERVISED'

/**
 * The world of a process. Writing to a pipe whose reader has gone ends it quietly, as `helix logs | head` wants; but a
 * runner whose supervisor has been killed goes on serving, without a log, until `helix recover`.
 */
export function processWorld(process: NodeJS.Process): World {
  const isSupervised = process.env[SUPERVISED] === '1'
  for (const stream of isSupervised ? [process.stdout, process.stderr] : [process.stdout]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' && isSupervised) return
      if (error.code === 'EPIPE') process.exit(0)
      throw error
    })
  }
  return {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    onSignal: (signal, handler) => {
      process.on(signal, handler)
      return () => process.off(signal, handler)
    },
    exit: (code) => process.exit(code),
  }
}
