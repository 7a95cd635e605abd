import { STEPS } from '../../../shared/engine/pipeline.ts'
import { titleOf } from '../../../shared/engine/planned-workflow.ts'
import type { Language } from '../../../shared/platform/problems.ts'
import type { TaskState } from '../watch-task.ts'
import type { Output } from './output.ts'
import type { Style } from './style.ts'
import { durationText } from './units.ts'
import { displayWidth, padEnd, padStart, shorten } from './width.ts'
import { statusWord } from './words.ts'

/** How far a step of a task is. */
export interface StepProgress {
  readonly step: string
  readonly status: string
  /** 0 to 1. */
  readonly share: number
  /** What it took, once it has ended. */
  readonly seconds: number | null
}

const BAR_CELLS = 24
const TITLE_WIDTH = Math.max(...STEPS.flatMap((step) => Object.values(titleOf(step)).map(displayWidth)))
const LINE_SHARE = 0.25 // without a terminal, a line at every quarter of a step is enough

/** The steps of a task, in order, each as its latest execution tells. */
export function stepsOf({ task, executions }: TaskState): StepProgress[] {
  return Object.entries(task.step_status).map(([step, status]) => {
    const latest = executions.filter((execution) => execution.step === step).at(-1)
    const share =
      status === 'completed' ? 1 : status === 'pending' || status === 'skipped' ? 0 : (latest?.progress ?? 0)
    return { step, status, share, seconds: status === 'completed' ? (latest?.duration ?? null) : null }
  })
}

/** One bar: `DDL and documents   ████████░░░░   34 %`. */
export function progressLine(progress: StepProgress, language: Language, style: Style, columns: number): string {
  const { step, status, share, seconds } = progress
  const title = padEnd(titleOf(step)[language], TITLE_WIDTH)
  const cells = Math.max(4, Math.min(BAR_CELLS, columns - TITLE_WIDTH - 24))
  const filled = Math.floor(share * cells)
  const paint = status === 'failed' ? style.bad : status === 'completed' ? style.good : style.accent
  const bar = paint('█'.repeat(filled)) + style.faint('░'.repeat(cells - filled))
  const percent = padStart(`${Math.floor(share * 100)} %`, 5)
  const word = seconds === null ? statusWord(status)[language] : durationText(seconds, language)
  return `${title}  ${bar}  ${percent}  ${style.faint(shorten(word, Math.max(1, columns - TITLE_WIDTH - cells - 12)))}`
}

/** What to say of a change where no bar can be drawn; null where it is too small. */
export function progressNews(before: StepProgress | undefined, now: StepProgress, language: Language): string | null {
  const moved = before === undefined ? now.status !== 'pending' : before.status !== now.status
  const title = titleOf(now.step)[language]
  const colon = language === 'zh' ? '：' : ': '
  if (moved) {
    const took = now.seconds === null ? '' : ` (${durationText(now.seconds, language)})`
    return `${title}${colon}${statusWord(now.status)[language]}${took}`
  }
  const quarter = (share: number) => Math.floor(share / LINE_SHARE)
  const further = now.status === 'running' && quarter(now.share) > quarter(before?.share ?? 0) && now.share < 1
  return further ? `${title}${colon}${Math.floor(now.share * 100)} %` : null
}

/** Shows a task's steps as they go: a bar each on a terminal, else a line for each change. */
export interface ProgressView {
  update(state: TaskState): void
  /** Leaves the terminal as it is and forgets it, so that whatever follows comes below. */
  end(): void
}

export function openProgress(output: Output, language: Language): ProgressView {
  return output.terminal === null ? lines(output, language) : bars(output, output.terminal, language)
}

function bars(output: Output, terminal: NonNullable<Output['terminal']>, language: Language): ProgressView {
  let drawn = 0
  return {
    update(state) {
      const width = terminal.columns
      const text = stepsOf(state).map((step) => progressLine(step, language, output.noteStyle, width))
      const up = drawn === 0 ? '' : `\u001b[${drawn}A`
      terminal.draw(`${up}${text.map((line) => `\u001b[2K${line}\n`).join('')}`)
      drawn = text.length
    },
    end: () => {
      drawn = 0
    },
  }
}

function lines(output: Output, language: Language): ProgressView {
  const before = new Map<string, StepProgress>()
  return {
    update(state) {
      for (const step of stepsOf(state)) {
        const news = progressNews(before.get(step.step), step, language)
        if (news !== null) output.note(news)
        if (news !== null || !before.has(step.step)) before.set(step.step, step)
      }
    },
    end: () => before.clear(),
  }
}
