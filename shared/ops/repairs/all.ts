import type { Repair } from '../incidents/repair.ts'

/** Every repair, a line each. */
export const REPAIRS: readonly Repair[] = []
