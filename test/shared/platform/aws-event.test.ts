import { expect, test } from 'vitest'
import { eventOf } from '../../../shared/platform/aws-event.ts'
import { httpEvent, ruleEvent, sqsEvent } from '../../support/lambda-events.ts'

const http = httpEvent()
const { Records } = sqsEvent('{}')

test.each([
  ['takes a function URL for HTTP', http, { kind: 'http', event: http }],
  [
    'takes an HTTP API with a stage for HTTP',
    httpEvent({ stage: 'v1' }),
    { kind: 'http', event: httpEvent({ stage: 'v1' }) },
  ],
  ['takes records of SQS for messages', { Records }, { kind: 'messages', event: { Records } }],
  ['takes our own input for a tick of that expression', { cron: '* * * * *' }, { kind: 'cron', cron: '* * * * *' }],
  ['takes a name for a tick of that function', { scheduled: 'sweep' }, { kind: 'scheduled', name: 'sweep' }],
  [
    'takes an EventBridge rule for a tick that its name tells',
    ruleEvent('helix-sweep'),
    { kind: 'rule', rule: 'helix-sweep' },
  ],
  ['leaves the event bus out of a rule', ruleEvent('bus/helix-sweep'), { kind: 'rule', rule: 'helix-sweep' }],
])('%s', (_, event, expected) => {
  expect(eventOf(event)).toEqual(expected)
})

const of = (source: object) => ({ Records: [source] })

test.each([
  ['null', null, 'null'],
  ['nothing', undefined, 'undefined'],
  ['a text', 'secret', 'string'],
  ['a list', [{}], 'a list'],
  ['an empty object', {}, 'an empty object'],
  ['any other object, by its keys', { password: 'secret', b: 1 }, 'an object with password, b'],
  [
    'API Gateway of payload format 1.0',
    { version: '1.0', httpMethod: 'GET', path: '/', requestContext: {} },
    'payload format 1.0',
  ],
  [
    'API Gateway (REST)',
    { resource: '/', httpMethod: 'GET', path: '/', requestContext: { stage: 'v1' } },
    'payload format 1.0',
  ],
  ['a load balancer', { httpMethod: 'GET', path: '/', requestContext: { elb: {} } }, 'ALB'],
  ['a WebSocket', { requestContext: { connectionId: 'a', eventType: 'CONNECT' } }, 'WebSocket'],
  ['HTTP without a method', { version: '2.0', rawPath: '/', requestContext: { http: {} } }, 'an object with version'],
  ['records of S3', of({ eventSource: 'aws:s3', s3: {} }), 'Records of aws:s3'],
  ['records of SNS', of({ EventSource: 'aws:sns', Sns: {} }), 'Records of aws:sns'],
  ['records of DynamoDB', of({ eventSource: 'aws:dynamodb' }), 'Records of aws:dynamodb'],
  ['records of Kinesis', of({ eventSource: 'aws:kinesis' }), 'Records of aws:kinesis'],
  ['records of two services', { Records: [...Records, { eventSource: 'aws:s3' }] }, 'several kinds (aws:sqs, aws:s3)'],
  ['no records', { Records: [] }, 'empty'],
  ['records that are no list', { Records: 'secret' }, 'no list'],
  ['records that are no objects', { Records: [...Records, 'secret'] }, 'no list'],
  ['a message without a body', of({ eventSource: 'aws:sqs', messageId: 'a', receiptHandle: 'b' }), 'without messageId'],
  ['a tick with something beside it', { cron: '* * * * *', extra: 1 }, 'cron, extra'],
  ['a tick of an empty expression', { cron: '' }, 'an object with cron'],
  ['a tick that names two things', { cron: '* * * * *', scheduled: 'sweep' }, 'cron, scheduled'],
  ['a scheduled event of several rules', { ...ruleEvent('a'), resources: ['arn:rule/a', 'arn:rule/b'] }, 'one rule'],
  ['an event of another service', { ...ruleEvent('a'), source: 'aws.ec2' }, 'an object with version, id, detail-type'],
  ['a warming call of a plugin', { source: 'serverless-plugin-warmup' }, 'an object with source'],
])('refuses %s and names what it saw, without its values', (_, event, seen) => {
  const refused = () => eventOf(event)
  expect(refused).toThrow(seen)
  expect(refused).not.toThrow('secret')
})
