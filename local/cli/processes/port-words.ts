import type { Config } from '../../../shared/platform/config.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { canListen } from '../../drivers/free-port.ts'
import { portHolder } from '../../supervisor/port-holder.ts'
import { EXIT } from '../exit-codes.ts'
import { CliFailure } from '../failure.ts'
import type { Text } from '../language.ts'

type Say = (text: Text) => string

/** Who listens on a port, for a person: a process that Helix never touches. */
export function holderText(port: number, say: Say): string {
  const holder = portHolder(port)
  if (holder === null) return ''
  if (holder.pid !== null) {
    const { pid, command } = holder
    return say({ zh: `，占用者是进程 ${pid}（${command}）`, en: `; process ${pid} has it (${command})` })
  }
  return say({
    zh: `，占用者属于用户 ${holder.owner}`,
    en: `; a process of user ${holder.owner} has it`,
  })
}

/** Says who has the port that was asked for. @throws {CliFailure} `address_unavailable` */
export async function requirePort(config: Config, port: number | undefined, say: Say): Promise<void> {
  const host = config.HELIX_HOST
  if (port === undefined || (await canListen(host, port).catch(() => true))) return
  throw portTaken(host, port, say)
}

/** What was thrown, with who has the port where that is what went wrong. */
export function withHolder(thrown: unknown, config: Config, port: number | undefined, say: Say): unknown {
  const isTaken = thrown instanceof Problem && thrown.code === 'address_unavailable'
  if (!isTaken || port === undefined || portHolder(port) === null) return thrown
  return portTaken(config.HELIX_HOST, port, say)
}

/** Says that API_PORT is taken and by whom, as another port is used instead. Null where it was not. */
export function movedText(config: Config, port: number | undefined, used: number, say: Say): string | null {
  const wanted = port ?? config.API_PORT
  if (wanted === undefined || wanted === used) return null
  const holder = holderText(wanted, say)
  return say({
    zh: `端口 ${wanted} 已被占用${holder}；改用 ${used}`,
    en: `Port ${wanted} is taken${holder}. ${used} is used instead`,
  })
}

function portTaken(host: string, port: number, say: Say): CliFailure {
  const holder = holderText(port, say)
  const message = say({
    zh: `${host} 的端口 ${port} 已被占用${holder}`,
    en: `Port ${port} of ${host} is taken${holder}`,
  })
  const hint = say({
    zh: '换一个 --port，或不指定端口；Helix 不会触碰该进程',
    en: 'Choose another --port, or leave it out; Helix does not touch that process',
  })
  return new CliFailure(EXIT.configuration, 'address_unavailable', message, { hint })
}
