import * as z from 'zod'
import type { AwsCredentials } from './aws-sign.ts'
import { ConfigError } from './config.ts'

const text = z.string().trim().min(1)
const address = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
const queueAddress = address.refine((url) => !url.endsWith('.fifo'), 'must be a standard queue: FIFO has no delays')

const Environment = z.object({
  AWS_REGION: text.regex(/^[a-z0-9-]+$/, 'must be a region like eu-central-1'),
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_SESSION_TOKEN: text.optional(),
  HELIX_QUEUE_URL: queueAddress,
  HELIX_DEAD_LETTER_QUEUE_URL: queueAddress,
  HELIX_FILES_BUCKET: text.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket'),
  HELIX_FILES_PREFIX: text
    .regex(/^(?!\.{1,2}(\/|$))[\w.=-]+(\/(?!\.{1,2}(\/|$))[\w.=-]+)*\/?$/, 'must be a path like helix/production')
    .optional(),
  AWS_ENDPOINT_URL: address.optional(),
  AWS_ENDPOINT_URL_SQS: address.optional(),
  AWS_ENDPOINT_URL_S3: address.optional(),
})

/** What the AWS drivers need to know. */
export interface AwsConfig {
  readonly region: string
  readonly credentials: AwsCredentials
  readonly queueUrl: string
  readonly deadLetterQueueUrl: string
  readonly bucket: string
  /** Put before every key: empty, or with a slash at its end. */
  readonly prefix: string
  /** Where SQS answers. */
  readonly sqsEndpoint: string
  /** A service other than Amazon's own, which is asked for `/bucket/key`; null for Amazon S3. */
  readonly s3Endpoint: string | null
}

/**
 * Reads the AWS settings from an environment, under the names that AWS itself uses where it has one.
 * On Lambda the credentials are those of the function's role: they lie in the environment and a sandbox does not outlive
 * them, so that reading them once per cold start is enough.
 * @throws {ConfigError} naming every bad variable, and no values
 */
export function parseAwsConfig(env: Readonly<Record<string, unknown>>): AwsConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => {
        const variable = path.join('.')
        return `${variable}: ${variable in given ? message : 'is needed on AWS'}`
      }),
    )
  }
  const { data } = parsed
  const token = data.AWS_SESSION_TOKEN
  return {
    region: data.AWS_REGION,
    credentials: {
      accessKeyId: data.AWS_ACCESS_KEY_ID,
      secretAccessKey: data.AWS_SECRET_ACCESS_KEY,
      ...(token === undefined ? {} : { sessionToken: token }),
    },
    queueUrl: data.HELIX_QUEUE_URL,
    deadLetterQueueUrl: data.HELIX_DEAD_LETTER_QUEUE_URL,
    bucket: data.HELIX_FILES_BUCKET,
    prefix: data.HELIX_FILES_PREFIX === undefined ? '' : `${data.HELIX_FILES_PREFIX.replace(/\/$/, '')}/`,
    sqsEndpoint: data.AWS_ENDPOINT_URL_SQS ?? data.AWS_ENDPOINT_URL ?? new URL(data.HELIX_QUEUE_URL).origin,
    s3Endpoint: data.AWS_ENDPOINT_URL_S3 ?? data.AWS_ENDPOINT_URL ?? null,
  }
}
