import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda'

/** An HTTP event of payload format 2.0, as a function URL sends it. */
export function httpEvent(given: Partial<APIGatewayProxyEventV2> & { method?: string; stage?: string } = {}) {
  const { method = 'GET', stage = '$default', ...event } = given
  const rawPath = event.rawPath ?? '/'
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { host: 'helix.test', 'x-forwarded-proto': 'https' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'api.lambda-url.eu-central-1.on.aws',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request',
      routeKey: '$default',
      stage,
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
    isBase64Encoded: false,
    ...event,
  } satisfies APIGatewayProxyEventV2
}

/** An SQS event with these bodies, received for the first time. */
export function sqsEvent(...bodies: readonly unknown[]): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index + 1}`,
      receiptHandle: `receipt-${index + 1}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1767225600000',
        SenderId: 'AROAEXAMPLE',
        ApproximateFirstReceiveTimestamp: '1767225600000',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:helix-steps',
      awsRegion: 'eu-central-1',
    })),
  }
}

/** What EventBridge sends for a rule without an input of its own. */
export function ruleEvent(rule: string) {
  return {
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: '2026-01-01T00:00:00Z',
    region: 'eu-central-1',
    resources: [`arn:aws:events:eu-central-1:000000000000:rule/${rule}`],
    detail: {},
  }
}
