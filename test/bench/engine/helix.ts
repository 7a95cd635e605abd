import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { FUNCTIONS, type FunctionDefinition } from '../../../functions/manifest.ts'
import { openTriggers } from '../../../functions/triggers.ts'
import { lineWriter } from '../../../local/drivers/line-writer.ts'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import { systemRandom } from '../../../local/drivers/system-random.ts'
import { openBroker } from '../../../local/queue/broker.ts'
import { startConsumer } from '../../../local/queue/consumer.ts'
import { openLocalPlatform } from '../../../local/runner/open-platform.ts'
import { StepRoom } from '../../../local/runner/step-room.ts'
import { PIPELINE, STEPS, type StepName } from '../../../shared/engine/pipeline.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { stepFunction } from '../../../shared/engine/step-function.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import { jsonLinesLog, type Log } from '../../../shared/platform/log.ts'
import type { Platform } from '../../../shared/platform/platform.ts'
import { type Contender, type ContenderOptions, STEP_RESULT } from './contender.ts'
import { oneTableSources } from './one-table-source.ts'

const AT_ONCE_MAX = 1_000 // the schedule is no limit here: the closed loop is

const TEXT = 'One line of a small file that a step writes.\n'.repeat(8)

/** What a step does to the engine, whatever it works on: two log lines, an item with its checkpoint, an answer. */
export function smallWork(step: StepName): StepWork {
  return stepWork(step, false, () => undefined)
}

/** The same, and a file with its record. */
export function fileWork(step: StepName, begun: () => void = () => undefined): StepWork {
  return stepWork(step, true, begun)
}

function stepWork(step: StepName, file: boolean, begun: () => void): StepWork {
  const name = `${step}.txt`
  return async (context) => {
    begun()
    context.log('INFO', { zh: `开始处理：${step}`, en: `Working on the only item of ${step}` }, { items: 1 })
    await context.forEachItem(
      [step],
      (item) => item,
      async () => ({ rows: 17, rowsExact: true }),
    )
    if (file) await context.writeFile(name, TEXT, { type: 'txt', description: 'What the step wrote' })
    context.log('INFO', { zh: `已处理：${step}`, en: `The only item of ${step} is done` }, { items: 1 })
    return { result: STEP_RESULT, required: file ? [name] : [] }
  }
}

export interface HelixContender extends Contender {
  readonly platform: Platform
  /** Asks for one workflow. @returns its task's id, when the answer has come */
  accept(): Promise<string>
  /** Resolves when the log tells that the task is over. @throws unless it completed */
  finished(taskId: string): Promise<void>
}

/** Helix as it runs in production, its HTTP function called without a socket; only the business database is a stand-in. */
export async function openHelix(
  { url, directory }: Pick<ContenderOptions, 'url' | 'directory'>,
  work: (step: StepName) => StepWork = smallWork,
): Promise<HelixContender> {
  const config = parseConfig({
    DATABASE_URL: url,
    HELIX_DATA_DIR: directory,
    HELIX_FILES_ROOT: join(directory, 'files'),
    HELIX_SOURCE_BENCH_URL: 'postgres://127.0.0.1/bench',
    HELIX_CONCURRENCY_MODE: 'parallel',
    HELIX_MAX_RUNNING_TASKS: String(AT_ONCE_MAX),
    HELIX_STEPS_PER_RUNNER: String(AT_ONCE_MAX),
  })
  const clock = systemClock(undefined)
  const endings = new Endings()
  const logFile = openSync(join(directory, 'runner.log'), 'a')
  const lines = jsonLinesLog({
    now: clock.now,
    level: config.HELIX_LOG_LEVEL,
    write: lineWriter((text) => writeSync(logFile, text)), // as a runner writes to its standard output
  })
  const log: Log = (event, fields) => {
    lines(event, fields)
    if (event === 'task.finished') endings.tell(String(fields?.taskId), String(fields?.status))
  }
  const steps: FunctionDefinition[] = STEPS.map((step) => ({
    name: PIPELINE[step].function,
    trigger: 'queue',
    app: stepFunction(step, work(step)),
  }))
  getRequestListener(() => new Response()) // gives the process the Request and the Response that a runner has
  const triggers = openTriggers([...FUNCTIONS.filter(({ trigger }) => trigger === 'http'), ...steps], [])
  const room = new StepRoom(config.HELIX_STEPS_PER_RUNNER)
  const queue = openBroker({ clock, random: systemRandom, log })
  const options = { config, clock, log, workerId: 'bench:1', queue, triggers, room, steps: true }
  const local = await openLocalPlatform(options)
  const consumer = startConsumer({ broker: queue, platform: local.platform, concurrency: AT_ONCE_MAX })
  const platform: Platform = { ...local.platform, sources: oneTableSources('bench') }
  const accept = async () => {
    const request = new Request('http://helix/api/v0/data_pipeline/tasks/execute-complete', REQUEST)
    const response = await triggers.fetch(platform, request)
    const answer = (await response.json()) as { data?: { task_id: string } }
    if (answer.data === undefined) throw new Error(`The task was not started: ${JSON.stringify(answer)}`)
    return answer.data.task_id
  }
  return {
    platform,
    accept,
    finished: (taskId) => endings.of(taskId),
    run: async () => endings.of(await accept()),
    async close() {
      await consumer.stop()
      await queue.stop()
      await local.deferred.idle()
      await local.close()
      await turn() // the writer has what was said of the last workflow
      closeSync(logFile)
    },
  }
}

/** Each step writes a file as well. */
export const openHelixWithFiles = (options: ContenderOptions) => openHelix(options, fileWork)

const BODY = JSON.stringify({ db_name: 'bench', language: 'en', business_context: 'A bench' })

const REQUEST = {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'content-length': String(BODY.length) }, // as any client sends them
  body: BODY,
}

/** Tasks that are over, also those that end before their request is answered. */
class Endings {
  readonly #told = new Map<string, string>()
  readonly #waiting = new Map<string, (status: string) => void>()

  tell(taskId: string, status: string): void {
    const waiting = this.#waiting.get(taskId)
    this.#waiting.delete(taskId)
    if (waiting === undefined) this.#told.set(taskId, status)
    else waiting(status)
  }

  async of(taskId: string): Promise<void> {
    const told = this.#told.get(taskId)
    this.#told.delete(taskId)
    const status = told ?? (await new Promise<string>((resolve) => this.#waiting.set(taskId, resolve)))
    if (status !== 'completed') throw new Error(`${taskId} ended as ${status}`)
  }
}
