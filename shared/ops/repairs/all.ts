import type { Repair } from '../incidents/repair.ts'
import { lookAgain } from './look-again.ts'

/** Every repair, a line each. */
export const REPAIRS: readonly Repair[] = [lookAgain]
