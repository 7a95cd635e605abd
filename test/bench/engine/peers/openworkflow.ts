import { type OpenContender, STEP_RESULT, STEPS_PER_WORKFLOW } from '../contender.ts'
import { importPeer } from './import-peer.ts'
import { Waiting } from './waiting.ts'

interface Step {
  run(options: { name: string }, work: () => Promise<unknown>): Promise<unknown>
}

interface Worker {
  start(): Promise<void>
  stop(): Promise<void>
  tick(): Promise<number>
}

interface Client {
  defineWorkflow(
    spec: { name: string },
    work: (context: { input: { workflow: number }; step: Step }) => Promise<unknown>,
  ): { run(input: { workflow: number }): Promise<unknown> }
  newWorker(options: { concurrency: number }): Worker
}

interface Backend {
  stop(): Promise<void>
  completeWorkflowRun(params: object): Promise<{ input: { workflow: number } }>
}

interface OpenWorkflowPackage {
  readonly OpenWorkflow: new (options: { backend: Backend }) => Client
}

interface PostgresPackage {
  readonly BackendPostgres: { connect(url: string, options: object): Promise<Backend> }
}

/** OpenWorkflow: a workflow of four steps. An idle worker looks again after 0.1 to 1 s, so each request makes it look at once. */
export const openOpenWorkflow: OpenContender = async ({ url, peersDir, concurrency }) => {
  const { OpenWorkflow } = await importPeer<OpenWorkflowPackage>(peersDir, 'openworkflow')
  const { BackendPostgres } = await importPeer<PostgresPackage>(peersDir, 'openworkflow/postgres')
  const backend = await BackendPostgres.connect(url, { namespaceId: 'bench' })
  const waiting = new Waiting()
  const complete = backend.completeWorkflowRun.bind(backend)
  // Told when the completion is in the database.
  backend.completeWorkflowRun = async (params) => {
    const run = await complete(params)
    waiting.tell(run.input.workflow)
    return run
  }
  const client = new OpenWorkflow({ backend })
  const workflow = client.defineWorkflow({ name: 'four-steps' }, async ({ step }) => {
    for (let number = 1; number <= STEPS_PER_WORKFLOW; number += 1) {
      await step.run({ name: `step_${number}` }, async () => STEP_RESULT)
    }
    return STEP_RESULT
  })
  const worker = client.newWorker({ concurrency })
  let wanted = 0
  let looking = false
  const look = async () => {
    wanted += 1
    if (looking) return
    looking = true
    while (wanted > 0) {
      const claimed = await worker.tick()
      wanted -= claimed
      if (claimed === 0) await new Promise((done) => setTimeout(done, 1)) // all of its slots are busy
    }
    looking = false
  }
  return {
    run: () =>
      waiting.run(async (number) => {
        await workflow.run({ workflow: number })
        void look()
      }),
    async close() {
      await worker.stop()
      await backend.stop()
    },
  }
}
