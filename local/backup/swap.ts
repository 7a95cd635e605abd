import { existsSync } from 'node:fs'
import { rename, rmdir } from 'node:fs/promises'

/** A folder that was built beside the one whose place it is to take, on the same volume. */
export interface Swap {
  readonly from: string
  readonly to: string
  /** Where what is there now goes; null when there is nothing. */
  readonly kept: string | null
}

/** Puts every folder in its place. What has been done already is left: it goes on where it was cut off. */
export async function swapForward(swaps: readonly Swap[]): Promise<void> {
  for (const { from, to, kept } of swaps) {
    if (!existsSync(from)) continue
    if (existsSync(to)) await (kept === null ? rmdir(to) : rename(to, kept)) // only an empty folder is removed
    await rename(from, to)
  }
}

/** Undoes that, however far it had come: the old folders have their places again. */
export async function swapBack(swaps: readonly Swap[]): Promise<void> {
  for (const { from, to, kept } of swaps.toReversed()) {
    if (!existsSync(from)) await rename(to, from)
    if (kept !== null && existsSync(kept) && !existsSync(to)) await rename(kept, to)
  }
}
