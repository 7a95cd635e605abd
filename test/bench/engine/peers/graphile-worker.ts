import { EventEmitter } from 'node:events'
import { type OpenContender, STEPS_PER_WORKFLOW } from '../contender.ts'
import { importPeer } from './import-peer.ts'
import { Waiting } from './waiting.ts'

interface Payload {
  readonly workflow: number
}
type AddJob = (name: string, payload: Payload) => Promise<unknown>
type Task = (payload: Payload, helpers: { addJob: AddJob }) => Promise<void>

interface GraphileWorker {
  run(options: object): Promise<{ stop(): Promise<void>; addJob: AddJob }>
  readonly Logger: new (factory: () => () => void) => unknown
}

const nameOf = (step: number) => `step_${step}`

/** Graphile Worker: each job adds the next. Tuned as its page on performance says: a local queue, completions in batches. */
export const openGraphileWorker: OpenContender = async ({ url, peersDir, concurrency }) => {
  const { run, Logger } = await importPeer<GraphileWorker>(peersDir, 'graphile-worker')
  const waiting = new Waiting()
  const events = new EventEmitter()
  const last = nameOf(STEPS_PER_WORKFLOW)
  // Told when the completion is in the database.
  events.on('job:complete', ({ job }: { job: { task_identifier: string; payload: Payload } }) => {
    if (job.task_identifier === last) waiting.tell(job.payload.workflow)
  })
  const taskList: Record<string, Task> = {}
  for (let step = 1; step <= STEPS_PER_WORKFLOW; step += 1) {
    taskList[nameOf(step)] = async (payload, { addJob }) => {
      if (step < STEPS_PER_WORKFLOW) await addJob(nameOf(step + 1), payload)
    }
  }
  const runner = await run({
    connectionString: url,
    concurrency,
    maxPoolSize: 20,
    noHandleSignals: true,
    taskList,
    events,
    logger: new Logger(() => () => undefined),
    preset: {
      worker: concurrency === 1 ? {} : { localQueue: { size: concurrency + 1 }, completeJobBatchDelay: 0 },
    },
  })
  return {
    run: () => waiting.run((workflow) => runner.addJob(nameOf(1), { workflow })),
    close: () => runner.stop(),
  }
}
