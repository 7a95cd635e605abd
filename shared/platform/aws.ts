import type { Context } from 'aws-lambda'
import { type AwsConfig, parseAwsConfig } from './aws-config.ts'
import { s3Files } from './aws-files.ts'
import { type WarmPool, warmPool } from './aws-pool.ts'
import { type SqsQueues, sqsQueues } from './aws-sqs.ts'
import { type CloudParts, cloudClock, cloudRandom, type OpenPlatform, openCloudPlatform } from './cloud.ts'
import { type Config, ConfigError, parseConfig } from './config.ts'
import type { Mail } from './mail.ts'
import { type RequestFigures, requestFigures } from './request-figures.ts'
import type { Sandbox } from './sandbox.ts'

/** What one sandbox of a Lambda keeps from each invocation for the next. */
export interface AwsSandbox {
  readonly config: Config
  readonly aws: AwsConfig
  readonly sqs: SqsQueues
  readonly store: WarmPool
  readonly requests: RequestFigures
}

export interface AwsInvocation {
  readonly context: Pick<Context, 'getRemainingTimeInMillis'>
  readonly dispatch: CloudParts['dispatch']
  readonly sandbox: Sandbox
  readonly mail?: Mail | null
  /** How long this kind of invocation may take, where that is less than what Lambda allows it. */
  readonly limitMs?: number
}

const DEADLINE_MARGIN_MS = 2_000 // to write the answer and the last log lines before the sandbox is killed

/**
 * Opens what outlives an invocation.
 * @throws {ConfigError} naming every bad variable
 */
export function openAwsSandbox(env: Readonly<Record<string, unknown>>): AwsSandbox {
  const config = parseConfig(env, 'cloud')
  if (config.DATABASE_URL === undefined) throw new ConfigError(['DATABASE_URL: is needed on AWS'])
  const aws = parseAwsConfig(env)
  const clock = cloudClock(config)
  return {
    config,
    aws,
    sqs: sqsQueues({ config: aws, clock, random: cloudRandom }),
    store: warmPool(config.DATABASE_URL, clock),
    requests: requestFigures(0),
  }
}

/** A platform for one invocation. It is settled but not closed: the connection to the store stays with the sandbox. */
export async function openAwsPlatform(
  { config, aws, sqs, store, requests }: AwsSandbox,
  { context, dispatch, sandbox, mail = null, limitMs = Number.POSITIVE_INFINITY }: AwsInvocation,
): Promise<OpenPlatform> {
  const clock = cloudClock(config)
  const leftMs = Math.min(context.getRemainingTimeInMillis() - DEADLINE_MARGIN_MS, limitMs)
  await store.revive()
  return openCloudPlatform({
    cloud: 'aws',
    config,
    pool: store.pool,
    files: s3Files(aws, clock, cloudRandom),
    queue: sqs.queue,
    dispatch,
    sandbox,
    mail,
    requests,
    keepAlive: () => undefined, // whoever opened this waits until it has settled
    deadline: new Date(clock.now().getTime() + leftMs),
  })
}
