import { ref, type Template } from './resources.ts'

/** What an operator chooses, and what follows from it. No parameter holds a secret. */
export function choices(): Template {
  return {
    Parameters: {
      Secret: text(
        'helix',
        'Name or ARN of the secret in Secrets Manager that holds the keys of infra/aws/secret.json',
      ),
      Access: {
        ...text(
          'iam',
          'Who may call: `iam` takes signed requests of this account, `keys` anybody with a key of HELIX_API_KEYS',
        ),
        AllowedValues: ['iam', 'keys'],
      },
      SubnetIds: {
        Type: 'CommaDelimitedList',
        Default: '',
        Description: 'Private subnets from which the database is reached; empty for none',
      },
      SecurityGroupIds: { Type: 'CommaDelimitedList', Default: '', Description: 'Security groups in that network' },
      EmbeddingBaseUrl: text('', 'An OpenAI-compatible endpoint, which training_load needs'),
      EmbeddingModel: text('text-embedding-3-small', 'The model to ask for'),
      LlmBaseUrl: text('', 'An OpenAI-compatible endpoint; empty for the built-in generator'),
      LlmModel: text('', 'The model to ask for'),
      Language: { ...text('auto', 'The language of documents and questions'), AllowedValues: ['auto', 'zh', 'en'] },
      Memory: number(1024, 'Megabytes of each Lambda; its share of a CPU grows with them', 256, 10_240),
      MaxRunningTasks: number(4, 'Tasks that run at once', 1, 1_000),
      MaxConcurrentSteps: number(8, 'Messages worked on at once, each with one connection to the store', 2, 1_000),
      LogDays: {
        Type: 'Number',
        Default: 30,
        AllowedValues: [1, 3, 7, 14, 30, 60, 90, 180, 365],
        Description: 'Days that log lines are kept',
      },
      LogLevel: {
        ...text('info', 'The least level that is logged'),
        AllowedValues: ['debug', 'info', 'warning', 'error'],
      },
      AlarmTopic: text('', 'ARN of an SNS topic that is told of dead letters and failed ticks'),
    },
    Conditions: {
      ByKeys: { 'Fn::Equals': [ref('Access'), 'keys'] },
      InVpc: given({ 'Fn::Join': ['', ref('SubnetIds')] }),
      Embeds: given(ref('EmbeddingBaseUrl')),
      Asks: given(ref('LlmBaseUrl')),
      Alarms: given(ref('AlarmTopic')),
    },
  }
}

/** The condition that something is not empty. */
function given(value: Template): Template {
  return { 'Fn::Not': [{ 'Fn::Equals': [value, ''] }] }
}

function text(fallback: string, description: string): Template {
  return { Type: 'String', Default: fallback, Description: description }
}

function number(fallback: number, description: string, min: number, max: number): Template {
  return { Type: 'Number', Default: fallback, MinValue: min, MaxValue: max, Description: description }
}
