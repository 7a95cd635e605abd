import * as z from 'zod'
import { localTime } from '../platform/clock.ts'
import { LOG_LEVELS } from './log-lines.ts'
import type { StoredLog } from './read-logs.ts'

/** A line of a task's log, as the API shows it. */
export const LogView = z.object({
  id: z.number().int(),
  timestamp: z.string().meta({ description: 'Local time, `2025-06-27T14:30:52`' }),
  level: z.enum(LOG_LEVELS),
  step_name: z.string().nullable(),
  module_name: z.string().nullable(),
  execution_id: z.string().nullable(),
  message: z.string(),
  extra_data: z.record(z.string(), z.unknown()),
})

export function logView(line: StoredLog, timeZone: string): z.infer<typeof LogView> {
  return {
    id: line.id,
    timestamp: localTime(line.at, timeZone),
    level: line.level,
    step_name: line.step,
    module_name: line.module,
    execution_id: line.executionId,
    message: line.message,
    extra_data: line.extra,
  }
}
