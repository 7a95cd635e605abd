import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { timestampId } from '../../../shared/platform/clock.ts'
import { maskUrl } from '../../../shared/platform/mask.ts'
import type { RestoreTarget } from '../../backup/restore.ts'
import { systemClock } from '../../drivers/system-clock.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import { renderFields } from '../output/table.ts'
import { bytesText } from '../output/units.ts'
import { cutOffText } from '../processes/cut-off-words.ts'
import { countsOf } from './backup.ts'

interface RestoreOptions {
  readonly into?: string
  readonly dataDir?: string
  readonly files?: string
  readonly replace?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

export function addRestoreCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('restore')
    .argument('<file>', say({ zh: '`helix backup` 生成的压缩包', en: 'an archive of `helix backup`' }))
    .summary(say({ zh: '从备份恢复存储和文件', en: 'restore the store and the files from a backup' }))
    .description(
      say({
        zh: '先核对整个压缩包，再恢复存储（一个事务内完成，提交前逐行核对）和文件。默认恢复到当前配置的存储与文件目录；已有内容时拒绝，除非 --replace。被替换的内置数据库和文件会保留在旁边。',
        en: 'Checks the whole archive, then restores the store (in one transaction, every row compared before it is committed) and the files; into what is configured unless told otherwise. Refuses to touch what is not empty without --replace. An embedded store and files that are replaced are kept beside the new ones.',
      }),
    )
    .option('--into <url>', say({ zh: '恢复到服务器上的这个数据库', en: 'into this database of a server' }))
    .option(
      '--data-dir <dir>',
      say({ zh: '恢复到这个目录中的内置数据库', en: 'into the embedded store of this directory' }),
    )
    .option('--files <dir>', say({ zh: '文件恢复到这里', en: 'where the files go' }))
    .option('--replace', say({ zh: '替换已有的内容', en: 'replace what is there' }))
    .option('--dry-run', say({ zh: '只核对压缩包并说明会做什么', en: 'check the archive and say what would be done' }))
    .option('-y, --yes', say({ zh: '替换时不再询问', en: 'do not ask before replacing' }))
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix restore backup.tar.gz --dry-run\n  $ helix restore backup.tar.gz --data-dir ./restored\n  $ helix restore backup.tar.gz --replace --yes`,
    )
    .action(async (file: string, options: RestoreOptions) => {
      const archive = resolve(file)
      const target = targetOf(context, options)
      if (options.dryRun === true) return await describe(archive, target, options, context)
      if (options.replace === true && options.yes !== true) await confirm(target, context)
      const { restore } = await import('../../backup/restore.ts')
      const clock = systemClock(context.config().HELIX_TIME_ZONE)
      const stamp = timestampId(clock.now(), clock.timeZone)
      const { manifest, kept } = await restore(archive, target, {
        replace: options.replace === true,
        stamp,
        onEnded: (ended) => output.note(say(cutOffText(ended))),
      })
      const counts = countsOf(manifest)
      if (options.json === true) return output.json({ restored: true, ...counts, ...shown(target), kept })
      output.result(
        say({
          zh: `已恢复 ${counts.rows} 行、${counts.files} 个文件（备份于 ${counts.created_at}），逐行核对一致`,
          en: `Restored ${counts.rows} rows and ${counts.files} files as of ${counts.created_at}; every row is the same`,
        }),
      )
      for (const path of kept) {
        output.result(
          say({
            zh: `原有内容保留在 ${path}，确认无误后可删除`,
            en: `What was there is kept in ${path}; delete it once all is well`,
          }),
        )
      }
      output.note(
        say({ zh: '下一步：`helix start`，然后 `helix status`', en: 'Next: `helix start`, then `helix status`' }),
      )
    })
}

function targetOf(context: CliContext, { into, dataDir, files }: RestoreOptions): RestoreTarget {
  const config = context.config()
  if (into !== undefined && dataDir !== undefined) {
    throw new CliFailure(
      EXIT.usage,
      'usage',
      context.say({ zh: '--into 和 --data-dir 只能用一个', en: 'Give --into or --data-dir, not both' }),
    )
  }
  // Another store's files must not land among those of this one.
  const ownFiles = dataDir === undefined ? config.HELIX_FILES_ROOT : join(dataDir, 'training_data')
  return {
    url: into ?? (dataDir === undefined ? (config.DATABASE_URL ?? null) : null),
    dataDir: resolve(dataDir ?? config.HELIX_DATA_DIR),
    filesRoot: resolve(files ?? ownFiles),
  }
}

function shown({ url, dataDir, filesRoot }: RestoreTarget) {
  return { into: url === null ? join(dataDir, 'store') : maskUrl(url), files_root: filesRoot }
}

async function describe(archive: string, target: RestoreTarget, { json }: RestoreOptions, context: CliContext) {
  const { say, output } = context
  const { checkArchive } = await import('../../backup/archive-reader.ts')
  const counts = countsOf(await checkArchive(archive))
  const { into, files_root } = shown(target)
  if (json === true) return output.json({ restored: false, ...counts, into, files_root })
  const fields: [string, string][] = [
    [say({ zh: '备份时间', en: 'As of' }), counts.created_at],
    [say({ zh: '表结构', en: 'Schema' }), counts.migration ?? '–'],
    [say({ zh: '存储', en: 'Store' }), say({ zh: `${counts.rows} 行 → ${into}`, en: `${counts.rows} rows → ${into}` })],
    [say({ zh: '文件', en: 'Files' }), `${counts.files} (${bytesText(counts.file_bytes)}) → ${files_root}`],
  ]
  for (const line of renderFields(fields)) output.result(line)
  output.result(say({ zh: '压缩包完整；没有改动任何内容', en: 'The archive is whole. Nothing was changed' }))
}

async function confirm(target: RestoreTarget, { say, world }: CliContext): Promise<void> {
  const { into, files_root } = shown(target)
  world.stderr.write(
    say({
      zh: `将替换 ${into} 和 ${files_root} 中的全部内容。输入 yes 继续：`,
      en: `This replaces everything in ${into} and ${files_root}. Type yes to go on: `,
    }),
  )
  for await (const chunk of world.stdin) {
    if (String(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)).trim() === 'yes') return
    break
  }
  throw new CliFailure(
    EXIT.usage,
    'not_confirmed',
    say({ zh: '没有确认，未改动任何内容', en: 'Not confirmed: nothing was changed' }),
    {
      hint: say({ zh: '脚本中使用 --yes', en: 'In a script, add --yes' }),
    },
  )
}
