import { type AwsAnswer, type AwsRequest, awsClient } from './aws-client.ts'
import type { AwsConfig } from './aws-config.ts'
import { uriEncode } from './aws-sign.ts'
import { readXml, type XmlElement } from './aws-xml.ts'
import type { Clock } from './clock.ts'
import { Problem } from './problems.ts'
import type { Random } from './random.ts'

/** One request to a bucket. */
export interface S3Request
  extends Pick<AwsRequest, 'action' | 'method' | 'headers' | 'body' | 'accepts' | 'mayFailLate'> {
  /** Below the prefix; the bucket itself when absent. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
}

/** A bucket over S3's REST interface, and the place in it where the files lie. */
export interface S3Bucket {
  readonly config: AwsConfig
  readonly random: Random
  /** @throws {Problem} `files_unavailable` */
  send(request: S3Request): Promise<AwsAnswer>
}

/** Opens a bucket; nothing is sent yet. */
export function s3Bucket(config: AwsConfig, clock: Clock, random: Random): S3Bucket {
  const { region, credentials, prefix } = config
  const client = awsClient({ service: 's3', region, credentials, clock, random })
  const base = bucketUrl(config)
  return {
    config,
    random,
    send: ({ key, query = {}, ...request }) => {
      const path = key === undefined ? '' : `${prefix}${key}`.split('/').map(uriEncode).join('/')
      const url = new URL(base + path)
      url.search = Object.entries(query)
        .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
        .join('&')
      return client.send({ ...request, url })
    },
  }
}

/** An answer's XML. @throws {Problem} `files_unavailable` when it is none */
export async function xmlOf(action: string, response: Response): Promise<XmlElement> {
  try {
    return readXml(await response.text())
  } catch (cause) {
    throw new Problem('files_unavailable', `${action}: the answer is not the XML of S3`, { cause })
  }
}

/** Amazon wants the bucket in the name of the host, other services in the path; so does a bucket with dots, for TLS. */
export function bucketUrl({ s3Endpoint, bucket, region }: Pick<AwsConfig, 's3Endpoint' | 'bucket' | 'region'>): string {
  if (s3Endpoint !== null) return `${s3Endpoint.replace(/\/$/, '')}/${bucket}/`
  const host = `s3.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
  return bucket.includes('.') ? `https://${host}/${bucket}/` : `https://${bucket}.${host}/`
}
