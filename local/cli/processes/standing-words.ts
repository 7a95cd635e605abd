import { commandText } from '../../supervisor/port-holder.ts'
import type { SeenProcess } from '../../supervisor/process-table.ts'
import type { RefusedReason, StaleReason, Standing } from '../../supervisor/standing.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import type { Text } from '../language.ts'

type Say = (text: Text) => string

const STALE: Readonly<Record<StaleReason, Text>> = {
  gone: { zh: '该进程已不存在', en: 'that process is gone' },
  reused: { zh: '该进程号现在属于另一个进程', en: 'that number is another process now' },
  rebooted: { zh: '该文件写于上次重启之前', en: 'it was written before the last boot' },
  unreadable: { zh: '文件内容不是有效的进程记录', en: 'it names no process' },
  foreign: { zh: '该进程不是 Helix', en: 'that process is not Helix' },
}

const REFUSED: Readonly<Record<RefusedReason | 'store-in-use', Text>> = {
  'other-user-file': { zh: '进程文件属于另一个用户', en: 'the process file belongs to another user' },
  'not-a-file': { zh: '进程文件不是普通文件', en: 'the process file is not a plain file' },
  'other-user': { zh: '该进程属于另一个用户', en: 'the process belongs to another user' },
  unidentified: {
    zh: '记录中没有启动时间，无法确认是同一个进程',
    en: 'the record does not say when the process started, so it can be any',
  },
  copied: {
    zh: '进程文件是从另一个数据目录复制来的',
    en: 'the process file was copied from another data directory',
  },
  init: { zh: '1 号进程从不被触碰', en: 'the first process of a system is never touched' },
  ancestor: { zh: '该进程就是本命令自己或它的上级进程', en: 'that is this very command or one that it runs under' },
  'other-work': {
    zh: '数据正由另一个 Helix 命令使用，它结束后会释放',
    en: 'another command of Helix works on the data; it releases it when it ends',
  },
  unsupported: {
    zh: '此系统无法确认进程身份；请在启动它的终端中停止',
    en: 'this system does not tell what a process is; stop it where it was started',
  },
  'store-in-use': {
    zh: '有一个未记录的进程正打开着内置数据库',
    en: 'a process that no file names has the embedded database open',
  },
}

/** Why a file's process is not touched; null where it may be, or there is no file. */
export function standingText(standing: Standing, path: string, say: Say): string | null {
  if (standing.kind === 'absent' || standing.kind === 'running') return null
  const pid =
    standing.record === null
      ? ''
      : say({ zh: `（进程 ${standing.record.pid}）`, en: ` (process ${standing.record.pid})` })
  const why = say(standing.kind === 'stale' ? STALE[standing.why] : REFUSED[standing.why])
  const now = standing.kind === 'stale' && standing.why === 'gone' ? null : standing.now
  return say({
    zh: `${path}${pid}：${why}${whoText(now, say)}`,
    en: `${path}${pid}: ${why}${whoText(now, say)}`,
  })
}

/** A refusal as a failure: nothing was signalled, nothing was changed. */
export function refusal(
  why: RefusedReason | 'store-in-use',
  path: string,
  now: SeenProcess | null,
  say: Say,
): CliFailure {
  const message = say({
    zh: `没有触碰任何进程：${path}：${say(REFUSED[why])}${whoText(now, say)}`,
    en: `No process was touched: ${path}: ${say(REFUSED[why])}${whoText(now, say)}`,
  })
  const hint = say({
    zh: '核对该文件和进程；确认与 Helix 无关后再删除该文件',
    en: 'Look at the file and the process; remove the file once you are sure that it is not Helix',
  })
  return new CliFailure(EXIT.failed, 'process_refused', message, { hint })
}

function whoText(now: SeenProcess | null, say: Say): string {
  if (now === null) return ''
  const command = commandText(now.args)
  return say({ zh: `：${now.pid} ${command}`, en: `: ${now.pid} ${command}` })
}
