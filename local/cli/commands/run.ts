import { type Command, Option } from 'commander'
import { parseTableList } from '../../../shared/dataset/catalog/relation-names.ts'
import type { HelixApi } from '../api.ts'
import { type CliContext, withApi } from '../context.ts'
import { prepareFolder } from '../download.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { followRun } from '../follow-run.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { integerBetween } from '../option-values.ts'
import { type ChosenSource, chooseSource, sourceArguments, sourcesOf } from '../source-option.ts'
import { textOfFile } from '../text-of-file.ts'

export interface RunOptions {
  readonly source?: string
  readonly tables?: readonly string[]
  readonly tablesFile?: string
  readonly context?: string
  readonly out?: string
  readonly lang?: 'zh' | 'en'
  readonly json?: boolean
  readonly validate?: boolean
  readonly load?: boolean
  readonly timeout?: number
}

const MINUTES_MAX = 24 * 60

export function addRunCommand(program: Command, context: CliContext): void {
  const { say } = context
  program
    .command('run')
    .summary(say({ zh: '执行一个完整任务', en: 'execute one complete task' }))
    .description(
      say({
        zh: '把一个 Postgres 数据库变成经过验证的 text-to-SQL 训练数据：DDL 与文档、问答对、SQL 验证、加载。',
        en: 'Turns a Postgres database into validated text-to-SQL training data: DDL and documents, pairs, validation, load.',
      }),
    )
    .addOption(
      new Option(
        '-s, --source <url|name>',
        say({
          zh: '数据源：Postgres URL（仅用于本次执行，不会保存），或已配置的名称',
          en: 'the database: a Postgres URL (for this run only, kept nowhere), or a configured name',
        }),
      ),
    )
    .option(
      '-t, --tables <names>',
      say({ zh: '只处理这些表，用逗号分隔，可重复', en: 'only these tables, separated by commas; may be repeated' }),
      collectTables,
    )
    .addOption(
      new Option(
        '--tables-file <file>',
        say({
          zh: '表清单文件，每行一个表；- 表示标准输入',
          en: 'a file with one table per line; - for standard input',
        }),
      ).conflicts('tables'),
    )
    .option(
      '-c, --context <text>',
      say({ zh: '业务背景，例如“高速公路服务区管理系统”', en: 'what the business is about' }),
    )
    .option('-o, --out <folder>', say({ zh: '把所有文件复制到此目录', en: 'copy all files into this folder' }))
    .option('--json', say({ zh: '只输出一个 JSON 文档', en: 'print one JSON document and nothing else' }))
    .option('--no-validate', say({ zh: '跳过 SQL 验证', en: 'skip the validation of the SQL' }))
    .option('--no-load', say({ zh: '跳过训练数据加载', en: 'skip the load into the training store' }))
    .option(
      '--timeout <minutes>',
      say({ zh: '每个步骤的时间上限（分钟）', en: 'time limit of each step' }),
      integerBetween(context, 1, MINUTES_MAX),
    )
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix run
  $ helix run --source postgres://reader@db.example.com/shop --context "An online shop"
  $ helix run --source shop --tables orders,customers --out ./shop-training
  $ helix run --source shop --json | jq .quality`,
    )
    .action(async (_: RunOptions, command: Command) => {
      context.finish(await runTask(context, command.optsWithGlobals<RunOptions>()))
    })
}

/** One complete task from its request to its summary. */
async function runTask(context: CliContext, options: RunOptions): Promise<ExitCode> {
  const config = context.config()
  const source = options.source === undefined ? null : chooseSource(options.source)
  const request = taskRequest(options, source, await chosenTables(context, options))
  const folder = options.out === undefined ? null : await prepareFolder(options.out)
  return await executeRequest(context, { config, source, request, folder, json: options.json === true })
}

export interface RunRequest {
  readonly config: ReturnType<CliContext['config']>
  readonly source: ChosenSource | null
  /** The body of execute-complete. */
  readonly request: Record<string, unknown>
  readonly folder: string | null
  readonly json: boolean
}

/** Starts a task and follows it to its end. @returns what the command is to end with */
export async function executeRequest(context: CliContext, { request, ...run }: RunRequest): Promise<ExitCode> {
  return await startAndFollow(context, run, (api) => api.startTask(request))
}

/** The same, however the task is started. */
export async function startAndFollow(
  context: CliContext,
  { config, source, folder, json }: Omit<RunRequest, 'request'>,
  start: (api: HelixApi) => Promise<{ task_id: string }>,
): Promise<ExitCode> {
  const interrupt = listenForInterrupt(context.world, () => {
    context.output.note(
      context.say({ zh: '正在停止，再按一次 Ctrl-C 立即结束…', en: 'Stopping; press Ctrl-C again to end at once…' }),
    )
  })
  try {
    return await withApi(
      context,
      async (api, client) => {
        const { task_id: taskId } = await start(api)
        if (!json) context.output.note(context.say({ zh: `任务 ${taskId}`, en: `Task ${taskId}` }))
        const resumeArguments = sourceArguments(source)
        return await followRun(context, api, client, { taskId, json, folder, interrupt, resumeArguments })
      },
      config,
      { sources: sourcesOf(source), works: true },
    )
  } finally {
    interrupt.release()
  }
}

/** The body of execute-complete; only what was asked for, the rest is the API's to choose. */
export function taskRequest(
  options: RunOptions,
  source: ChosenSource | null,
  tables: readonly string[] | null,
): Record<string, unknown> {
  return {
    task_type: 'complete_workflow',
    trigger: 'manual',
    ...(source === null ? {} : { db_name: source.name }),
    ...(tables === null ? {} : { table_list: tables }),
    ...(options.context === undefined ? {} : { business_context: options.context }),
    ...(options.lang === undefined ? {} : { language: options.lang }),
    ...(options.validate === false ? { enable_sql_validation: false } : {}),
    ...(options.load === false ? { enable_training_data_load: false } : {}),
    ...(options.timeout === undefined ? {} : { step_timeout_minutes: options.timeout }),
  }
}

function collectTables(value: string, before: readonly string[] = []): string[] {
  return [...before, ...parseTableList(value)]
}

/** @throws {CliFailure} for a file that can't be read */
async function chosenTables(
  context: CliContext,
  { tables, tablesFile }: RunOptions,
): Promise<readonly string[] | null> {
  if (tablesFile === undefined) return tables ?? null
  try {
    return parseTableList(await textOfFile(context.world, tablesFile))
  } catch (cause) {
    const message = context.say({
      zh: `无法读取表清单 ${tablesFile}`,
      en: `Cannot read the list of tables ${tablesFile}`,
    })
    throw new CliFailure(EXIT.usage, 'invalid_table_list', message, { cause })
  }
}
