import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { dataOf, openCluster } from '../chaos/cluster.ts'
import { findPostgres, serverUser } from '../chaos/find-postgres.ts'
import { freePort } from '../chaos/free-port.ts'
import { openGuard } from '../chaos/open-guard.ts'

/** Where a run happens: gone when closed, or when this process ends in whatever way. */
export interface Place {
  readonly directory: string
  /** Null for the embedded store. */
  readonly databaseUrl: string | null
  /** Told of a process, so that it ends with this one. */
  began(pid: number): void
  close(): Promise<void>
}

/** @param store null takes a server where there is one */
export async function openPlace(store: 'server' | 'embedded' | null, keep: boolean): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'helix-soak-'))
  const guard = openGuard()
  guard.tell({ kind: 'directory', path: directory, keep })
  const drops: (() => Promise<void>)[] = []
  const databaseUrl = store === 'embedded' ? null : await serverOf(directory, store, guard.tell, drops)
  return {
    directory,
    databaseUrl,
    began: (pid) => guard.tell({ kind: 'began', pid }),
    close: async () => {
      if (!keep) for (const drop of drops) await drop()
      await guard.release()
    },
  }
}

async function serverOf(
  directory: string,
  store: 'server' | null,
  tell: ReturnType<typeof openGuard>['tell'],
  drops: (() => Promise<void>)[],
): Promise<string | null> {
  const given = process.env.HELIX_TEST_DATABASE_URL
  if (given !== undefined && given !== '') {
    const name = `soak_${process.pid}`
    await statement(given, `create database ${name}`)
    drops.push(() => statement(given, `drop database ${name} with (force)`))
    const url = new URL(given)
    url.pathname = `/${name}`
    return url.href
  }
  const [binaries, user] = [findPostgres(), serverUser()]
  if (binaries === null || user === null || process.platform === 'win32') {
    if (store === null) return null
    throw new Error('There is no server: it needs initdb and pg_ctl, and a user who may run them')
  }
  await chmod(directory, 0o711) // the server's user must get through to its own folder
  tell({ kind: 'cluster', binaries, user, data: dataOf(directory) })
  return (await openCluster({ binaries, user, directory, port: await freePort() })).url
}

async function statement(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text).finally(() => client.end())
}
