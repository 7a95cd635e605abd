import { createHash } from 'node:crypto'
import { FUNCTIONS } from '../../functions/manifest.ts'
import { openTriggers } from '../../functions/triggers.ts'
import { MIGRATIONS_DIR } from '../../local/drivers/migrate.ts'
import { SCHEDULED } from '../../scheduled/manifest.ts'
import { readCatalog } from '../../shared/dataset/catalog/read-catalog.ts'
import { parseConfig } from '../../shared/platform/config.ts'
import type { Source } from '../../shared/platform/source.ts'
import type { Strike } from './faults.ts'
import { flowFunction } from './flow.ts'
import type { Stage, World } from './model.ts'
import type { Plan } from './plan.ts'
import { migrateSync, SyncPostgres } from './sync-postgres.ts'
import { emptyTables, watchTables } from './watched-tables.ts'
import { simulatedSteps } from './work.ts'
import { type FaultSteps, SimulatedWorld } from './world.ts'

/** Runs worlds, one after the other, in this process. */
export interface Theatre {
  play(plan: Plan, options?: { faultSteps?: FaultSteps; trace?: boolean; strike?: Strike }): Promise<SimulatedWorld>
  close(): Promise<void>
}

/**
 * @param given a Postgres that others have used before; opened when absent, which takes some seconds
 * @param change what is made of a migration's text before it is applied
 */
export async function openTheatre(
  given?: SyncPostgres,
  change: (text: string, path: string) => string = (text) => text,
): Promise<Theatre> {
  hashAtOnce()
  const postgres = given ?? (await SyncPostgres.open())
  postgres.reset()
  postgres.script('create schema shop; create table shop.orders (id integer primary key, amount numeric)')
  const source = rememberingSource(postgres)
  await readCatalog(source)
  migrateSync(postgres, MIGRATIONS_DIR, change)
  watchTables(postgres)
  let playing: World | null = null
  const current = (): World => {
    if (playing === null) throw new Error('No world is being played')
    return playing
  }
  const served = [...FUNCTIONS.filter(({ trigger }) => trigger === 'http'), flowFunction(current)]
  const functions = [...served, ...simulatedSteps(current)]
  const stage: Stage = { postgres, source, triggers: openTriggers(functions, SCHEDULED) }
  return {
    async play(plan, options = {}) {
      emptyTables(postgres)
      postgres.forget()
      const world = new SimulatedWorld(stage, plan, configOf(plan), options)
      playing = world
      await world.run()
      world.rollBack()
      for (const runner of world.runners) for (const invocation of runner.invocations) invocation.alive = false
      return world
    },
    close: () => postgres.close(),
  }
}

function configOf(plan: Plan) {
  return parseConfig({
    HELIX_CONCURRENCY_MODE: plan.mode,
    HELIX_MAX_RUNNING_TASKS: String(plan.runningMax),
    HELIX_STEPS_PER_RUNNER: String(plan.stepsPerRunner),
    HELIX_SLICE_SECONDS: String(plan.sliceSeconds),
    HELIX_LANGUAGE: 'en',
  })
}

/** Digests without a thread: whoever waits for one must not depend on when a thread is done. */
function hashAtOnce(): void {
  const digest = async (algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer> => {
    const name = (typeof algorithm === 'string' ? algorithm : algorithm.name).replace('-', '').toLowerCase()
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data)
    return new Uint8Array(createHash(name).update(bytes).digest()).buffer
  }
  Object.defineProperty(crypto.subtle, 'digest', { value: digest, configurable: true })
}

/** A business database of one table, asked once: its catalog never changes. */
function rememberingSource(postgres: SyncPostgres): Source {
  const known = new Map<string, Awaited<ReturnType<SyncPostgres['query']>>>()
  const query = async (text: string, values: readonly unknown[] = []) => {
    // The comment at a statement's end says which call it is for: another one each time, and the same answer.
    const statement = text.replace(/ \/\*[^*]*\*\/$/, '')
    const key = JSON.stringify([statement, values])
    const answer = known.get(key) ?? postgres.query(statement, values)
    known.set(key, answer)
    return answer as never
  }
  return {
    name: 'shop',
    database: 'shop',
    stopsStatements: true,
    readOnly: (work) => work({ query }),
    read: async () => ({ columns: [], rows: [], truncated: false }),
    explain: async () => ({ cost: 0, rows: 0 }),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
