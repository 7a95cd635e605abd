/** How a run ended, as the host found it. Thrown through QuickJS, whose state is then put back. */
export type Verdict =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'too-large'; readonly length: number }
  | { readonly kind: 'time' }
  | { readonly kind: 'memory' }
  | { readonly kind: 'stack' }
  | { readonly kind: 'unsettled' }
  | { readonly kind: 'crash'; readonly message: string }

/** Not an error: no stack trace has to be made for it. */
export class Stop {
  readonly verdict: Verdict

  constructor(verdict: Verdict) {
    this.verdict = verdict
  }
}

/** What ended a run, from what came out of QuickJS. */
export function verdictOf(thrown: unknown): Verdict {
  if (thrown instanceof Stop) return thrown.verdict
  if (thrown instanceof RangeError) return { kind: 'stack' } // the machine's own stack ended before QuickJS's
  return { kind: 'crash', message: String(thrown) }
}
