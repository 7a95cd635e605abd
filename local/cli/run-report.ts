import { type FileAnswer, type PairAnswer, Quality, type QualityAnswer } from './answers.ts'
import type { HelixApi } from './api.ts'
import type { CliFailure } from './failure.ts'
import type { TaskState } from './watch-task.ts'

/** What a task has come to. */
export interface RunReport extends TaskState {
  readonly files: readonly FileAnswer[]
  /** `quality_report.json`; null where the task has none (validation switched off, or not reached). */
  readonly quality: QualityAnswer | null
  readonly pairs: number
  /** Three pairs, of different hardness where there are such. */
  readonly examples: readonly PairAnswer[]
  /** Where the files are: as the API says it, or where `--out` has put them. */
  readonly directory: string
}

const EXAMPLES = 3
const EXAMPLES_FROM = 500 // pairs of one page
const EXAMPLE_CHARACTERS_MAX = 110 // a line of a terminal
const REPORT_FILE = 'quality_report.json'

export async function readReport(api: HelixApi, state: TaskState): Promise<RunReport> {
  const id = state.task.task_id
  const [files, page] = await Promise.all([api.files(id), api.pairs(id, EXAMPLES_FROM)])
  const hasReport = files.some((file) => file.file_name === REPORT_FILE)
  const quality = hasReport ? await readQuality(api, id) : null
  const examples = chooseExamples(page.pairs)
  return { ...state, files, quality, pairs: page.total, examples, directory: state.task.output_directory }
}

/** Pairs that show the range: one of each hardness, easy first, then whatever comes first; short questions before others. */
export function chooseExamples(all: readonly PairAnswer[], count = EXAMPLES): PairAnswer[] {
  const levels = ['easy', 'medium', 'hard', 'extra']
  const isShort = ({ question, sql }: PairAnswer) => question.length <= EXAMPLE_CHARACTERS_MAX && !/ IN \(/.test(sql)
  const pairs = [...all.filter(isShort), ...all.filter((pair) => !isShort(pair))]
  const byLevel = levels.flatMap((level) => pairs.find((pair) => pair.hardness === level) ?? [])
  const rest = pairs.filter((pair) => !byLevel.includes(pair))
  return [...byLevel.slice(0, count), ...rest].slice(0, count)
}

/** What `--json` prints: one document, whatever the task has come to. */
export function reportDocument({ task, files, quality, examples, directory }: RunReport, failure: CliFailure | null) {
  return {
    task_id: task.task_id,
    status: task.status,
    progress: task.progress,
    db_name: task.db_name,
    steps: task.step_status,
    quality,
    examples,
    files,
    output_directory: directory,
    error: failure === null ? null : failureDocument(failure),
  }
}

export function failureDocument({ code, message, hint, errors }: CliFailure) {
  return { code, message, ...(hint === undefined ? {} : { hint }), ...(errors.length === 0 ? {} : { errors }) }
}

async function readQuality(api: HelixApi, taskId: string): Promise<QualityAnswer | null> {
  const body: unknown = await (await api.fileOf(taskId, REPORT_FILE)).json().catch(() => null)
  const parsed = Quality.safeParse(body)
  return parsed.success ? parsed.data : null
}
