import { expect, test } from 'vitest'
import { bucketUrl } from '../../../shared/platform/aws-s3.ts'

test.each([
  ['Amazon for a host of the bucket', 'helix', 'eu-central-1', null, 'https://helix.s3.eu-central-1.amazonaws.com/'],
  ['Amazon in China at its own domain', 'helix', 'cn-north-1', null, 'https://helix.s3.cn-north-1.amazonaws.com.cn/'],
  ['a bucket with dots by its path', 'my.helix', 'us-east-1', null, 'https://s3.us-east-1.amazonaws.com/my.helix/'],
  ['another service for a path', 'helix', 'us-east-1', 'http://127.0.0.1:9000/', 'http://127.0.0.1:9000/helix/'],
])('asks %s', (_, bucket, region, s3Endpoint, url) => {
  expect(bucketUrl({ bucket, region, s3Endpoint })).toBe(url)
})
