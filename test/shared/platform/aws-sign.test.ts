import { describe, expect, test } from 'vitest'
import { type SignableRequest, signRequest } from '../../../shared/platform/aws-sign.ts'

/** The keys that AWS uses in its documents. */
const SUITE_KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const S3_KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const SUITE_SCOPE = { region: 'us-east-1', service: 'service', now: new Date('2015-08-30T12:36:00Z') }
const S3_SCOPE = { region: 'us-east-1', service: 's3', now: new Date('2013-05-24T00:00:00Z') }

const request = (
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: string,
): SignableRequest => ({
  method,
  url: new URL(url),
  headers,
  ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
})
const example = (target: string) => `https://example.amazonaws.com${target}`
const bucket = (target: string) => `https://examplebucket.s3.amazonaws.com${target}`
const UNRESERVED = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

describe('a signature is the one that AWS publishes in its Signature Version 4 test suite for', () => {
  test.each([
    ['get-vanilla', request('GET', example('/')), '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', request('POST', example('/')), '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-unreserved',
      request('GET', example(`/${UNRESERVED}`)),
      '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
    ],
    [
      'get-vanilla-query-order-key-case',
      request('GET', example('/?Param2=value2&Param1=value1')),
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-query-order-value',
      request('GET', example('/?Param1=value2&Param1=value1')),
      '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
    ],
    [
      'get-vanilla-query-unreserved',
      request('GET', example(`/?${UNRESERVED}=${UNRESERVED}`)),
      '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
    ],
    [
      'get-vanilla-utf8-query',
      request('GET', example('/?ሴ=bar')),
      '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    ],
    [
      'get-header-value-trim',
      request('GET', example('/'), { 'My-Header1': ' value1', 'My-Header2': '"a   b   c"' }),
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
    [
      'post-x-www-form-urlencoded',
      request('POST', example('/'), FORM, 'Param1=value1'),
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ])('%s', async (_, signable, signature) => {
    const { authorization } = await signRequest(signable, SUITE_KEYS, SUITE_SCOPE)
    expect(authorization).toContain('Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ')
    expect(authorization?.split('Signature=')[1]).toBe(signature)
  })
})

describe('a signature is the one that the S3 API Reference gives for its example', () => {
  test.each([
    [
      'GET Object with a range',
      request('GET', bucket('/test.txt'), { Range: 'bytes=0-9' }),
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT Object',
      request(
        'PUT',
        bucket('/test$file.text'),
        { Date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
        'Welcome to Amazon S3.',
      ),
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GET Bucket Lifecycle',
      request('GET', bucket('/?lifecycle')),
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'GET Bucket (List Objects)',
      request('GET', bucket('/?max-keys=2&prefix=J')),
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('%s', async (_, signable, signature) => {
    const headers = await signRequest(signable, S3_KEYS, S3_SCOPE)
    expect(headers.authorization?.split('Signature=')[1]).toBe(signature)
    expect(headers['x-amz-date']).toBe('20130524T000000Z')
  })
})

test('a session token is sent, and signed with the rest', async () => {
  const token = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267'
  const headers = await signRequest(request('GET', example('/')), { ...SUITE_KEYS, sessionToken: token }, SUITE_SCOPE)
  expect(headers['x-amz-security-token']).toBe(token)
  expect(headers.authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      'SignedHeaders=host;x-amz-date;x-amz-security-token, ' +
      'Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
  )
})
