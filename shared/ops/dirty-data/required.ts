import { pairsFileName } from '../../dataset/pairs-file.ts'
import type { Execution } from '../../engine/execution.ts'
import { isStep, type StepName } from '../../engine/pipeline.ts'
import type { Picture } from './picture.ts'

const DDL = /\.ddl$/
const DOCUMENT = /_detail\.md$/

/** The files without which an execution is not completed, as far as they can be told afterwards. */
export function requiredFiles(picture: Picture, execution: Execution): string[] {
  const { task, taskId } = picture
  if (task === null) return []
  if (task.parameters.workflow !== undefined || !isStep(execution.step)) {
    const file = execution.result?.outputs_file // what a node gave, where that is too large for its row
    return typeof file === 'string' ? [file] : []
  }
  if (isAnothers(execution)) return []
  switch (execution.step) {
    case 'ddl_generation':
      return [...documentsOf(picture), 'metadata.txt']
    case 'qa_generation':
      return [pairsFileName(task.dbName, taskId)]
    case 'sql_validation':
      return [`sql_validation_${taskId}_summary.log`, 'quality_report.json']
    case 'training_load':
      return [`training_load_${taskId}.log`]
  }
}

// What Helix's own steps answer. Somebody who has put another function in a step's place requires files of their own.
const OWN_ANSWERS = {
  ddl_generation: 'tables',
  qa_generation: 'candidates',
  sql_validation: 'executed',
  training_load: 'vector_type',
} as const satisfies Record<StepName, string>

function isAnothers({ step, result }: Execution): boolean {
  return isStep(step) && result !== null && Object.keys(result).length > 0 && !(OWN_ANSWERS[step] in result)
}

/** How many tables the first step has written about, by its own word; null where it left none. */
export function tablesSaid(execution: Execution): number | null {
  const tables = execution.result?.tables
  return typeof tables === 'number' ? tables : null
}

/** Both files of each table of which either is known. */
function documentsOf(picture: Picture): string[] {
  const rows = picture.outputs.filter(({ step }) => step === 'ddl_generation').map(({ fileName }) => fileName)
  const tables = new Set(
    rows.flatMap((name) => {
      if (DDL.test(name)) return [name.replace(DDL, '')]
      return DOCUMENT.test(name) ? [name.replace(DOCUMENT, '')] : []
    }),
  )
  return [...tables].toSorted().flatMap((table) => [`${table}.ddl`, `${table}_detail.md`])
}

/** The tables of which either file is recorded. */
export function recordedTables(picture: Picture): number {
  return documentsOf(picture).length / 2
}
