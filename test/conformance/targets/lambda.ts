import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SQSBatchResponse } from 'aws-lambda'
import { buildLambda } from '../../../infra/aws/build.ts'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import type { DeadLetter } from '../../../shared/platform/consume.ts'
import { deliverBatch } from '../../support/loopback-aws/event-source.ts'
import { type LoopbackAws, loopbackAws } from '../../support/loopback-aws/server.ts'
import type { OpenTarget, Target, World } from '../target.ts'
import { LambdaDriver } from './lambda-drive.ts'
import { Fleet } from './lambda-fleet.ts'
import { functionUrl } from './lambda-front.ts'
import type { SandboxOptions } from './lambda-sandbox.ts'

const ENTRY = fileURLToPath(new URL('../entries/lambda.ts', import.meta.url))
const NAMES = { queue: 'helix-steps', deadLetters: 'helix-dead-letters', bucket: 'helix-files' }
const TIMEOUT_MS = 900_000 // as in infra/aws/template.yaml
const VISIBILITY_SECONDS = 5_400
const RECEIVES_MAX = 100
const BATCH_MAX = 10
const CONCURRENCY_MAX = 6 // invocations of the event source mapping at once
const POLL_MS = 50
const WINDOW_MS = 400 // its batching window: what comes so soon after a message is delivered with it

/** The Lambdas of infra/aws/template.yaml as processes that speak Lambda's Runtime API, SQS and S3 on loopback. */
export const target: Target = {
  name: 'lambda',
  unavailable: async () => (process.platform === 'win32' ? 'Windows can not freeze a process' : null),
  open: openLambda,
}

/** An open target, and what only Lambda has. */
export interface OpenLambda extends OpenTarget {
  /** Sandboxes that work on messages and ticks. */
  readonly workers: Fleet
  readonly aws: LoopbackAws
}

/** Builds the bundle with the probes in it, and starts everything around it. */
export async function openLambda(world: World): Promise<OpenLambda> {
  const { file } = await buildLambda({ entry: ENTRY, outDir: join(world.scratch, 'lambda') })
  const driver: LambdaDriver = new LambdaDriver((event) => workers.call(event))
  const aws = await loopbackAws({
    clock: systemClock(),
    queues: {
      [NAMES.queue]: {
        visibilitySeconds: VISIBILITY_SECONDS,
        relay: driver.messages,
        deadLetters: { queue: NAMES.deadLetters, maxReceiveCount: RECEIVES_MAX },
      },
      [NAMES.deadLetters]: { relay: driver.letters },
    },
    buckets: [NAMES.bucket],
  })
  let printed = ''
  const options: Omit<SandboxOptions, 'handler'> = {
    root: dirname(file),
    env: settingsOf(world, aws),
    timeoutMs: TIMEOUT_MS,
    print: (text) => {
      printed += text
    },
  }
  const web = new Fleet({ ...options, handler: 'stream' })
  const workers = new Fleet({ ...options, handler: 'handler' })
  const front = await functionUrl((event) => web.invoke(event))
  const source = eventSource(aws, workers)
  return {
    url: front.url,
    workers,
    aws,
    lacks: {
      'free-later': 'SQS counts every receive',
      'many-runners': 'a sandbox lives for its invocations',
    },
    async fire(cron) {
      await workers.call({ cron }).catch(() => undefined) // AWS tries a failed tick again; what failed is in the log
    },
    deadLetters: async () => aws.letters(aws.queueUrl(NAMES.deadLetters)) as DeadLetter[],
    drive: (seed) => driver.drive(seed),
    output: () => printed,
    async [Symbol.asyncDispose]() {
      source.stop()
      await Promise.all([web.close(), workers.close()])
      await source.stopped
      await front[Symbol.asyncDispose]()
      await aws[Symbol.asyncDispose]()
    },
  }
}

/** Polls the queue as a Lambda event source mapping does, until it is stopped. */
function eventSource(aws: LoopbackAws, workers: Fleet): { stop(): void; stopped: Promise<void> } {
  const clock = systemClock()
  const stopping = new AbortController()
  const queueUrl = aws.queueUrl(NAMES.queue)
  const running = new Set<Promise<unknown>>()
  const invoke = async (event: unknown) => (await workers.call(event)) as SQSBatchResponse
  const poll = async () => {
    while (!stopping.signal.aborted) {
      const waiting = (aws.nextVisibleAt(queueUrl) ?? Number.POSITIVE_INFINITY) <= clock.now().getTime()
      if (waiting && running.size < CONCURRENCY_MAX) {
        await clock.sleep(WINDOW_MS, stopping.signal)
        const batch: Promise<unknown> = deliverBatch(aws, queueUrl, invoke, BATCH_MAX)
        running.add(batch)
        void batch.finally(() => running.delete(batch))
      }
      await clock.sleep(POLL_MS, stopping.signal)
    }
    await Promise.all(running)
  }
  return { stop: () => stopping.abort(), stopped: poll() }
}

function settingsOf(world: World, aws: LoopbackAws): Record<string, string> {
  const sources = Object.entries(world.sources).map(([name, url]) => [`HELIX_SOURCE_${name.toUpperCase()}_URL`, url])
  return {
    ...world.settings,
    ...Object.fromEntries(sources),
    DATABASE_URL: world.storeUrl,
    ...aws.environment(NAMES),
  }
}
