import { ownsFile } from '../../../engine/outputs.ts'
import { activeOf, type Picture } from '../picture.ts'

// The steps that also change what an earlier one has written.
export const CHANGES: Readonly<Record<string, readonly string[]>> = { sql_validation: ['qa_generation'] }

/** Whether an execution under way may be writing a file right now, so that nothing can be said of it. */
export function isBusy(picture: Picture, fileName: string): boolean {
  const active = activeOf(picture)
  if (active.length === 0) return false
  if (picture.task?.parameters.workflow !== undefined) return true // its nodes write what they like
  const known = active.some(({ step }) => [step, ...(CHANGES[step] ?? [])].some((name) => ownsFile(name, fileName)))
  return known || TASK_FILES.test(fileName)
}

/** Files of the task itself. */
const TASK_FILES = /^(task_config\.json|task_result\.json|data_pipeline\.log)$/
