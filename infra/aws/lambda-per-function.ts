import type { FunctionDefinition } from '../../functions/manifest.ts'
import type { ScheduledDefinition } from '../../scheduled/manifest.ts'
import { failures } from './one-lambda.ts'
import { choices } from './parameters.ts'
import {
  att,
  eventSource,
  foundation,
  lambda,
  type Resource,
  ref,
  STEP_SECONDS,
  schedule,
  sub,
  type Template,
  tickOnce,
} from './resources.ts'
import { roles } from './roles.ts'
import { routesOf } from './routes.ts'

const HTTP_SECONDS = 30 // an HTTP API waits no longer
const TICK_SECONDS = 300
const NOT_FOUND = 'home' // answers what no route leads to, as a problem like any other

/**
 * A Lambda for each HTTP function and each scheduled one, behind an HTTP API. The queue functions share one Lambda and
 * one queue: a step hands over to the next in its own process, and SQS deletes what an event filter leaves out.
 */
export function lambdaPerFunction(
  functions: readonly FunctionDefinition[],
  scheduled: readonly ScheduledDefinition[],
): Template {
  const http = functions.filter(({ trigger }) => trigger === 'http')
  const steps = functions.filter(({ trigger }) => trigger === 'queue').map(({ name }) => name)
  const ticks = scheduled.map(({ name }) => `${idOf(name)}Tick`)
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Helix: one Lambda per function',
    ...choices(),
    Resources: {
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: { Name: sub(`\${AWS::StackName}`), ProtocolType: 'HTTP' },
      },
      ApiStage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: ref('Api'), StageName: '$default', AutoDeploy: true },
      },
      ...Object.assign({}, ...http.map(httpFunction)),
      DefaultRoute: route('$default', `${idOf(NOT_FOUND)}Integration`),
      StepsLambda: lambda({
        description: 'Helix: the steps of a workflow',
        handler: 'handler',
        seconds: STEP_SECONDS,
        role: 'StepsRole',
        only: steps,
      }),
      Messages: eventSource('StepsLambda'),
      StepsFailuresAlarm: failures('StepsLambda'),
      ...Object.assign({}, ...scheduled.map(scheduledFunction)),
      ...foundation(),
      ...roles(ticks),
    },
    Outputs: {
      Url: { Description: 'Where Helix answers', Value: att('Api', 'ApiEndpoint') },
      Queue: { Value: ref('Steps') },
      DeadLetterQueue: { Value: ref('DeadLetters') },
      Bucket: { Value: ref('Files') },
    },
  }
}

function httpFunction(definition: FunctionDefinition): Record<string, Resource> {
  const { name } = definition
  const id = idOf(name)
  const routes = routesOf(definition).map((key, at) => [`${id}Route${at + 1}`, route(key, `${id}Integration`)] as const)
  return {
    [id]: lambda({
      description: `Helix: ${name}`,
      handler: 'handler',
      seconds: HTTP_SECONDS,
      role: 'WebRole',
      only: [name],
    }),
    [`${id}Integration`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: ref('Api'),
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: att(id, 'Arn'),
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: HTTP_SECONDS * 1_000,
      },
    },
    [`${id}Permission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: ref(id),
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: sub(`arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/*`),
      },
    },
    ...Object.fromEntries(routes),
  }
}

function route(key: string, integration: string): Resource {
  return {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: ref('Api'),
      RouteKey: key,
      Target: sub(`integrations/\${${integration}}`),
      AuthorizationType: { 'Fn::If': ['ByKeys', 'NONE', 'AWS_IAM'] },
    },
  }
}

function scheduledFunction({ name, cron }: ScheduledDefinition): Record<string, Resource> {
  const id = `${idOf(name)}Tick`
  return {
    [id]: lambda({
      description: `Helix: ${name}`,
      handler: 'handler',
      seconds: TICK_SECONDS,
      role: 'WebRole',
      only: [name],
    }),
    [`${id}Schedule`]: schedule(cron, id, { scheduled: name }),
    [`${id}Once`]: tickOnce(id),
    [`${id}FailuresAlarm`]: failures(id),
  }
}

/** `create-task` as CloudFormation wants a name: `CreateTask`. */
function idOf(name: string): string {
  return name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
}
