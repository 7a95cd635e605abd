/** What is to be taken away in the end, last opened first. (Node 20 has no `AsyncDisposableStack` yet.) */
export class Closing implements AsyncDisposable {
  #closers: (() => PromiseLike<unknown>)[] = []

  /** Takes over an opened thing. */
  use<T extends AsyncDisposable>(opened: T): T {
    this.#closers.push(() => opened[Symbol.asyncDispose]())
    return opened
  }

  defer(close: () => PromiseLike<unknown>): void {
    this.#closers.push(close)
  }

  /** Closes everything, also when something can't be closed. @throws {Error} the first failure, after all */
  async [Symbol.asyncDispose](): Promise<void> {
    const closers = this.#closers.splice(0).reverse()
    const failures: unknown[] = []
    for (const close of closers) await close().then(undefined, (error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
}
