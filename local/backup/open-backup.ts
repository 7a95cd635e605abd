import { join, resolve } from 'node:path'
import * as z from 'zod'
import type { Clock } from '../../shared/platform/clock.ts'
import type { Config } from '../../shared/platform/config.ts'
import { postgresStore, serverPool } from '../../shared/platform/postgres-store.ts'
import { PROBLEMS, Problem, type ProblemCode } from '../../shared/platform/problems.ts'
import { diskFiles } from '../drivers/disk-files.ts'
import { openEmbedded } from '../drivers/embedded-postgres.ts'
import { storeTemplate } from '../drivers/embedded-store.ts'
import { templateCacheDir } from '../drivers/template-cache.ts'
import { holdDataDir, runnerPort } from '../runner/data-dir.ts'
import { BACKUP_PATH, TICKET_HEADER, writeTicket } from './backup-request.ts'
import { endRestore } from './cut-off.ts'
import { Manifest } from './manifest.ts'
import { takeBackup } from './take-backup.ts'

const Answer = z.union([
  z.object({ manifest: Manifest }),
  z.object({ problem: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }) }),
])

/**
 * Takes a backup of the configured store and files, whoever has them open: a server lets us in beside a runner, an
 * embedded store is read by the runner that holds it.
 * @param urlOf how a runner on this machine is reached
 */
export async function backUp(
  config: Config,
  path: string,
  { clock, urlOf }: { clock: Clock; urlOf: (port: number) => string },
): Promise<Manifest> {
  const dataDir = resolve(config.HELIX_DATA_DIR)
  const files = diskFiles(config.HELIX_FILES_ROOT)
  if (config.DATABASE_URL !== undefined) {
    await endRestore(config)
    const store = postgresStore({ pool: serverPool(config.DATABASE_URL), kind: 'server' })
    return await takeBackup({ store, files, clock }, path).finally(() => store.close())
  }
  const port = await runnerPort(dataDir)
  if (port !== null) return await askRunner(urlOf(port), dataDir, path)
  const held = await holdDataDir(dataDir)
  try {
    await endRestore(config)
    const embedded = await openEmbedded(join(dataDir, 'store'), {
      template: storeTemplate(),
      cacheDir: await templateCacheDir(dataDir),
    })
    const store = postgresStore({ pool: embedded.pool, kind: 'embedded' })
    return await takeBackup({ store, files, clock }, path).finally(() => embedded.close())
  } finally {
    await held.release()
  }
}

async function askRunner(url: string, dataDir: string, path: string): Promise<Manifest> {
  const { ticket, remove } = await writeTicket(dataDir, path)
  try {
    const response = await fetch(`${url}${BACKUP_PATH}`, { method: 'POST', headers: { [TICKET_HEADER]: ticket } })
    const answer = Answer.safeParse(await response.json().catch(() => null))
    if (!answer.success) {
      throw new Problem('internal', `The runner at ${url} takes no backup (HTTP ${response.status})`, {
        hint: 'It may be of an older version: `helix restart`',
      })
    }
    if ('manifest' in answer.data) return answer.data.manifest
    const { code, message, hint } = answer.data.problem
    throw new Problem(isCode(code) ? code : 'internal', message, hint === null ? {} : { hint })
  } finally {
    await remove()
  }
}

function isCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code)
}
