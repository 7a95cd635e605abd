import type { OpenTarget, Target, Words } from '../target.ts'
import type { GivenSource } from '../world/source-option.ts'
import type { OpenWorld } from '../world.ts'
import type { Case } from './case.ts'
import { openKit } from './kit.ts'
import { playCases, type Result } from './play.ts'

/** What a target's run came to. */
export interface TargetRun {
  readonly results: readonly Result[]
  /** How the target was made, where there are several ways. */
  readonly how?: Words
  /** The last of what the target printed, for whoever looks into a failure. */
  readonly output: string
  /** Why it did not get as far as the cases, or could not be closed. */
  readonly trouble: string | null
}

const OUTPUT_LINES = 40

/** Opens a world and the target in it, plays the cases, and takes everything away again, also when it is interrupted. */
export async function playTarget(
  target: Target,
  cases: readonly Case[],
  options: {
    openWorld: (given: GivenSource | null) => Promise<OpenWorld>
    given: GivenSource | null
    told: (result: Result) => void
    signal: AbortSignal
  },
): Promise<TargetRun> {
  let results: readonly Result[] = []
  let opened: OpenTarget | undefined
  const output = () => (opened?.output() ?? '').trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n')
  try {
    await using world = await options.openWorld(options.given)
    await using open = await target.open(world.world)
    opened = open
    results = await untilAborted(playCases(cases, openKit(open, world), options.told, options.signal), options.signal)
    return { results, output: output(), trouble: null, ...(open.how === undefined ? {} : { how: open.how }) }
  } catch (error) {
    return {
      results,
      output: output(),
      trouble: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error('Interrupted'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
  return await Promise.race([work, aborted])
}
