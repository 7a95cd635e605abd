import type { ScheduledDefinition } from '../../scheduled/manifest.ts'
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
  type Template,
  tickOnce,
  when,
} from './resources.ts'
import { roles } from './roles.ts'

/** One Lambda for everything; with streaming, a second one of the same bundle answers HTTP. */
export function oneLambda(scheduled: readonly ScheduledDefinition[]): Template {
  const { Parameters, Conditions } = choices() as { Parameters: Template; Conditions: Template }
  const crons = [...new Set(scheduled.map(({ cron }) => cron))]
  const schedules = crons.map((cron, at) => [`Schedule${at + 1}`, schedule(cron, 'Helix', { cron })] as const)
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Helix: one Lambda for all functions',
    Parameters: {
      ...Parameters,
      Streaming: {
        Type: 'String',
        Default: 'on',
        AllowedValues: ['on', 'off'],
        Description:
          'on: answers leave while they are written (live events, files of any size). off: they leave whole, up to 6 MB',
      },
    },
    Conditions: { ...Conditions, Streams: { 'Fn::Equals': [ref('Streaming'), 'on'] } },
    Resources: {
      Helix: lambda({
        description: 'Helix: steps and schedules, and HTTP where it does not stream',
        handler: 'handler',
        seconds: STEP_SECONDS,
        role: 'StepsRole',
      }),
      HelixTicks: tickOnce('Helix'),
      Messages: eventSource('Helix'),
      ...Object.fromEntries(schedules),
      Stream: {
        ...lambda({ description: 'Helix: HTTP, streamed', handler: 'stream', seconds: STEP_SECONDS, role: 'WebRole' }),
        Condition: 'Streams',
      },
      ...url(),
      ...foundation(),
      ...roles(['Helix']),
      FailuresAlarm: failures('Helix'),
    },
    Outputs: {
      Url: { Description: 'Where Helix answers', Value: att('Url', 'FunctionUrl') },
      Queue: { Value: ref('Steps') },
      DeadLetterQueue: { Value: ref('DeadLetters') },
      Bucket: { Value: ref('Files') },
    },
  }
}

/** The function URL, and who may use it: with IAM those whose own policies say so, with keys everybody (Helix then asks). */
function url(): Record<string, Resource> {
  const target = { 'Fn::If': ['Streams', att('Stream', 'Arn'), att('Helix', 'Arn')] }
  return {
    Url: {
      Type: 'AWS::Lambda::Url',
      Properties: {
        TargetFunctionArn: target,
        AuthType: { 'Fn::If': ['ByKeys', 'NONE', 'AWS_IAM'] },
        InvokeMode: { 'Fn::If': ['Streams', 'RESPONSE_STREAM', 'BUFFERED'] },
      },
    },
    UrlForAll: {
      Type: 'AWS::Lambda::Permission',
      Condition: 'ByKeys',
      Properties: {
        FunctionName: target,
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        FunctionUrlAuthType: 'NONE',
      },
    },
    InvokeByUrlForAll: {
      Type: 'AWS::Lambda::Permission',
      Condition: 'ByKeys',
      Properties: {
        FunctionName: target,
        Action: 'lambda:InvokeFunction',
        Principal: '*',
        InvokedViaFunctionUrl: true,
      },
    },
  }
}

/** An alarm for a Lambda whose invocations fail again and again: single failures repair themselves. */
export function failures(name: string): Resource {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: 'Ticks or messages of Helix fail for a quarter of an hour',
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: ref(name) }],
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: when('Alarms', [ref('AlarmTopic')]),
    },
  }
}
