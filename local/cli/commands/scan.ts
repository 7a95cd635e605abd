import type { Command } from 'commander'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { type FindingAnswer, openOpsApi, type ScanAnswer } from '../ops-api.ts'
import { dirtyWord } from '../output/dirty-words.ts'
import { printable } from '../output/width.ts'

interface ScanOptions {
  readonly task?: string
  readonly json?: boolean
}

export function addScanCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('scan')
    .summary(say({ zh: '扫描脏数据', en: 'look for dirty data' }))
    .description(
      say({
        zh: '扫描脏数据：A 已完成但缺少输出，B 孤儿输出，C 停滞的任务，D 超过尝试上限，E 僵尸执行。不做任何修改；发现问题时退出码为 1。',
        en: 'Looks for dirty data: A completed without outputs, B orphans, C tasks that stand still, D too many attempts, E zombies. Changes nothing; exits with 1 when there is any.',
      }),
    )
    .option('--task <task>', say({ zh: '只扫描一个任务', en: 'one task only' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix scan
  $ helix scan --json | jq -r '.findings[].task_id' | sort -u | xargs helix cleanup`,
    )
    .action(async (options: ScanOptions) => {
      const scan = await withApi(context, (api, client) => openOpsApi(api, client).scan(options.task))
      if (options.json === true) output.json(scan)
      else tellScan(context, scan)
      if (scan.total > 0) context.finish(EXIT.failed)
    })
}

function tellScan(context: CliContext, scan: ScanAnswer): void {
  const { say, output, language } = context
  const { total, looked, findings, counts } = scan
  const byType = Object.entries(counts).filter(([, count]) => count > 0)
  output.result(
    total === 0
      ? say({
          zh: `未发现问题（已检查 ${looked.tasks} 个任务）`,
          en: `Nothing is dirty (${looked.tasks} tasks looked at)`,
        })
      : say({
          zh: `发现 ${total} 个问题（${byType.map(([type, count]) => `${type} 类 ${count}`).join('，')}；已检查 ${looked.tasks} 个任务）`,
          en: `${total} findings (${byType.map(([type, count]) => `${type} ${count}`).join(', ')}; ${looked.tasks} tasks looked at)`,
        }),
  )
  tellFindings(context, findings)
  for (const { what } of scan.left_out) {
    const word = dirtyWord(what)[language]
    output.note(
      say({ zh: `本次未包含：${word}，下次扫描继续`, en: `Left out this time: ${word}; the next scan goes on there` }),
    )
  }
  if (total > 0) {
    output.note(
      say({ zh: '用 `helix cleanup <任务>` 预览清理', en: 'See what a clean-up would do: `helix cleanup <task>`' }),
    )
  }
}

/** Findings under their tasks. */
export function tellFindings({ say, output, language }: CliContext, findings: readonly FindingAnswer[]): void {
  let task = ''
  for (const finding of findings) {
    const { impact } = finding
    if (finding.task_id !== task) {
      task = finding.task_id
      output.result('')
      output.result(`${output.resultStyle.strong(printable(task))}  ${dirtyWord(impact.scope)[language]}`)
    }
    const where = finding.file_name ?? finding.execution_id
    const level = say({
      zh: `系统影响${dirtyWord(impact.system).zh}，业务影响${dirtyWord(impact.business).zh}，${dirtyWord(impact.priority).zh}`,
      en: `system ${dirtyWord(impact.system).en}, business ${dirtyWord(impact.business).en}, ${dirtyWord(impact.priority).en}`,
    })
    output.result(
      `  [${finding.type}] ${finding.severity}  ${finding.meaning}${where === null ? '' : `  ${printable(where)}`}`,
    )
    output.result(`       ${level}`)
    output.result(`       ${say({ zh: '处理：', en: 'Clean-up: ' })}${finding.repair}`)
  }
}
