/** Something happened that must not; the run ends there. */
export class Violation extends Error {
  override readonly name = 'Violation'
  /** As docs/simulation.md lists them. */
  readonly invariant: string

  constructor(invariant: string, message: string) {
    super(message)
    this.invariant = invariant
  }
}
