import { att, type Resource, ref, sub, type Template, when } from './resources.ts'

/** Who may do what: web functions send messages and use files, steps also receive, the scheduler only invokes. */
export function roles(scheduledLambdas: readonly string[]): Record<string, Resource> {
  return {
    WebRole: lambdaRole([]),
    StepsRole: lambdaRole([
      {
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
        Resource: att('Steps', 'Arn'),
      },
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att('DeadLetters', 'Arn') },
    ]),
    SchedulerRole: role('scheduler.amazonaws.com', [
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: scheduledLambdas.map((name) => att(name, 'Arn')) },
    ]),
  }
}

function lambdaRole(more: readonly Template[]): Resource {
  const statements: Template[] = [
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: att('Logs', 'Arn') },
    { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att('Steps', 'Arn') },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: att('Files', 'Arn') },
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      Resource: sub(`\${Files.Arn}/*`),
    },
    ...more,
  ]
  const network = sub(`arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess`)
  return role('lambda.amazonaws.com', statements, when('InVpc', [network]))
}

function role(service: string, statements: readonly Template[], managed?: Template): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: service },
            Action: 'sts:AssumeRole',
            ...(service.startsWith('scheduler') ? { Condition: ownAccount() } : {}),
          },
        ],
      },
      Policies: [{ PolicyName: 'helix', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
      ...(managed === undefined ? {} : { ManagedPolicyArns: managed }),
    },
  }
}

/** So that nobody else's schedule can borrow the role. */
function ownAccount(): Template {
  return { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } }
}
