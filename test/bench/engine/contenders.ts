import type { OpenContender } from './contender.ts'

/** Everything that can be measured, by its name; loaded only where it is measured. */
export const CONTENDERS: Readonly<Record<string, OpenContender>> = {
  helix: async (options) => (await import('./helix.ts')).openHelix(options),
  'helix with files': async (options) => (await import('./helix.ts')).openHelixWithFiles(options),
  dbos: async (options) => (await import('./peers/dbos.ts')).openDbos(options),
  'pg-boss': async (options) => (await import('./peers/pg-boss.ts')).openPgBoss(options),
  'pg-boss in batches': async (options) => (await import('./peers/pg-boss.ts')).openPgBossInBatches(options),
  'graphile-worker': async (options) => (await import('./peers/graphile-worker.ts')).openGraphileWorker(options),
  openworkflow: async (options) => (await import('./peers/openworkflow.ts')).openOpenWorkflow(options),
}
