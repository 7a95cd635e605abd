import type { Text } from './language.ts'

/** What a shell learns of how a command ended. Scripts depend on these numbers. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  configuration: 3,
  unreachable: 4,
  restart: 75,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** As `helix --help` lists them. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, Text>> = {
  0: { zh: '成功', en: 'done' },
  1: { zh: '任务失败，或检查未通过', en: 'the task failed, or a check did' },
  2: {
    zh: '用法错误：命令、选项、表名或数据源名',
    en: 'wrong usage: a command, an option, the name of a table or source',
  },
  3: { zh: '配置无效', en: 'bad configuration' },
  4: { zh: '无法连接存储、数据源或运行器', en: "the store, the source or the runner can't be reached" },
  75: {
    zh: '运行器请求监督进程立即重启（连续失败过多）',
    en: 'the runner asks its supervisor to start it again: too many failures in a row',
  },
  130: { zh: '被 Ctrl-C 中断（SIGTERM 为 143）', en: 'interrupted by Ctrl-C (143 by SIGTERM)' },
  143: { zh: '被 SIGTERM 终止', en: 'ended by SIGTERM' },
}
