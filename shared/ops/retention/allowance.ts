import type { Platform } from '../../platform/platform.ts'

const MS_MAX = 10 * 60_000 // of one night; clouds end a scheduled function after 15 minutes
const MARGIN_MS = 30_000 // to finish the batch in hand

/** Tells when a run should begin nothing more: what it leaves is the next one's. */
export function allowance({ clock, deadline, stopping }: Platform): { readonly isOver: () => boolean } {
  const untilMs = Math.min(
    clock.now().getTime() + MS_MAX,
    (deadline?.getTime() ?? Number.POSITIVE_INFINITY) - MARGIN_MS,
  )
  return { isOver: () => stopping.aborted || clock.now().getTime() >= untilMs }
}
