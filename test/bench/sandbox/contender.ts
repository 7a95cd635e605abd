/** One way to run a node's code in a fresh state: inputs in, outputs out, a time limit, nothing shared between runs. */
export interface Contender {
  readonly name: string
  run(code: string, inputs: unknown, timeoutMs: number): Promise<unknown>
  close(): Promise<void>
}
