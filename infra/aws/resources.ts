import { eventBridgeCron } from './cron.ts'

/** A part of a CloudFormation template, with its functions in their long form. */
export type Template = Record<string, unknown>
export type Resource = { readonly Type: string; readonly [name: string]: unknown }

/** What a Lambda of Helix is set up with. */
export interface LambdaSettings {
  readonly description: string
  /** The exported handler of the bundle. */
  readonly handler: 'handler' | 'stream'
  readonly seconds: number
  readonly role: 'WebRole' | 'StepsRole'
  /** Functions of the manifest that it serves; all when absent. */
  readonly only?: readonly string[]
}

export const STEP_SECONDS = 900 // the longest that Lambda has
const RETENTION_SECONDS = 4 * 86_400
const LETTER_RETENTION_SECONDS = 14 * 86_400 // the longest that SQS has

/** A Lambda; the shared settings of all of them lie in parameters and in the secret. */
export function lambda({ description, handler, seconds, role, only }: LambdaSettings): Resource {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Description: description,
      Runtime: 'nodejs22.x',
      Architectures: ['arm64'],
      Handler: `lambda.${handler}`,
      Code: 'dist', // `aws cloudformation package` uploads this folder and puts its address here
      MemorySize: ref('Memory'),
      Timeout: seconds,
      Role: att(role, 'Arn'),
      Environment: { Variables: { ...variables(), ...(only === undefined ? {} : { HELIX_FUNCTION: only.join(',') }) } },
      LoggingConfig: { LogGroup: ref('Logs') },
      VpcConfig: when('InVpc', { SubnetIds: ref('SubnetIds'), SecurityGroupIds: ref('SecurityGroupIds') }),
    },
  }
}

function variables(): Template {
  return {
    // Since Node.js 20 Lambda's runtime brings Amazon's certificates along and does not load them: RDS is signed by these.
    NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
    DATABASE_URL: secret('DATABASE_URL'),
    HELIX_SOURCE_BUSINESS_URL: secret('HELIX_SOURCE_BUSINESS_URL'), // further sources: a line and a key each
    HELIX_SECRET_KEY: secret('HELIX_SECRET_KEY'),
    HELIX_AUTH: { 'Fn::If': ['ByKeys', 'keys', 'off'] },
    HELIX_API_KEYS: when('ByKeys', secret('HELIX_API_KEYS')),
    HELIX_QUEUE_URL: ref('Steps'),
    HELIX_DEAD_LETTER_QUEUE_URL: ref('DeadLetters'),
    HELIX_FILES_BUCKET: ref('Files'),
    HELIX_MAX_RUNNING_TASKS: ref('MaxRunningTasks'),
    HELIX_LANGUAGE: ref('Language'),
    HELIX_LOG_LEVEL: ref('LogLevel'),
    HELIX_EMBEDDING_BASE_URL: when('Embeds', ref('EmbeddingBaseUrl')),
    HELIX_EMBEDDING_MODEL: when('Embeds', ref('EmbeddingModel')),
    HELIX_EMBEDDING_API_KEY: when('Embeds', secret('HELIX_EMBEDDING_API_KEY')),
    HELIX_LLM_BASE_URL: when('Asks', ref('LlmBaseUrl')),
    HELIX_LLM_MODEL: when('Asks', ref('LlmModel')),
    HELIX_LLM_API_KEY: when('Asks', secret('HELIX_LLM_API_KEY')),
  }
}

/** Queues, bucket, log group, roles and the alarm: the same for every way of cutting Helix into Lambdas. */
export function foundation(): Record<string, Resource> {
  return {
    Steps: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        SqsManagedSseEnabled: true,
        // Six times the function's timeout, as AWS advises. Nobody waits for it: work that died is found by the sweep.
        VisibilityTimeout: 6 * STEP_SECONDS,
        MessageRetentionPeriod: RETENTION_SECONDS,
        // SQS counts a message that was told "later" as received. The consumer buries a failing one after five, with
        // the reason; this is for messages that kill it.
        RedrivePolicy: { deadLetterTargetArn: att('DeadLetters', 'Arn'), maxReceiveCount: 100 },
      },
    },
    DeadLetters: {
      Type: 'AWS::SQS::Queue',
      Properties: { SqsManagedSseEnabled: true, MessageRetentionPeriod: LETTER_RETENTION_SECONDS },
    },
    DeadLettersAlarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmDescription: 'A message of Helix could not be handled; its letter says why',
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: att('DeadLetters', 'QueueName') }],
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: when('Alarms', [ref('AlarmTopic')]),
      },
    },
    ...bucket(),
    Logs: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: sub(`/helix/\${AWS::StackName}`), RetentionInDays: ref('LogDays') },
    },
  }
}

function bucket(): Record<string, Resource> {
  return {
    Files: {
      Type: 'AWS::S3::Bucket',
      DeletionPolicy: 'Retain', // the files outlive the stack
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [
            {
              Id: 'abort-multipart-uploads',
              Status: 'Enabled',
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
      },
    },
    FilesOverTls: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: ref('Files'),
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: [att('Files', 'Arn'), sub(`\${Files.Arn}/*`)],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    },
  }
}

/** What delivers the queue's messages to a Lambda. */
export function eventSource(target: string): Resource {
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: att('Steps', 'Arn'),
      FunctionName: ref(target),
      BatchSize: 1, // a step may take the whole invocation
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: ref('MaxConcurrentSteps') },
    },
  }
}

/** A schedule of EventBridge that invokes a Lambda with an input of ours. */
export function schedule(cron: string, target: string, input: object): Resource {
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      ScheduleExpression: eventBridgeCron(cron),
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: att(target, 'Arn'),
        RoleArn: att('SchedulerRole', 'Arn'),
        Input: JSON.stringify(input),
        RetryPolicy: { MaximumRetryAttempts: 0 },
      },
    },
  }
}

/** A tick that failed is not repeated: the next one does the same work. */
export function tickOnce(target: string): Resource {
  return {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: ref(target),
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    },
  }
}

export function ref(name: string): Template {
  return { Ref: name }
}

export function att(name: string, attribute: string): Template {
  return { 'Fn::GetAtt': [name, attribute] }
}

export function sub(text: string): Template {
  return { 'Fn::Sub': text }
}

/** The value where the condition holds, and nothing at all where it does not. */
export function when(condition: string, value: unknown): Template {
  return { 'Fn::If': [condition, value, ref('AWS::NoValue')] }
}

/** A key of the one secret, put in by CloudFormation at deployment: no template and no parameter holds its value. */
function secret(key: string): Template {
  return sub(`{{resolve:secretsmanager:\${Secret}:SecretString:${key}}}`)
}
