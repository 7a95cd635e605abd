import { join, resolve } from 'node:path'
import type { Config } from '../../shared/platform/config.ts'

/** Where the processes of one data directory are recorded. */
export interface Places {
  readonly dataDir: string
  readonly runnerFile: string
  readonly supervisorFile: string
  readonly stateFile: string
  readonly logs: string
  /** What a supervisor says that can't say it in the log. */
  readonly supervisorOutput: string
  /** The embedded database. */
  readonly store: string
}

export function placesOf(config: Pick<Config, 'HELIX_DATA_DIR'>): Places {
  const dataDir = resolve(config.HELIX_DATA_DIR)
  const logs = join(dataDir, 'logs')
  return {
    dataDir,
    runnerFile: join(dataDir, 'helix.pid'),
    supervisorFile: join(dataDir, 'supervisor.pid'),
    stateFile: join(dataDir, 'supervisor.json'),
    logs,
    supervisorOutput: join(logs, 'supervisor.out'),
    store: join(dataDir, 'store'),
  }
}
