import type { FaultClass } from '../incidents/fault.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { leakedConnection } from './leaked-connection.ts'
import { lockWaitChain } from './lock-wait-chain.ts'
import { missedVacuum } from './missed-vacuum.ts'
import { slowQuery } from './slow-query.ts'

/** Every kind of fault that is looked for, a line each. */
export const FAULTS: readonly FaultClass[] = [
  slowQuery,
  idleInTransaction,
  lockWaitChain,
  leakedConnection,
  missedVacuum,
]
