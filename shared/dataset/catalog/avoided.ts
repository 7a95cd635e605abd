import * as z from 'zod'
import { type Catalog, displayName, type Relation, sameRelation } from './catalog.ts'
import type { TableProfile } from './profile.ts'

/** Relations that a run keeps away from, by display name, each with the reason: they ran out of time once, or may not be run. */
export type Avoided = Readonly<Record<string, string>>

const Told = z.object({ avoided: z.record(z.string(), z.string()) })

/** What a step tells the ones after it, so that none of them waits for the same relation again. */
export function avoidedAmong(
  relations: readonly Relation[],
  profiles: readonly (Pick<TableProfile, 'unread' | 'avoided'> | undefined)[],
): Avoided {
  return Object.fromEntries(
    relations.flatMap((relation, index) => {
      const { unread, avoided } = profiles[index] ?? {}
      return unread === undefined || avoided !== true ? [] : [[displayName(relation), unread]]
    }),
  )
}

/** What a step's result has told. */
export function avoidedIn(result: unknown): Avoided {
  return Told.safeParse(result).data?.avoided ?? {}
}

/** A relation to keep away from that these names read, themselves or through views. */
export function avoidedBelow(catalog: Catalog, avoided: Avoided, names: readonly string[]): string | null {
  const seen = new Set<string>()
  const waiting = [...names]
  for (const name of waiting) {
    if (seen.has(name)) continue
    seen.add(name)
    if (avoided[name] !== undefined) return name
    const relation = catalog.relations.find((one) => displayName(one) === name)
    const reads = catalog.relations.filter((one) => relation?.dependsOn.some((read) => sameRelation(read, one)))
    waiting.push(...reads.map(displayName))
  }
  return null
}
