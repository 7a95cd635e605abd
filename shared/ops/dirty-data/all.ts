import type { Check } from './check.ts'
import { attemptsPastMaximum } from './checks/attempts-past-maximum.ts'
import { fileWithoutRow } from './checks/file-without-row.ts'
import { outputDiffers } from './checks/output-differs.ts'
import { outputOfFailedExecution } from './checks/output-of-failed-execution.ts'
import { outputOfMissingExecution } from './checks/output-of-missing-execution.ts'
import { ownFileDiffers } from './checks/own-file-differs.ts'
import { requiredOutputMissing } from './checks/required-output-missing.ts'
import { rowWithoutFile } from './checks/row-without-file.ts'
import { standingTask } from './checks/standing-task.ts'
import { zombieExecution } from './checks/zombie-execution.ts'

/** Every check, a line each, by type. */
export const CHECKS: readonly Check[] = [
  requiredOutputMissing,
  outputDiffers,
  outputOfFailedExecution,
  outputOfMissingExecution,
  rowWithoutFile,
  fileWithoutRow,
  ownFileDiffers,
  standingTask,
  attemptsPastMaximum,
  zombieExecution,
]
