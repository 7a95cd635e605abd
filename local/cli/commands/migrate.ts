import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { migrateStore } from '../processes/migrate-store.ts'

interface MigrateOptions {
  readonly json?: boolean
}

export function addMigrateCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('migrate')
    .summary(say({ zh: '升级存储的表结构', en: "bring the store's tables up to date" }))
    .description(
      say({
        zh: '执行存储（DATABASE_URL，否则为内置数据库）上尚未执行的迁移。`helix start` 启动时也会执行。',
        en: 'Runs the pending migrations on the store: DATABASE_URL, else the embedded one. `helix start` does so too.',
      }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText(
      'after',
      `\n${say({ zh: '示例：', en: 'Examples:' })}
  $ helix migrate
  $ DATABASE_URL=postgres://helix@db.example.com/helix helix migrate`,
    )
    .action(async (options: MigrateOptions) => {
      const migrated = await migrateStore(context.config())
      if (options.json === true) return output.json({ migrated })
      for (const name of migrated) output.result(name)
      const done = say({ zh: `已执行 ${migrated.length} 个迁移`, en: `${migrated.length} migrations have run` })
      output.note(migrated.length === 0 ? say({ zh: '已是最新', en: 'The store is up to date' }) : done)
    })
}
