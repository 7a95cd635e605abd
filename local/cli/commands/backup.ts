import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../../shared/platform/config.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { runnerUrl } from '../client.ts'
import type { CliContext } from '../context.ts'
import { integerBetween } from '../option-values.ts'
import { renderFields } from '../output/table.ts'
import { bytesText } from '../output/units.ts'

interface BackupOptions {
  readonly to?: string
  readonly verify?: boolean
  readonly keep?: number
  readonly json?: boolean
}

const KEEP_MAX = 1_000

export function addBackupCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('backup')
    .summary(say({ zh: '备份存储和文件', en: 'back up the store and the files' }))
    .description(
      say({
        zh: '把存储和全部任务文件备份到一个压缩包，内容属于同一时刻；Helix 可以继续运行。用 `helix restore` 恢复。压缩包含有全部数据，仅限所有者读取。',
        en: 'Writes the store and all files of the tasks into one archive, as they are at one moment; Helix may go on running. `helix restore` restores it. It holds everything, so only its owner may read it.',
      }),
    )
    .option(
      '--to <path>',
      say({ zh: '文件或目录；默认为数据目录下的 backups/', en: 'a file or a folder; backups/ in the data directory' }),
    )
    .option(
      '--verify',
      say({
        zh: '恢复到临时数据库，逐行逐字节核对',
        en: 'restore it into a database of its own and compare everything',
      }),
    )
    .option(
      '--keep <count>',
      say({ zh: '只保留该目录中最新的几个备份', en: 'keep only so many of the newest backups of that folder' }),
      integerBetween(context, 1, KEEP_MAX),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix backup --verify\n  $ helix backup --to /mnt/backups/ --keep 7`,
    )
    .action(async (options: BackupOptions) => {
      const { path, manifest, unfinished, removed } = await backUpNow(context, options)
      if (options.json === true) {
        return output.json({ path, ...countsOf(manifest), verified: options.verify === true, unfinished, removed })
      }
      for (const line of renderFields(await fieldsOf(path, manifest, context))) output.result(line)
      if (options.verify === true) {
        output.result(
          say({
            zh: '已在临时数据库上恢复并核对，内容完全一致',
            en: 'Restored on trial: every row and byte is the same',
          }),
        )
      }
      for (const name of unfinished) {
        output.note(
          say({
            zh: `已删除中途被打断、没有写完的备份 ${name}`,
            en: `Removed ${name}: a backup that was cut off half-way`,
          }),
        )
      }
      for (const name of removed) output.note(say({ zh: `已删除旧备份 ${name}`, en: `Removed the old backup ${name}` }))
      warnOfDiffering(manifest, context)
    })
}

/** Takes a backup as the options want it. */
export async function backUpNow(context: CliContext, options: BackupOptions, config: Config = context.config()) {
  const { backUp } = await import('../../backup/open-backup.ts')
  const { backupPath, keepNewest, removeUnfinished } = await import('../../backup/place-backup.ts')
  const { systemClock } = await import('../../drivers/system-clock.ts')
  const clock = systemClock(config.HELIX_TIME_ZONE)
  const dataDir = resolve(config.HELIX_DATA_DIR)
  const path = await backupPath(options.to, dataDir, clock)
  const unfinished = await removeUnfinished(dirname(path), clock) // first: they may be what has filled the disk
  const manifest = await backUp(config, path, { clock, urlOf: (port) => runnerUrl(config.HELIX_HOST, port) })
  if (options.verify === true) {
    const { verifyBackup } = await import('../../backup/verify-backup.ts')
    await verifyBackup(path, dataDir)
  }
  // After it has been verified: an old one that is good is worth more than a new one that is not.
  const removed = options.keep === undefined ? [] : await keepNewest(dirname(path), options.keep)
  return { path, manifest, unfinished, removed }
}

/** What a manifest comes to. */
export function countsOf(manifest: Manifest) {
  return {
    created_at: manifest.created_at,
    store: manifest.store,
    migration: manifest.migrations.at(-1) ?? null,
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
    files: manifest.files.length,
    file_bytes: manifest.files.reduce((sum, { size }) => sum + size, 0),
    differing: manifest.differing,
  }
}

/** Files that are not what the store says of them: they were so before the backup. */
export function warnOfDiffering({ differing }: Manifest, { say, output }: CliContext): void {
  if (differing.length === 0) return
  output.note(
    say({
      zh: `有 ${differing.length} 个文件与存储中的记录不符（例如 ${differing[0]?.key}），已按现状备份；用 \`helix scan\` 查看`,
      en: `${differing.length} files are not what the store says of them (${differing[0]?.key}, say); they were kept as they are. See \`helix scan\``,
    }),
  )
}

async function fieldsOf(path: string, manifest: Manifest, { say }: CliContext): Promise<[string, string][]> {
  const { stat } = await import('node:fs/promises')
  const counts = countsOf(manifest)
  return [
    [say({ zh: '备份', en: 'Backup' }), `${path} (${bytesText((await stat(path)).size)})`],
    [
      say({ zh: '存储', en: 'Store' }),
      say({ zh: `${counts.tables} 张表，${counts.rows} 行`, en: `${counts.tables} tables, ${counts.rows} rows` }),
    ],
    [
      say({ zh: '文件', en: 'Files' }),
      say({
        zh: `${counts.files} 个，${bytesText(counts.file_bytes)}`,
        en: `${counts.files}, ${bytesText(counts.file_bytes)}`,
      }),
    ],
  ]
}
