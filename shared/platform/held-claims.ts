/** One claim of an execution. */
export interface ClaimKey {
  readonly executionId: string
  readonly claim: number
}

/**
 * The claims that this process works on. One that gets no processor for longer than a lease is not gone: it looks for
 * lapsed leases before it has reported, and must not take its own work from itself.
 */
export interface HeldClaims {
  /** @param alive whether who works on it may still report @returns what ends it */
  hold(key: ClaimKey, alive: () => boolean): () => void
  /** Whether this process works on it, and will report. */
  holds(key: ClaimKey): boolean
}

export function heldClaims(): HeldClaims {
  const held = new Map<string, () => boolean>()
  return {
    hold(key, alive) {
      const name = nameOf(key)
      held.set(name, alive)
      return () => held.delete(name)
    },
    holds: (key) => held.get(nameOf(key))?.() === true,
  }
}

/** The same for one call, which may die before its process does. */
export function mortalClaims(claims: HeldClaims, lives: () => boolean): HeldClaims {
  return {
    hold: (key, alive) => claims.hold(key, () => lives() && alive()),
    holds: (key) => claims.holds(key),
  }
}

function nameOf({ executionId, claim }: ClaimKey): string {
  return `${executionId} ${claim}`
}
