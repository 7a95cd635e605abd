import type { HelixApi } from './api.ts'
import type { HelixClient } from './client.ts'
import type { CliContext } from './context.ts'
import { downloadFiles } from './download.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { CliFailure, taskErrorText } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { openProgress } from './output/progress.ts'
import { renderSummary } from './output/summary.ts'
import { pause } from './pause.ts'
import { readReport, reportDocument } from './run-report.ts'
import { isOver, type TaskState, watchTask } from './watch-task.ts'

export interface FollowOptions {
  readonly taskId: string
  readonly json: boolean
  /** Where the files are to be copied to, once the task is over. */
  readonly folder: string | null
  /** What `helix resume` needs besides the task's id: the source of this run. */
  readonly resumeArguments: readonly string[]
  readonly interrupt: Interrupt
}

const CANCEL_MS_MAX = 15_000 // a step stops after the item in hand, and learns of it within five seconds
const CANCEL_LOOK_MS = 200

/**
 * Follows a task to its end, then tells what it has produced. Stops the task where the person wants to stop.
 * @returns what the command is to end with
 */
export async function followRun(
  context: CliContext,
  api: HelixApi,
  client: HelixClient,
  options: FollowOptions,
): Promise<ExitCode> {
  const { taskId, interrupt, json } = options
  if (!json && client.url !== null) {
    context.output.note(
      context.say({ zh: `通过运行器 ${client.url} 执行`, en: `Running through the runner at ${client.url}` }),
    )
  }
  const view = json ? null : openProgress(context.output, context.language)
  let last: TaskState | null = null
  for await (const state of watchTask(api, taskId, interrupt.signal)) {
    view?.update(state)
    last = state
  }
  view?.end()
  if (last === null || !isOver(last)) return await stopRun(context, api, options)
  return await tellOutcome(context, api, last, options)
}

/** Cancels what runs, which keeps everything that is done, and says how to go on. */
async function stopRun(context: CliContext, api: HelixApi, options: FollowOptions): Promise<ExitCode> {
  const { taskId, interrupt, json } = options
  await cancelAndWait(api, taskId)
  const command = ['helix', 'resume', taskId, ...options.resumeArguments.map(shellQuoted)].join(' ')
  const message = context.say({
    zh: `已停止，已完成的部分都已保存。继续执行：${command}`,
    en: `Stopped; everything that is done has been kept. Go on with: ${command}`,
  })
  const failure = new CliFailure(interrupt.exitCode(), 'interrupted', message)
  if (json) {
    const [task, executions] = [await api.task(taskId), await api.executions(taskId)]
    context.output.json(reportDocument(await readReport(api, { task, executions }), failure))
  }
  context.output.note(message)
  return interrupt.exitCode()
}

async function cancelAndWait(api: HelixApi, taskId: string): Promise<void> {
  try {
    await api.cancelTask(taskId)
  } catch (error) {
    if (error instanceof CliFailure && error.code === 'task_final') return // it was quicker
    throw error
  }
  for (let waited = 0; waited < CANCEL_MS_MAX; waited += CANCEL_LOOK_MS) {
    const task = await api.task(taskId)
    if (task.current_execution === null) return
    await pause(CANCEL_LOOK_MS)
  }
}

async function tellOutcome(
  context: CliContext,
  api: HelixApi,
  state: TaskState,
  { json, folder, resumeArguments }: FollowOptions,
): Promise<ExitCode> {
  const { output, language } = context
  if (state.task.task_type === 'workflow') return await tellWorkflow(context, api, state, { json, resumeArguments })
  const found = await readReport(api, state)
  if (folder !== null) await downloadFiles(api, found.files, folder)
  const report = folder === null ? found : { ...found, directory: folder }
  const failure = failureOfTask(context, state, resumeArguments)
  if (json) output.json(reportDocument(report, failure))
  else if (failure === null || report.files.length > 0) {
    output.note()
    for (const line of renderSummary(report, language, output.resultStyle)) output.result(line)
  }
  if (failure === null) return EXIT.ok
  output.note()
  tellFailure(context, failure)
  return failure.exitCode
}

/** What a run of a workflow has answered. */
async function tellWorkflow(
  context: CliContext,
  api: HelixApi,
  state: TaskState,
  { json, resumeArguments }: Pick<FollowOptions, 'json' | 'resumeArguments'>,
): Promise<ExitCode> {
  const { output } = context
  const failure = failureOfTask(context, state, resumeArguments)
  const outputs = await outputsOf(api, state.task)
  if (json) {
    const error = failure === null ? null : { code: failure.code, message: failure.message, hint: failure.hint ?? null }
    output.json({
      task_id: state.task.task_id,
      status: state.task.status,
      steps: state.task.step_status,
      outputs,
      error,
    })
  } else if (failure === null) {
    output.note()
    output.result(JSON.stringify(outputs, null, 2))
  }
  if (failure === null) return EXIT.ok
  if (!json) {
    output.note()
    tellFailure(context, failure)
  }
  return failure.exitCode
}

async function outputsOf(api: HelixApi, { task_id: id, result }: TaskState['task']): Promise<unknown> {
  const file = result?.outputs_file
  return typeof file === 'string' ? await (await api.fileOf(id, file)).json() : (result?.outputs ?? {})
}

/** Why a task that is over did not complete; null where it did. */
function failureOfTask(
  context: CliContext,
  { task }: TaskState,
  resumeArguments: readonly string[],
): CliFailure | null {
  const { task_id: id, status, error_code: code } = task
  if (status === 'completed') return null
  const needsSource = code === 'source_not_found' && resumeArguments.length === 0
  const source = needsSource ? ['--source <url>'] : resumeArguments.map(shellQuoted)
  const command = ['helix', 'resume', id, ...source].join(' ')
  if (status !== 'failed') {
    const message = context.say({
      zh: `任务 ${id} 未完成（${status}）`,
      en: `Task ${id} was not completed (${status})`,
    })
    const hint = context.say({ zh: `继续执行：${command}`, en: `Go on with: ${command}` })
    return new CliFailure(EXIT.failed, `task_${status}`, message, { hint })
  }
  const hint = context.say({
    zh: `查看原因：\`helix logs ${id} --level ERROR\`；解决后继续：\`${command}\``,
    en: `See why with \`helix logs ${id} --level ERROR\`; once it is solved, go on with \`${command}\``,
  })
  return new CliFailure(EXIT.failed, code ?? 'task_failed', taskErrorText(task, context.language), { hint })
}

/** An error as the person sees it: what is wrong, field by field where there are some, and what to do next. */
export function tellFailure(context: Pick<CliContext, 'output' | 'say'>, failure: CliFailure): void {
  const { output } = context
  const style = output.noteStyle
  const label = context.say({ zh: '错误：', en: 'Error: ' })
  output.note(`${style.bad(style.strong(label))}${failure.message}`)
  for (const { path, message } of failure.errors) output.note(`  ${path}: ${message}`)
  if (failure.hint !== undefined) output.note(`${context.say({ zh: '提示：', en: 'Hint: ' })}${failure.hint}`)
}

/** An argument as a POSIX shell takes it back. */
export function shellQuoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}
