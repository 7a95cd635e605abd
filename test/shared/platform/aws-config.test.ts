import { expect, test } from 'vitest'
import { parseAwsConfig } from '../../../shared/platform/aws-config.ts'
import { ConfigError } from '../../../shared/platform/config.ts'

const ENVIRONMENT = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'a secret',
  HELIX_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/helix',
  HELIX_DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/helix-dead',
  HELIX_FILES_BUCKET: 'helix-files',
}

test('reads what Lambda and a deployment set, and asks SQS where its queues are', () => {
  expect(
    parseAwsConfig({ ...ENVIRONMENT, AWS_SESSION_TOKEN: 'a token', HELIX_FILES_PREFIX: 'helix/production/' }),
  ).toEqual({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret', sessionToken: 'a token' },
    queueUrl: ENVIRONMENT.HELIX_QUEUE_URL,
    deadLetterQueueUrl: ENVIRONMENT.HELIX_DEAD_LETTER_QUEUE_URL,
    bucket: 'helix-files',
    prefix: 'helix/production/',
    sqsEndpoint: 'https://sqs.eu-central-1.amazonaws.com',
    s3Endpoint: null,
  })
})

test('takes other endpoints under the names that the AWS SDKs read', () => {
  const AWS_ENDPOINT_URL = 'http://127.0.0.1:4566'
  expect(parseAwsConfig({ ...ENVIRONMENT, AWS_ENDPOINT_URL })).toMatchObject({
    sqsEndpoint: AWS_ENDPOINT_URL,
    s3Endpoint: AWS_ENDPOINT_URL,
    prefix: '',
  })
  const AWS_ENDPOINT_URL_S3 = 'https://storage.example.com'
  expect(parseAwsConfig({ ...ENVIRONMENT, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 })).toMatchObject({
    sqsEndpoint: AWS_ENDPOINT_URL,
    s3Endpoint: AWS_ENDPOINT_URL_S3,
  })
})

test('names every bad or missing variable at once, and no value', () => {
  const bad = {
    ...ENVIRONMENT,
    AWS_SECRET_ACCESS_KEY: '',
    HELIX_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/hidden.fifo',
    HELIX_FILES_BUCKET: 'Hidden Bucket',
    HELIX_FILES_PREFIX: '/hidden/../',
    AWS_ENDPOINT_URL_S3: 'ftp://hidden',
  }
  const refused = () => parseAwsConfig(bad)
  expect(refused).toThrow(ConfigError)
  expect(refused).toThrow(/AWS_SECRET_ACCESS_KEY: is needed on AWS/)
  for (const variable of ['HELIX_QUEUE_URL', 'HELIX_FILES_BUCKET', 'HELIX_FILES_PREFIX', 'AWS_ENDPOINT_URL_S3']) {
    expect(refused).toThrow(variable)
  }
  expect(refused).not.toThrow(/hidden/i)
})

test.each(['helix/..', '../helix', 'helix/./a', '/helix', 'helix//a', 'a b'])('refuses %j as a prefix', (prefix) => {
  expect(() => parseAwsConfig({ ...ENVIRONMENT, HELIX_FILES_PREFIX: prefix })).toThrow('HELIX_FILES_PREFIX')
})

test.each(['helix', 'helix/', 'helix/..a/b.c=d'])('takes %j as a prefix', (prefix) => {
  const { prefix: put } = parseAwsConfig({ ...ENVIRONMENT, HELIX_FILES_PREFIX: prefix })
  expect(put).toBe(prefix.endsWith('/') ? prefix : `${prefix}/`)
})
