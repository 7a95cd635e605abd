import type { FaultClass } from '../incidents/fault.ts'

/** Every kind of fault that is looked for, a line each. */
export const FAULTS: readonly FaultClass[] = []
