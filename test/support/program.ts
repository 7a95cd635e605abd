/** What a long test that is started by hand has shown. */
export interface Played {
  /** The line for programs. */
  readonly counts: object
  /** For people, before the evidence. */
  readonly lines?: readonly string[]
  readonly violations: readonly string[]
}

export interface Program<Given extends { readonly help: boolean; readonly seed: number }> {
  readonly usage: string
  /** @throws {Error} in words for whoever typed it */
  readArguments(given: readonly string[]): Given
  /** Says why it can not be played here, where that is so: then it counts as passed. */
  skips?(): string | null
  /** @returns null where it was interrupted */
  play(given: Given, say: (text: string) => void, signal: AbortSignal): Promise<Played | null>
}

const EVIDENCE_MAX = 60 // lines; the counts tell how many there are

const err = (text: string) => void process.stderr.write(`${text}\n`)

/**
 * The frame of such a program: one line of JSON on stdout, progress and evidence on stderr.
 * @returns the exit code: 0 clean or skipped, 1 for a violation, 2 for a wrong command line, 130 after Ctrl-C
 */
export async function runProgram<Given extends { readonly help: boolean; readonly seed: number }>(
  { usage, readArguments, skips, play }: Program<Given>,
  argv: readonly string[],
): Promise<number> {
  let given: Given
  try {
    given = readArguments(argv)
  } catch (error) {
    err(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    return 2
  }
  if (given.help) {
    err(usage)
    return 0
  }
  const skipped = skips?.() ?? null
  if (skipped !== null) {
    err(skipped)
    return 0
  }
  const begun = Date.now()
  const say = (text: string) => err(`${((Date.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${text}`)
  const played = await play(given, say, interrupted())
  if (played === null) return 130
  const { counts, lines = [], violations } = played
  process.stdout.write(`${JSON.stringify(counts)}\n`)
  for (const line of [...lines, ...violations.slice(0, EVIDENCE_MAX)]) err(line)
  if (violations.length > 0) err(`${violations.length} violations with --seed ${given.seed}`)
  return violations.length === 0 ? 0 : 1
}

/** Aborts at the first Ctrl-C, ends at a mishap. The run's guard takes everything away, also when this process ends at once. */
function interrupted(): AbortSignal {
  const abort = new AbortController()
  for (const mishap of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(mishap, (cause: unknown) => {
      err(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
      process.exit(1)
    })
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort.abort())
  return abort.signal
}
