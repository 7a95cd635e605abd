import type { Command } from 'commander'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { failureOf } from '../failure.ts'
import { type CleanupAnswer, openOpsApi } from '../ops-api.ts'
import { dirtyWord } from '../output/dirty-words.ts'
import { printable } from '../output/width.ts'
import { openQuestions } from '../questions.ts'

interface CleanupOptions {
  readonly execute?: boolean
  readonly yes?: boolean
  readonly reason?: string
  readonly json?: boolean
}

const ROWS_SHOWN = 40

export function addCleanupCommand(program: Command, context: CliContext): void {
  const { say } = context
  program
    .command('cleanup')
    .argument('<task...>', say({ zh: '任务 id，可以是多个', en: 'ids of tasks' }))
    .summary(say({ zh: '清理任务的脏数据', en: 'clean up the dirty data of tasks' }))
    .description(
      say({
        zh: '预览清理（默认，不做任何修改）；加 --execute 后逐个任务显示计划、确认、执行：先做快照，在一个事务中修改，再次扫描验证。可以用 `helix rollback` 撤销。',
        en: 'Shows what would be done (nothing is changed). With --execute each plan is shown, agreed on and executed: a snapshot first, one transaction, then another scan. `helix rollback` undoes it.',
      }),
    )
    .option('--execute', say({ zh: '执行清理', en: 'carry it out' }))
    .option('-y, --yes', say({ zh: '不逐个确认', en: 'ask for no confirmation' }))
    .option('--reason <text>', say({ zh: '原因，写入审计日志', en: 'why; kept in the audit log' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix cleanup task_20250627_143052
  $ helix cleanup task_20250627_143052 task_20250627_150000 --execute --reason "disk failure"`,
    )
    .action(async (tasks: readonly string[], options: CleanupOptions) => cleanUpAll(context, tasks, options))
}

/** One task after the other: what fails of one keeps none of the others from being cleaned up. */
async function cleanUpAll(context: CliContext, tasks: readonly string[], options: CleanupOptions): Promise<void> {
  const { say, output, language } = context
  const answers: CleanupAnswer[] = []
  const questions = openQuestions(context.world)
  let isWell = true
  await withApi(context, async (api, client) => {
    const ops = openOpsApi(api, client)
    for (const task of new Set(tasks)) {
      try {
        const plan = await ops.cleanUp(task, {})
        if (options.json !== true) tellPlan(context, plan)
        const isEmpty = plan.counts.rows + plan.counts.files === 0
        const isWanted = options.execute === true && !isEmpty && (await isAgreed(plan))
        if (!isWanted) {
          answers.push(plan)
          continue
        }
        const reason = options.reason === undefined ? {} : { reason: options.reason }
        const done = await ops.cleanUp(task, { execute: true, cleanup_id: plan.cleanup_id, ...reason })
        answers.push(done)
        isWell &&= done.verified === true
        if (options.json !== true) tellDone(context, done)
      } catch (thrown) {
        isWell = false
        const { message, hint } = failureOf(thrown, language)
        output.note(
          `${output.noteStyle.bad('✗')} ${printable(task)}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
        )
      }
    }
  }).finally(() => questions.close())
  if (options.json === true) output.json(answers)
  if (!isWell) context.finish(EXIT.failed)

  async function isAgreed({ task_id: task, counts }: CleanupAnswer): Promise<boolean> {
    if (options.yes === true) return true
    const question = say({
      zh: `确认清理 ${task}（${counts.rows} 行，${counts.files} 个文件）?`,
      en: `Clean up ${task} (${counts.rows} rows, ${counts.files} files)?`,
    })
    if (await questions.isAgreed(question)) return true
    output.note(say({ zh: `跳过 ${task}`, en: `${task} is left as it is` }))
    return false
  }
}

function tellPlan({ say, output, language }: CliContext, { task_id: task, plan, counts }: CleanupAnswer): void {
  output.result(output.resultStyle.strong(printable(task)))
  if (counts.rows + counts.files === 0) {
    output.result(say({ zh: '  没有需要清理的数据', en: '  There is nothing to clean up' }))
    return
  }
  const head = say({
    zh: `  ${counts.rows} 行，${counts.files} 个文件`,
    en: `  ${counts.rows} rows, ${counts.files} files`,
  })
  const lines = [
    ...plan.rows.map(({ table, key, action }) => `${dirtyWord(action)[language]}  ${table}  ${key}`),
    ...plan.files.map(({ key }) => `${dirtyWord('delete')[language]}  ${say({ zh: '文件', en: 'file' })}  ${key}`),
  ]
  output.result(head)
  for (const line of lines.slice(0, ROWS_SHOWN)) output.result(`    ${printable(line)}`)
  const more = counts.rows + counts.files - Math.min(ROWS_SHOWN, lines.length)
  if (more > 0) output.result(say({ zh: `    … 另有 ${more} 项`, en: `    … and ${more} more` }))
}

function tellDone({ say, output, language }: CliContext, done: CleanupAnswer): void {
  const { cleanup_id: id, counts, skipped, verified } = done
  output.result(
    verified === true
      ? say({ zh: `  已清理并验证：${id}`, en: `  Cleaned up and verified: ${id}` })
      : say({
          zh: `  已执行，但再次扫描仍有问题：${id}`,
          en: `  Executed, but another scan still finds something: ${id}`,
        }),
  )
  for (const { kind, key, reason } of skipped.slice(0, ROWS_SHOWN)) {
    output.result(
      `    ${say({ zh: '跳过', en: 'left' })}  ${kind}  ${printable(key)}  (${dirtyWord(reason)[language]})`,
    )
  }
  if (counts.skipped > ROWS_SHOWN) output.result(`    … ${counts.skipped}`)
  output.note(say({ zh: `  撤销：helix rollback ${id}`, en: `  To undo it: helix rollback ${id}` }))
}
