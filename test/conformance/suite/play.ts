import PQueue from 'p-queue'
import type { Capability } from '../target.ts'
import type { Case, Subject } from './case.ts'
import type { Kit } from './kit.ts'
import { LeftOut, type LeftOutReason } from './left-out.ts'

/** What became of one case. */
export type Result = { readonly subject: Subject; readonly name: string; readonly ms: number } & (
  | { readonly outcome: 'ok' }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'left out'; readonly reason: LeftOutReason }
)

const AT_ONCE = 12 // most cases wait for a queue

/**
 * Plays cases on an open target, many at a time, those that come last one after the other.
 * @param told hears of each as it ends
 * @returns the results in the order of the cases
 */
export async function playCases(
  cases: readonly Case[],
  kit: Kit,
  told: (result: Result) => void,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results = new Map<Case, Result>()
  const queue = new PQueue({ concurrency: AT_ONCE })
  const play = async (one: Case) => {
    if (signal?.aborted === true) return
    const result = await playCase(one, kit)
    results.set(one, result)
    told(result)
  }
  await Promise.all(cases.filter(({ last }) => last !== true).map((one) => queue.add(() => play(one))))
  for (const one of cases.filter(({ last }) => last === true)) await play(one)
  return cases.flatMap((one) => results.get(one) ?? [])
}

async function playCase({ subject, name, needs = [], run }: Case, kit: Kit): Promise<Result> {
  const startedAt = Date.now()
  const ended = () => ({ subject, name, ms: Date.now() - startedAt })
  const lacking = needs.find((capability) => kit.target.lacks[capability] !== undefined)
  if (lacking !== undefined) return { ...ended(), outcome: 'left out', reason: lackOf(lacking, kit) }
  try {
    await run(kit)
    return { ...ended(), outcome: 'ok' }
  } catch (error) {
    if (error instanceof LeftOut) return { ...ended(), outcome: 'left out', reason: error.reason }
    return { ...ended(), outcome: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

function lackOf(capability: Capability, kit: Kit): LeftOutReason {
  return { kind: 'capability', capability, why: kit.target.lacks[capability] ?? '' }
}
