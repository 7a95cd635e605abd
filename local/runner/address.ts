import type { Config } from '../../shared/platform/config.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { rememberPort } from '../drivers/env-file.ts'
import { canListen, freePort, PORTS } from '../drivers/free-port.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/

/**
 * Where to listen: the port that was asked for, else API_PORT if it is free, else the first free one of 8000–8099,
 * which then replaces API_PORT in a `.env` that keeps one.
 * @param port asked for on the command line: this one or none
 * @throws {Problem} `address_unavailable`
 */
export async function chooseAddress(config: Config, port?: number): Promise<Address> {
  const host = config.HELIX_HOST
  if (config.HELIX_AUTH === 'off' && !LOOPBACK.test(host)) {
    throw new Problem(
      'address_unavailable',
      `Without authentication Helix listens on the loopback interface only, not on "${host}"`,
      {
        hint: 'Set HELIX_AUTH=keys and HELIX_API_KEYS, or HELIX_HOST=127.0.0.1 behind a proxy that authenticates',
      },
    )
  }
  if (port !== undefined) {
    if (await canListen(host, port)) return { host, port }
    throw new Problem('address_unavailable', `Port ${port} of ${host} is taken`, {
      hint: 'Choose another --port, or leave it out',
    })
  }
  if (config.API_PORT !== undefined && (await canListen(host, config.API_PORT))) return { host, port: config.API_PORT }
  const free = await freePort(host)
  if (free === null) {
    throw new Problem('address_unavailable', `All ports from ${PORTS.first} to ${PORTS.last} of ${host} are taken`, {
      hint: 'Set API_PORT to a free port',
    })
  }
  await rememberPort('.env', free)
  return { host, port: free }
}
