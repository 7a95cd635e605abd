import { EXIT, type ExitCode } from './exit-codes.ts'
import type { StopSignal, World } from './world.ts'

/** The person's wish to stop. */
export interface Interrupt {
  /** Aborts at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal
  /** What the process is to end with, once it was asked. */
  exitCode(): ExitCode
  /** Gives the signals back. */
  release(): void
}

/** @param onFirst told at the first signal, so that the person is */
export function listenForInterrupt(world: World, onFirst: () => void = () => undefined): Interrupt {
  const asked = new AbortController()
  let code: ExitCode = EXIT.interrupted
  const handle = (signal: StopSignal) => () => {
    const own = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
    if (asked.signal.aborted) return world.exit(own)
    code = own
    asked.abort()
    onFirst()
  }
  const undo = (['SIGINT', 'SIGTERM'] as const).map((signal) => world.onSignal(signal, handle(signal)))
  return {
    signal: asked.signal,
    exitCode: () => code,
    release: () => {
      for (const give of undo) give()
    },
  }
}
