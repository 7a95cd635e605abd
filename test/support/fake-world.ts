import type { StopSignal, World } from '../../local/cli/world.ts'

export interface FakeWorld extends World {
  /** What was written so far. */
  written(): { out: string; err: string }
  /** Sends a signal to whoever listens. */
  send(signal: StopSignal): void
  /** The codes with which the process was ended at once. */
  readonly ended: readonly number[]
}

/** The surroundings of a command in a test: no terminal unless asked, and nothing of the real environment. */
export function fakeWorld(
  env: Readonly<Record<string, string>> = {},
  { tty = false, stdin = '' }: { tty?: boolean; stdin?: string } = {},
): FakeWorld {
  const out: string[] = []
  const err: string[] = []
  const ended: number[] = []
  const handlers = new Map<StopSignal, Set<() => void>>()
  const stream = (into: string[]) => ({ write: (text: string) => into.push(text), isTTY: tty, columns: 100 })
  return {
    env,
    stdin: (async function* () {
      yield stdin
    })(),
    stdout: stream(out),
    stderr: stream(err),
    onSignal(signal, handler) {
      const known = handlers.get(signal) ?? new Set()
      handlers.set(signal, known.add(handler))
      return () => known.delete(handler)
    },
    exit: (code) => void ended.push(code),
    written: () => ({ out: out.join(''), err: err.join('') }),
    send: (signal) => {
      for (const handler of handlers.get(signal) ?? []) handler()
    },
    ended,
  }
}
