import type { DatabaseCheck } from '../check.ts'
import { INDEX_CHECKS } from './indexes.ts'
import { LIMIT_CHECKS } from './limits.ts'
import { SERVER_CHECKS } from './server.ts'
import { SESSION_CHECKS } from './sessions.ts'
import { TABLE_CHECKS } from './tables.ts'

/** Everything that is asked of the server about its health, by subject. */
export const DATABASE_CHECKS: readonly DatabaseCheck[] = [
  ...SESSION_CHECKS,
  ...TABLE_CHECKS,
  ...INDEX_CHECKS,
  ...LIMIT_CHECKS,
  ...SERVER_CHECKS,
]
