import { type OpenContender, STEP_RESULT, STEPS_PER_WORKFLOW } from '../contender.ts'
import { importPeer } from './import-peer.ts'

interface Dbos {
  readonly DBOS: {
    setConfig(config: object): void
    registerWorkflow(work: (id: number) => Promise<unknown>, options: object): (id: number) => Promise<unknown>
    runStep(work: () => Promise<unknown>, options: object): Promise<unknown>
    launch(): Promise<void>
    shutdown(): Promise<void>
  }
}

/** DBOS Transact: a workflow that runs four steps, called directly, which is its fastest way; its pool sized for the load. */
export const openDbos: OpenContender = async ({ url, peersDir }) => {
  const { DBOS } = await importPeer<Dbos>(peersDir, '@dbos-inc/dbos-sdk')
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, systemDatabasePoolSize: 20, logLevel: 'error' })
  const workflow = DBOS.registerWorkflow(
    async () => {
      for (let step = 1; step <= STEPS_PER_WORKFLOW; step += 1) {
        await DBOS.runStep(async () => STEP_RESULT, { name: `step_${step}` })
      }
      return STEP_RESULT
    },
    { name: 'four_steps' },
  )
  await DBOS.launch()
  let id = 0
  return {
    run: async () => {
      id += 1
      await workflow(id)
    },
    close: () => DBOS.shutdown(),
  }
}
