import type { Command } from 'commander'
import type { HelixApi } from '../api.ts'
import { type CliContext, withApi } from '../context.ts'
import { prepareFolder } from '../download.ts'
import type { ExitCode } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { followRun } from '../follow-run.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { chooseSource, sourceArguments, sourcesOf } from '../source-option.ts'

interface ResumeOptions {
  readonly source?: string
  readonly out?: string
  readonly json?: boolean
}

export function addResumeCommand(program: Command, context: CliContext): void {
  const { say } = context
  program
    .command('resume')
    .argument('<task>', say({ zh: '任务 id', en: 'id of the task' }))
    .summary(say({ zh: '继续一个失败、取消或中断的任务', en: 'go on with a failed, cancelled or interrupted task' }))
    .description(
      say({
        zh: '从第一个未完成的步骤、最后一个检查点继续执行任务，并跟随到结束。',
        en: 'Goes on with a task at its first unfinished step, from its last checkpoint, and follows it to its end.',
      }),
    )
    .option(
      '-s, --source <url>',
      say({ zh: '数据源 URL，若任务当初是这样启动的', en: "the source's URL, where the task was started with one" }),
    )
    .option('-o, --out <folder>', say({ zh: '把所有文件复制到此目录', en: 'copy all files into this folder' }))
    .option('--json', say({ zh: '只输出一个 JSON 文档', en: 'print one JSON document and nothing else' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix resume manual_20250627_143052
  $ helix resume manual_20250627_143052 --source postgres://reader@db.example.com/shop`,
    )
    .action(async (taskId: string, options: ResumeOptions) => {
      context.finish(await resumeTask(context, taskId, options))
    })
}

async function resumeTask(context: CliContext, taskId: string, options: ResumeOptions): Promise<ExitCode> {
  const config = context.config()
  const source = options.source === undefined ? null : chooseSource(options.source)
  const folder = options.out === undefined ? null : await prepareFolder(options.out)
  const interrupt = listenForInterrupt(context.world)
  try {
    return await withApi(
      context,
      async (api, client) => {
        await resumeOrJoin(api, taskId)
        const resumeArguments = sourceArguments(source)
        return await followRun(context, api, client, {
          taskId,
          json: options.json === true,
          folder,
          interrupt,
          resumeArguments,
        })
      },
      config,
      { sources: sourcesOf(source), works: true },
    )
  } finally {
    interrupt.release()
  }
}

/** Resumes a task, or joins it where it goes on already, as one does whose process was killed. */
async function resumeOrJoin(api: HelixApi, taskId: string): Promise<void> {
  try {
    await api.resumeTask(taskId)
  } catch (error) {
    if (!(error instanceof CliFailure) || error.code !== 'step_running') throw error
  }
}
