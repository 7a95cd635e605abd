import * as z from 'zod'
import { type Catalog, displayName, type Relation, sameRelation } from './catalog.ts'
import type { TableProfile } from './profile.ts'

/** Relations that ran out of time when they were sampled, by display name, each with what the database said. */
export type TimedOut = Readonly<Record<string, string>>

const Told = z.object({ timed_out: z.record(z.string(), z.string()) })

/** What a step tells the ones after it, so that none of them waits for the same relation again. */
export function timedOutAmong(
  relations: readonly Relation[],
  profiles: readonly (Pick<TableProfile, 'unread' | 'timedOut'> | undefined)[],
): TimedOut {
  return Object.fromEntries(
    relations.flatMap((relation, index) => {
      const { unread, timedOut } = profiles[index] ?? {}
      return unread === undefined || timedOut !== true ? [] : [[displayName(relation), unread]]
    }),
  )
}

/** What a step's result has told. */
export function timedOutIn(result: unknown): TimedOut {
  return Told.safeParse(result).data?.timed_out ?? {}
}

/** A relation that timed out and that these names read, themselves or through views. */
export function timedOutBelow(catalog: Catalog, timedOut: TimedOut, names: readonly string[]): string | null {
  const seen = new Set<string>()
  const waiting = [...names]
  for (const name of waiting) {
    if (seen.has(name)) continue
    seen.add(name)
    if (timedOut[name] !== undefined) return name
    const relation = catalog.relations.find((one) => displayName(one) === name)
    const reads = catalog.relations.filter((one) => relation?.dependsOn.some((read) => sameRelation(read, one)))
    waiting.push(...reads.map(displayName))
  }
  return null
}
