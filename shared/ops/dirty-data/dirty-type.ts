/** A an execution without its outputs, B orphans, C a task that stands still, D too many attempts, E zombies. */
export const DIRTY_TYPES = ['A', 'B', 'C', 'D', 'E'] as const
export type DirtyType = (typeof DIRTY_TYPES)[number]
