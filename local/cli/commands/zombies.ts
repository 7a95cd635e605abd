import { type Command, InvalidArgumentError } from 'commander'
import { type CliContext, withApi } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { openOpsApi } from '../ops-api.ts'
import { integerBetween } from '../option-values.ts'
import { dirtyWord } from '../output/dirty-words.ts'
import { renderTable } from '../output/table.ts'

interface ZombieOptions {
  readonly staleMinutes: number
  readonly minClaims: number
  readonly reason?: string
  readonly json?: boolean
}

const CLAIMS_MAX = 1_000_000

export function addZombiesCommand(program: Command, context: CliContext): void {
  const { say } = context
  const zombies = program
    .command('zombies')
    .summary(say({ zh: '检测或修复僵尸任务', en: 'find or fix zombies' }))
    .description(
      say({
        zh: '僵尸任务：状态为 running，但租约已过期，没有进程在执行。',
        en: 'Zombies: executions that say they run while nobody works on them, their lease having lapsed.',
      }),
    )
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix zombies detect --stale-minutes 5 --min-claims 3
  $ helix zombies fix --reason "machine was rebooted"`,
    )
  const detect = zombies.command('detect').summary(say({ zh: '检测，不做修改', en: 'find them; nothing is changed' }))
  withQuery(detect, context).action(async (options: ZombieOptions) => detectZombies(context, options))
  const fix = zombies
    .command('fix')
    .summary(say({ zh: '修复：重新排队或标记失败', en: 'queue them again, or end them' }))
  withQuery(fix, context)
    .option('--reason <text>', say({ zh: '原因，写入审计日志', en: 'why; kept in the audit log' }))
    .action(async (options: ZombieOptions) => fixZombies(context, options))
}

function withQuery(command: Command, context: CliContext): Command {
  const { say } = context
  return command
    .option(
      '--stale-minutes <minutes>',
      say({ zh: '多少分钟没有动静', en: 'without a sign of life for so long' }),
      (text: string) => minutes(context, text),
      5,
    )
    .option(
      '--min-claims <number>',
      say({ zh: '或被领取多少次', en: 'or taken so often' }),
      integerBetween(context, 1, CLAIMS_MAX),
      3,
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
}

/** @throws {InvalidArgumentError} */
function minutes({ say }: CliContext, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 43_200) return value
  throw new InvalidArgumentError(say({ zh: '应为 0 到 43200 的数', en: 'It must be a number from 0 to 43200.' }))
}

async function detectZombies(context: CliContext, options: ZombieOptions): Promise<void> {
  const { say, output, language } = context
  const found = await withApi(context, (api, client) =>
    openOpsApi(api, client).zombies(options.staleMinutes, options.minClaims),
  )
  const { zombie_tasks: zombies } = found
  if (zombies.length > 0) context.finish(EXIT.failed)
  if (options.json === true) return output.json(found)
  if (zombies.length === 0) return output.result(say({ zh: '没有僵尸任务', en: 'There are no zombies' }))
  const columns = [
    { title: say({ zh: '任务', en: 'TASK' }) },
    { title: say({ zh: '步骤', en: 'STEP' }) },
    { title: say({ zh: '原因', en: 'REASON' }) },
    { title: say({ zh: '静默（分钟）', en: 'SILENT (MIN)' }), align: 'right' as const },
    { title: say({ zh: '领取次数', en: 'CLAIMS' }), align: 'right' as const },
  ]
  const rows = zombies.map(({ task_id, step, reason, silent_minutes, claims }) => {
    return [task_id, step, dirtyWord(reason)[language], String(silent_minutes), String(claims)]
  })
  for (const line of renderTable(columns, rows)) output.result(line)
  output.note(say({ zh: '用 `helix zombies fix` 修复', en: 'Fix them with `helix zombies fix`' }))
}

async function fixZombies(context: CliContext, options: ZombieOptions): Promise<void> {
  const { say, output, language } = context
  const { staleMinutes: stale_minutes, minClaims: min_claims, reason } = options
  const body = { stale_minutes, min_claims, ...(reason === undefined ? {} : { reason }) }
  const answer = await withApi(context, (api, client) => openOpsApi(api, client).fixZombies(body))
  if (options.json === true) return output.json(answer)
  const { found, fixed } = answer
  output.result(
    say({
      zh: `发现 ${found} 个僵尸任务，已修复 ${fixed.length} 个`,
      en: `${found} zombies found, ${fixed.length} fixed`,
    }),
  )
  for (const { execution_id: id, action } of fixed) output.result(`  ${id}  ${dirtyWord(action)[language]}`)
}
