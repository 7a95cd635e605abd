/** Calls to other services that one invocation may make: `[limits] subrequests` in wrangler.toml says the same. */
export const SUBREQUESTS_MAX = 10_000

const STOP_SHARE = 0.9 // the rest is for writing down what is in flight, and for finishing

/** Counts what an invocation asks of other services, since the runtime fails the one call too many without a warning. */
export interface SubrequestMeter {
  /** One more. */
  count(): void
  /** Aborts when so many are used that the invocation should begin nothing more. */
  readonly stopping: AbortSignal
}

/** A meter for one invocation. */
export function subrequestMeter(max = SUBREQUESTS_MAX): SubrequestMeter {
  const stop = new AbortController()
  let used = 0
  return {
    count() {
      used += 1
      if (used >= max * STOP_SHARE) stop.abort()
    },
    stopping: stop.signal,
  }
}

/** The same binding, each call of its methods counted. */
export function metered<Binding extends object>(binding: Binding, { count }: Pick<SubrequestMeter, 'count'>): Binding {
  return new Proxy(binding, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]) => {
        count()
        return Reflect.apply(member, target, parameters) as unknown
      }
    },
  })
}
